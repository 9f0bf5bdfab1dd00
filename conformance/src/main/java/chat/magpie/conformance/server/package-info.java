@NullMarked
package chat.magpie.conformance.server;

import org.jspecify.annotations.NullMarked;
