@NullMarked
package chat.magpie.conformance.client;

import org.jspecify.annotations.NullMarked;
