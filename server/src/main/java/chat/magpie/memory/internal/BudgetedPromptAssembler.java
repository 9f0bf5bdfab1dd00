package chat.magpie.memory.internal;

import chat.magpie.llm.PromptMessage;
import chat.magpie.llm.PromptMessage.Role;
import chat.magpie.llm.Tokens;
import chat.magpie.memory.ContextReceipt;
import chat.magpie.memory.ContextReceipt.Fate;
import chat.magpie.memory.ContextReceipt.Part;
import chat.magpie.memory.MemoryConfig;
import chat.magpie.memory.MemoryMessage;
import chat.magpie.memory.Prompt;
import chat.magpie.memory.PromptAssembler;
import chat.magpie.memory.Recalled;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Spends the budget in this order: system prompt, new message, what is known about the user,
/// knowledge, recalled turns from the best on, history from the newest back.
///
/// Costs are exact: the tokens of the parts that were not dropped, and 2 for the reply, are the
/// receipt's total, and that is what the prompt counts. A message's part holds the 4 tokens of its
/// framing. Profile, knowledge and recalled turns stand in the system message; `[1]` is the first
/// knowledge part of the receipt, and so on, since passages are taken in order up to the first that
/// does not fit.
public final class BudgetedPromptAssembler implements PromptAssembler {
  private static final int FRAMING = 4;
  private static final int REPLY = 2;

  /// A message of history is shortened only to something that still says something.
  private static final int LEAST_HISTORY_TOKENS = 32;

  private final Tokens tokens;
  private final int budget;
  private final int maxHistoryMessages;
  private final int maxHistoryTokens;
  private final int maxRecalledTokens;

  /// @param budget tokens of a whole prompt at most
  public BudgetedPromptAssembler(Tokens tokens, int budget, MemoryConfig config) {
    this.tokens = tokens;
    this.budget = budget;
    this.maxHistoryMessages = config.maxContextMessages();
    this.maxHistoryTokens = config.maxContextTokens();
    this.maxRecalledTokens = config.maxRecalledTokens();
  }

  @Override
  public Prompt assemble(Ingredients ingredients) {
    SystemText system = new SystemText(tokens, ingredients.systemPrompt());
    Part systemPart = new Part("system", ingredients.characterId(), Fate.SENT, system.cost());
    int left = budget - REPLY - system.cost();

    List<PromptMessage> tail = new ArrayList<>();
    Part messagePart = takeMessage(ingredients.message(), left, tail);
    left -= sent(messagePart);

    List<Part> background = new ArrayList<>();
    left = system.takeProfile(ingredients.profile(), left, background);
    left = system.takeKnowledge(ingredients.knowledge(), left, background);
    left = system.takeRecalled(notInHistory(ingredients), maxRecalledTokens, left, background);

    List<PromptMessage> history = new ArrayList<>();
    List<Part> historyParts = takeHistory(ingredients.history(), left, history);

    List<PromptMessage> messages = new ArrayList<>(history.size() + 2);
    List<Part> parts = new ArrayList<>(historyParts.size() + background.size() + 2);
    if (!system.text().isEmpty()) {
      messages.add(new PromptMessage(Role.SYSTEM, system.text()));
    }
    if (!ingredients.systemPrompt().isEmpty()) {
      parts.add(systemPart);
    }
    messages.addAll(history);
    messages.addAll(tail);
    parts.addAll(background);
    parts.addAll(historyParts);
    parts.add(messagePart);
    int total = REPLY;
    for (Part part : parts) {
      total += sent(part);
    }
    return new Prompt(List.copyOf(messages), new ContextReceipt(budget, total, List.copyOf(parts)));
  }

  private static List<Recalled> notInHistory(Ingredients ingredients) {
    if (ingredients.recalled().isEmpty()) {
      return List.of();
    }
    Set<String> known = new HashSet<>();
    known.add(ingredients.message().msgId());
    ingredients.history().forEach(message -> known.add(message.msgId()));
    return ingredients.recalled().stream().filter(turn -> known.add(turn.messageId())).toList();
  }

  private Part takeMessage(MemoryMessage message, int left, List<PromptMessage> taken) {
    int room = left - FRAMING;
    int cost = tokens.count(message.content());
    if (cost <= room) {
      taken.add(prompt(message, message.content()));
      return part("message", message, Fate.SENT, cost);
    }
    String shortened = room > 0 ? tokens.truncate(message.content(), room) : "";
    if (shortened.isEmpty()) {
      return part("message", message, Fate.DROPPED, cost);
    }
    taken.add(prompt(message, shortened));
    return part("message", message, Fate.SHORTENED, tokens.count(shortened));
  }

  /// Takes history from the newest back and leaves it in the order it was said.
  private List<Part> takeHistory(List<MemoryMessage> history, int left, List<PromptMessage> taken) {
    List<Part> parts = new ArrayList<>(history.size());
    int room = left;
    int quota = maxHistoryTokens;
    boolean full = maxHistoryMessages <= 0;
    for (int i = history.size() - 1; i >= 0; i--) {
      MemoryMessage message = history.get(i);
      int cost = tokens.count(message.content());
      int most = Math.min(room - FRAMING, quota);
      full |= taken.size() >= maxHistoryMessages;
      if (!full && cost <= most) {
        taken.add(prompt(message, message.content()));
        parts.add(part("history", message, Fate.SENT, cost));
        room -= cost + FRAMING;
        quota -= cost;
        continue;
      }
      if (!full && taken.isEmpty() && most >= LEAST_HISTORY_TOKENS) {
        String shortened = tokens.truncate(message.content(), most);
        taken.add(prompt(message, shortened));
        parts.add(part("history", message, Fate.SHORTENED, tokens.count(shortened)));
      } else {
        parts.add(part("history", message, Fate.DROPPED, cost));
      }
      full = true;
    }
    Collections.reverse(taken);
    Collections.reverse(parts);
    return parts;
  }

  private static Part part(String kind, MemoryMessage message, Fate fate, int contentTokens) {
    return new Part(kind, message.msgId(), fate, contentTokens + FRAMING);
  }

  private static PromptMessage prompt(MemoryMessage message, String content) {
    Role role =
        switch (message.role()) {
          case "assistant" -> Role.ASSISTANT;
          case "system" -> Role.SYSTEM;
          default -> Role.USER;
        };
    return new PromptMessage(role, content);
  }

  private static int sent(Part part) {
    return part.fate() == Fate.DROPPED ? 0 : part.tokens();
  }
}
