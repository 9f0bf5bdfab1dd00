package chat.magpie.llm;

import java.util.Optional;

/// A provider and its model.
///
/// @param provider the provider's name in the configuration
/// @param model the model's name at the provider; the provider's default if absent
public record ModelChoice(String provider, Optional<String> model) {}
