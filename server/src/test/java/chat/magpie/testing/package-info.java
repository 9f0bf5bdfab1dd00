/// Real servers and data for the tests of every package.
@NullMarked
package chat.magpie.testing;

import org.jspecify.annotations.NullMarked;
