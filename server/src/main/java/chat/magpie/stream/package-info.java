@NullMarked
package chat.magpie.stream;

import org.jspecify.annotations.NullMarked;
