package chat.magpie.llm;

/// How a provider is asked to go on with an answer that has begun. The text so far is sent as a
/// last message of the role `assistant`; what comes is only what follows it.
public enum PrefixMode {
  /// It cannot: the answer begins again.
  NONE,

  /// `"partial": true` in that message: Qwen at DashScope, models without thinking. See "Partial
  /// mode" at <https://help.aliyun.com/zh/model-studio/partial-mode>.
  PARTIAL,

  /// `"prefix": true` in that message: DeepSeek, at the base URL `https://api.deepseek.com/beta`.
  /// See "Chat Prefix Completion (Beta)" at
  /// <https://api-docs.deepseek.com/guides/chat_prefix_completion>.
  PREFIX,

  /// `"continue_final_message": true` and, since both together are refused,
  /// `"add_generation_prompt": false` in the request: vLLM. See the extra parameters of its chat
  /// API at <https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html>.
  CONTINUE_FINAL_MESSAGE
}
