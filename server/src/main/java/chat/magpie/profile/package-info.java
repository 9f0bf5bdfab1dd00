@NullMarked
package chat.magpie.profile;

import org.jspecify.annotations.NullMarked;
