@NullMarked
package chat.magpie.llm;

import org.jspecify.annotations.NullMarked;
