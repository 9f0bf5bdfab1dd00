@NullMarked
package chat.magpie.conformance;

import org.jspecify.annotations.NullMarked;
