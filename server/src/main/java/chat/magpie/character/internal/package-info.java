@NullMarked
package chat.magpie.character.internal;

import org.jspecify.annotations.NullMarked;
