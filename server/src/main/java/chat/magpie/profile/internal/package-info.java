@NullMarked
package chat.magpie.profile.internal;

import org.jspecify.annotations.NullMarked;
