@NullMarked
package chat.magpie.app;

import org.jspecify.annotations.NullMarked;
