/// The chat page in a real browser: against the packaged server, and against a stand-in that does
/// to it what no healthy server would.
@NullMarked
package chat.magpie.conformance.page;

import org.jspecify.annotations.NullMarked;
