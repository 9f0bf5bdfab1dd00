@NullMarked
package chat.magpie.stream.internal;

import org.jspecify.annotations.NullMarked;
