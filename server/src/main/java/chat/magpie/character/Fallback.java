package chat.magpie.character;

import java.util.Optional;

/// A provider that answers where those before it fail.
///
/// @param provider its name in the configuration
/// @param model the model's name there; the provider's default if absent
public record Fallback(String provider, Optional<String> model) {}
