@NullMarked
package chat.magpie.sql;

import org.jspecify.annotations.NullMarked;
