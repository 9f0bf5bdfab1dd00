@NullMarked
package chat.magpie.identity.internal;

import org.jspecify.annotations.NullMarked;
