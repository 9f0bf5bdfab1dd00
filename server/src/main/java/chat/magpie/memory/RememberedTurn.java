package chat.magpie.memory;

import java.time.Instant;
import java.util.List;

/// A turn as long-term memory holds it: word for word what was said, and what was made of it.
///
/// @param messageId of the stored message
/// @param externalId the id that it was imported with, else the message's
/// @param byUser whether the user said it, not the companion
/// @param speaker the name of who said it; empty where it is not known
/// @param tokens of the text
/// @param dates the days that the text speaks of, resolved against its own time
public record RememberedTurn(
    String messageId,
    String externalId,
    String conversationId,
    long seq,
    boolean byUser,
    String speaker,
    Instant at,
    String text,
    int tokens,
    List<Days> dates) {}
