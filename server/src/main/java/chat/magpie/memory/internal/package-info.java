@NullMarked
package chat.magpie.memory.internal;

import org.jspecify.annotations.NullMarked;
