package chat.magpie.llm;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What is asked of a model.
///
/// @param provider the provider's name in the configuration; the default one if absent
/// @param model the model's name; the provider's default if absent
/// @param parameters sent as they are, such as `temperature` and `max_tokens`
/// @param user an opaque id of the end user, for the provider's abuse detection
public record ModelRequest(
    Optional<String> provider,
    Optional<String> model,
    List<PromptMessage> messages,
    Map<String, Object> parameters,
    String user) {}
