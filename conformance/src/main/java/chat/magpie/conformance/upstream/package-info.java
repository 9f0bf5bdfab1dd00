@NullMarked
package chat.magpie.conformance.upstream;

import org.jspecify.annotations.NullMarked;
