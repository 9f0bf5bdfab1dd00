@NullMarked
package chat.magpie.memory;

import org.jspecify.annotations.NullMarked;
