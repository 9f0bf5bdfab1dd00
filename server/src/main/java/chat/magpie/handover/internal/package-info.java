/// The desk's tables, its routing and its briefings.
@NullMarked
package chat.magpie.handover.internal;

import org.jspecify.annotations.NullMarked;
