@NullMarked
package chat.magpie.knowledge;

import org.jspecify.annotations.NullMarked;
