/// Measures over the HTTP API alone how well a server finds, remembers and learns.
@NullMarked
package chat.magpie.evaluate;

import org.jspecify.annotations.NullMarked;
