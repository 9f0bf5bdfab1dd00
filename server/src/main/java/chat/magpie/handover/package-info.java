/// The desk: who works there, how conversations come to them, and what they are told.
@NullMarked
package chat.magpie.handover;

import org.jspecify.annotations.NullMarked;
