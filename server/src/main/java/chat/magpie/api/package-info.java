@NullMarked
package chat.magpie.api;

import org.jspecify.annotations.NullMarked;
