package chat.magpie.profile;

import java.util.List;

/// What is known about a user beyond the conversation.
public interface Profiles {
  /// All of it; empty lists where nothing is known.
  Profile of(String tenantId, String userId);

  /// Lines for the prompt, most important first; empty where nothing is known.
  List<String> promptLines(String tenantId, String userId);
}
