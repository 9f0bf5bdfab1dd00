@NullMarked
package chat.magpie.live;

import org.jspecify.annotations.NullMarked;
