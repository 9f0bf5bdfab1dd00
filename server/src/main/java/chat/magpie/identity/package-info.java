@NullMarked
package chat.magpie.identity;

import org.jspecify.annotations.NullMarked;
