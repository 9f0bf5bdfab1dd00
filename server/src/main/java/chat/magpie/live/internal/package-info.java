@NullMarked
package chat.magpie.live.internal;

import org.jspecify.annotations.NullMarked;
