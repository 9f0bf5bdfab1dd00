@NullMarked
package chat.magpie.knowledge.internal;

import org.jspecify.annotations.NullMarked;
