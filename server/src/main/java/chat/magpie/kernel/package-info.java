@NullMarked
package chat.magpie.kernel;

import org.jspecify.annotations.NullMarked;
