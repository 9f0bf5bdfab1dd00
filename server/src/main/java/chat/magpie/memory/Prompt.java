package chat.magpie.memory;

import chat.magpie.llm.PromptMessage;
import java.util.List;

/// What is sent to a model, and what it was made of.
public record Prompt(List<PromptMessage> messages, ContextReceipt receipt) {}
