@NullMarked
package chat.magpie.character;

import org.jspecify.annotations.NullMarked;
