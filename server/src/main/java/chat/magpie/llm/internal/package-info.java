@NullMarked
package chat.magpie.llm.internal;

import org.jspecify.annotations.NullMarked;
