package chat.magpie.memory.internal;

import chat.magpie.kernel.ErrorCode;
import chat.magpie.kernel.MagpieException;
import chat.magpie.llm.PromptMessage;
import chat.magpie.llm.PromptMessage.Role;
import chat.magpie.llm.Tokens;
import chat.magpie.memory.Compression;
import chat.magpie.memory.ContextReceipt;
import chat.magpie.memory.ContextReceipt.Fate;
import chat.magpie.memory.ContextReceipt.Part;
import chat.magpie.memory.Earlier;
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
import org.jboss.logging.Logger;

/// Spends the budget in this order: system prompt, new message, what is known about the user,
/// knowledge, recalled turns from the best on, a digest where history is not whole, history from
/// the newest back.
///
/// Costs are exact: the tokens of the parts that were not dropped, and 2 for the reply, are the
/// receipt's total, and that is what the prompt counts. A message's part holds the 4 tokens of its
/// framing. Profile, knowledge, recalled turns and digest stand in the system message; `[1]` is the
/// first knowledge part of the receipt, and so on, since passages are taken in order up to the
/// first that does not fit.
public final class BudgetedPromptAssembler implements PromptAssembler {
  private static final Logger LOG = Logger.getLogger(BudgetedPromptAssembler.class);
  static final String RECALLED = "recalled";

  private static final int FRAMING = 4;
  private static final int REPLY = 2;

  /// A message of history is shortened only to something that still says something.
  private static final int LEAST_HISTORY_TOKENS = 32;

  /// Recalled turns, and a digest, get this part of the room that is left for history, at most.
  private static final int SHARE_OF_HISTORY = 3;

  private final int budget;
  private final Compression compression;
  private final int maxHistoryMessages;
  private final int maxHistoryTokens;
  private final int maxRecalledTokens;
  private final int maxDigestTokens;

  /// @param budget tokens of a whole prompt at most
  public BudgetedPromptAssembler(int budget, MemoryConfig config) {
    this.budget = budget;
    this.compression = config.compression();
    boolean all = compression == Compression.NONE;
    this.maxHistoryMessages = all ? Integer.MAX_VALUE : config.maxContextMessages();
    this.maxHistoryTokens = all ? Integer.MAX_VALUE : config.maxContextTokens();
    this.maxRecalledTokens = config.maxRecalledTokens();
    this.maxDigestTokens = config.maxDigestTokens();
  }

  @Override
  public Prompt assemble(Ingredients ingredients, Tokens tokens) {
    SystemText system = new SystemText(tokens, ingredients.systemPrompt());
    Part systemPart = new Part("system", ingredients.characterId(), Fate.SENT, system.cost());
    int left = budget - REPLY - system.cost();

    List<PromptMessage> tail = new ArrayList<>();
    Part messagePart = takeMessage(ingredients.message(), left, tail, tokens);
    left -= sent(messagePart);

    List<Part> background = new ArrayList<>();
    History history;
    if (compression == Compression.NONE) {
      history = takeHistory(ingredients.history(), left, tokens);
      refuseLoss(ingredients, messagePart, history);
      takeBackground(ingredients, system, left - history.cost(), background);
    } else {
      left = takeBackground(ingredients, system, left, background);
      history = takeHistory(ingredients.history(), left, tokens);
      long before = firstTaken(ingredients, history);
      if (compression == Compression.SUMMARIZE && before > 1) {
        int share = Math.min(maxDigestTokens, left / SHARE_OF_HISTORY);
        if (history.cost() > left - share) {
          history = takeHistory(ingredients.history(), left - share, tokens);
          before = firstTaken(ingredients, history);
        }
        Set<Long> quoted = quoted(ingredients, background);
        takeDigest(ingredients.earlier(), before, quoted, system, share, background);
      }
    }

    List<PromptMessage> messages = new ArrayList<>(history.taken().size() + 2);
    List<Part> parts = new ArrayList<>(history.parts().size() + background.size() + 2);
    if (!system.text().isEmpty()) {
      messages.add(new PromptMessage(Role.SYSTEM, system.text()));
    }
    if (!ingredients.systemPrompt().isEmpty()) {
      parts.add(systemPart);
    }
    messages.addAll(history.taken());
    messages.addAll(tail);
    parts.addAll(background);
    parts.addAll(history.parts());
    parts.add(messagePart);
    int total = REPLY;
    for (Part part : parts) {
      total += sent(part);
    }
    return new Prompt(List.copyOf(messages), new ContextReceipt(budget, total, List.copyOf(parts)));
  }

  private int takeBackground(
      Ingredients ingredients, SystemText system, int room, List<Part> parts) {
    int left = system.takeProfile(ingredients.profile(), room, parts);
    left = system.takeKnowledge(ingredients.knowledge(), left, parts);
    int most = Math.min(maxRecalledTokens, left / SHARE_OF_HISTORY);
    return system.takeRecalled(notInHistory(ingredients), most, left, parts);
  }

  private void refuseLoss(Ingredients ingredients, Part message, History history) {
    boolean lost =
        message.fate() != Fate.SENT
            || history.parts().stream().anyMatch(part -> part.fate() != Fate.SENT);
    if (lost) {
      throw new MagpieException(
          ErrorCode.CONTEXT_TOO_LONG,
          "%d messages and the prompt of %s take more than %d tokens"
              .formatted(ingredients.history().size() + 1, ingredients.characterId(), budget));
    }
  }

  /// The number of the first message of this conversation that the prompt holds; 0 where the
  /// message says nothing of a conversation.
  private static long firstTaken(Ingredients ingredients, History history) {
    String conversation = ingredients.message().conversationId().orElse("");
    List<MemoryMessage> all = ingredients.history();
    for (int i = all.size() - history.taken().size(); i < all.size(); i++) {
      long seq = all.get(i).seqIn(conversation);
      if (seq > 0) {
        return seq;
      }
    }
    return ingredients.message().seqIn(conversation);
  }

  /// The messages of this conversation that the prompt quotes among what is recalled.
  private static Set<Long> quoted(Ingredients ingredients, List<Part> background) {
    String conversation = ingredients.message().conversationId().orElse("");
    Set<String> taken = new HashSet<>();
    for (Part part : background) {
      if (part.kind().equals(RECALLED) && part.fate() == Fate.RECALLED) {
        taken.add(part.source());
      }
    }
    Set<Long> quoted = new HashSet<>();
    for (Recalled turn : ingredients.recalled()) {
      if (turn.conversationId().equals(conversation) && taken.contains(turn.messageId())) {
        quoted.add(turn.seq());
      }
    }
    return quoted;
  }

  private static void takeDigest(
      Earlier earlier,
      long before,
      Set<Long> quoted,
      SystemText system,
      int room,
      List<Part> parts) {
    try {
      system.takeDigest(earlier.before(before, room, quoted), before, room, parts);
    } catch (MagpieException e) {
      LOG.warnf("No digest of what was said before: %s", e.getMessage());
    }
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

  private static Part takeMessage(
      MemoryMessage message, int left, List<PromptMessage> taken, Tokens tokens) {
    int room = left - FRAMING;
    int cost = message.count(tokens);
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
  private History takeHistory(List<MemoryMessage> history, int left, Tokens tokens) {
    List<PromptMessage> taken = new ArrayList<>(history.size());
    List<Part> parts = new ArrayList<>(history.size());
    int room = left;
    int quota = maxHistoryTokens;
    boolean full = maxHistoryMessages <= 0;
    for (int i = history.size() - 1; i >= 0; i--) {
      MemoryMessage message = history.get(i);
      int cost = message.count(tokens);
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
    int cost = 0;
    for (Part part : parts) {
      cost += sent(part);
    }
    return new History(taken, parts, cost);
  }

  /// The messages that were taken, the last of the conversation's, and what became of all.
  private record History(List<PromptMessage> taken, List<Part> parts, int cost) {}

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
