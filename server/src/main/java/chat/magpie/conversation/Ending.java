package chat.magpie.conversation;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// How a reply ended, to be committed.
///
/// @param text what was said; no message is stored where it is empty and the reply failed or
///   stopped
/// @param status `DONE`, `STOPPED` or `FAILED`
/// @param receipt the context receipt as JSON
public record Ending(
    String replyId,
    long epoch,
    ReplyRecord.Status status,
    String text,
    int tokenCount,
    List<Citation> citations,
    Optional<String> errorCode,
    Optional<String> provider,
    Optional<String> model,
    Optional<Integer> inputTokens,
    Optional<Integer> outputTokens,
    @Nullable String degraded,
    @Nullable String receipt) {}
