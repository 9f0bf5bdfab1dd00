@NullMarked
package chat.magpie.reply.internal;

import org.jspecify.annotations.NullMarked;
