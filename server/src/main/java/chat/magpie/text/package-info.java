@NullMarked
package chat.magpie.text;

import org.jspecify.annotations.NullMarked;
