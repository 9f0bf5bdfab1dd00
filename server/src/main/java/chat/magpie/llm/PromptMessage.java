package chat.magpie.llm;

/// One message of a prompt, in the roles that OpenAI's chat completions know.
public record PromptMessage(Role role, String content) {

  /// Who speaks, as the model is told.
  public enum Role {
    SYSTEM,
    USER,
    ASSISTANT
  }
}
