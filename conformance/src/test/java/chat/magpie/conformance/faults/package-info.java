/// Real servers, databases and networks that fail on purpose, and the judge of what is left: what
/// each client sent, was told and read, against what is stored.
@NullMarked
package chat.magpie.conformance.faults;

import org.jspecify.annotations.NullMarked;
