package chat.magpie.profile;

import java.util.List;

/// What is known about a user beyond the conversation.
public interface Profiles {
  /// Lines for the prompt, most important first; empty where nothing is known.
  List<String> promptLines(String tenantId, String userId);
}
