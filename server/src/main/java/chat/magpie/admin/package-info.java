@NullMarked
package chat.magpie.admin;

import org.jspecify.annotations.NullMarked;
