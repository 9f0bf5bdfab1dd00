@NullMarked
package chat.magpie.reply;

import org.jspecify.annotations.NullMarked;
