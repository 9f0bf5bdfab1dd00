@NullMarked
package chat.magpie.conversation.internal;

import org.jspecify.annotations.NullMarked;
