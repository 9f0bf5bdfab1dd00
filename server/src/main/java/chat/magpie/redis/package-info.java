@NullMarked
package chat.magpie.redis;

import org.jspecify.annotations.NullMarked;
