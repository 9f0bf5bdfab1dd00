/// Measures Magpie from the outside, side by side with the upstream alone and with a floor.
@NullMarked
package chat.magpie.bench;

import org.jspecify.annotations.NullMarked;
