@NullMarked
package chat.magpie.conversation;

import org.jspecify.annotations.NullMarked;
