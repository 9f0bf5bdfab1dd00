package chat.magpie.reply.internal;

import chat.magpie.character.Fallback;
import chat.magpie.character.Persona;
import chat.magpie.conversation.Citation;
import chat.magpie.conversation.Message;
import chat.magpie.conversation.ReplyRecord;
import chat.magpie.knowledge.KnowledgeBase;
import chat.magpie.knowledge.Passage;
import chat.magpie.llm.ModelChoice;
import chat.magpie.llm.ModelRequest;
import chat.magpie.llm.Models;
import chat.magpie.llm.Tokens;
import chat.magpie.memory.ContextReceipt;
import chat.magpie.memory.Earlier;
import chat.magpie.memory.MemoryMessage;
import chat.magpie.memory.Prompt;
import chat.magpie.memory.PromptAssembler;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// Decides how a message is answered: by a model where there is one, else from the knowledge base,
/// else by a human or, where there is nobody to call, by saying so.
final class Deciding {
  private static final int SNIPPET_CHARS = 240;
  private static final int QUOTED_PASSAGES = 3;

  private final Models models;
  private final KnowledgeBase knowledge;
  private final PromptAssembler prompts;
  private final Tokens tokens;

  Deciding(Models models, KnowledgeBase knowledge, PromptAssembler prompts, Tokens tokens) {
    this.models = models;
    this.knowledge = knowledge;
    this.prompts = prompts;
    this.tokens = tokens;
  }

  Decision decide(ReplyRecord reply, Persona persona, Message question, Gathered gathered) {
    if (models.available()) {
      return ask(reply, persona, question, gathered);
    }
    return knowledge
        .answer(
            new KnowledgeBase.Query(
                reply.tenantId(),
                Optional.of(persona.id()),
                question.content(),
                persona.locale(),
                QUOTED_PASSAGES))
        .<Decision>map(this::quote)
        .orElseGet(() -> handOver(persona));
  }

  private Decision ask(ReplyRecord reply, Persona persona, Message question, Gathered gathered) {
    Prompt prompt =
        prompts.assemble(
            new PromptAssembler.Ingredients(
                persona.id(),
                persona.prompt(),
                gathered.profile(),
                gathered.passages().stream().map(Deciding::source).toList(),
                gathered.recalled(),
                gathered.earlier(),
                gathered.history(),
                Gathering.remembered(question)),
            tokens.of(persona.provider(), persona.model()));
    ModelRequest request =
        new ModelRequest(
                persona.provider(),
                persona.model(),
                prompt.messages(),
                persona.parameters(),
                reply.userId())
            .withFallbacks(persona.fallbacks().map(Deciding::choices));
    // Passages are taken in their order until one does not fit, so the first ones are citable.
    long offered =
        prompt.receipt().parts().stream()
            .filter(part -> part.kind().equals("knowledge"))
            .filter(part -> part.fate() == ContextReceipt.Fate.RECALLED)
            .count();
    return new Decision.Ask(
        request,
        gathered.passages().stream().limit(offered).map(Deciding::citation).toList(),
        isChinese(persona)
            ? "已经为您转接人工客服，接通之前您可以继续留言。"
            : "I have asked a colleague to take over. Until they are here you can go on writing.",
        prompt.receipt());
  }

  /// What is asked of a character that another one consults: the question alone, with what is known
  /// about it.
  Consultation consult(
      ReplyRecord reply, Persona persona, String question, List<Passage> passages) {
    Prompt prompt =
        prompts.assemble(
            new PromptAssembler.Ingredients(
                persona.id(),
                persona.prompt(),
                List.of(),
                passages.stream().map(Deciding::source).toList(),
                List.of(),
                Earlier.NONE,
                List.of(),
                new MemoryMessage(
                    "consultation",
                    "user",
                    question,
                    reply.createdAt(),
                    tokens.count(question),
                    null)),
            tokens.of(persona.provider(), persona.model()));
    return new Consultation(
        new ModelRequest(
                persona.provider(),
                persona.model(),
                prompt.messages(),
                persona.parameters(),
                reply.userId())
            .withFallbacks(persona.fallbacks().map(Deciding::choices)),
        prompt.receipt().total());
  }

  /// A request to a character that is consulted.
  ///
  /// @param tokens of its prompt
  record Consultation(ModelRequest request, int tokens) {}

  private static List<ModelChoice> choices(List<Fallback> fallbacks) {
    return fallbacks.stream()
        .map(fallback -> new ModelChoice(fallback.provider(), fallback.model()))
        .toList();
  }

  /// A passage under its headings, so that the model knows what it is about.
  private static PromptAssembler.Source source(Passage passage) {
    String headings =
        passage.section().isEmpty() ? passage.title() : passage.title() + " › " + passage.section();
    return new PromptAssembler.Source(passage.documentId(), headings + "\n" + passage.text());
  }

  private Decision quote(KnowledgeBase.Extract extract) {
    List<ContextReceipt.Part> parts =
        extract.passages().stream()
            .map(p ->
                new ContextReceipt.Part(
                    "knowledge", p.documentId(), ContextReceipt.Fate.SENT, tokens.count(p.text())))
            .toList();
    int total = parts.stream().mapToInt(ContextReceipt.Part::tokens).sum();
    return new Decision.Quote(
        extract.text(),
        extract.passages().stream().map(Deciding::citation).toList(),
        new ContextReceipt(total, total, parts));
  }

  private Decision handOver(Persona persona) {
    boolean chinese = isChinese(persona);
    String text =
        chinese
            ? "这个问题我没有找到答案，已经为您转接人工客服。接通之前您可以继续留言，我也会继续帮您查找。"
            : "I found no answer to this and have asked a colleague to take over. Until they are here"
                + " you can go on writing, and I will go on looking.";
    return new Decision.HandOver(text, decline(chinese));
  }

  private static boolean isChinese(Persona persona) {
    return persona.locale().toLowerCase(Locale.ROOT).startsWith("zh");
  }

  /// How to fill the knowledge base is told as long as it is empty: later those who ask are
  /// customers, who cannot.
  private Decision.Decline decline(boolean chinese) {
    String text = chinese ? "我没有找到这个问题的答案。" : "I found no answer to this.";
    String more =
        knowledge.filled()
            ? chinese ? "您可以换个说法再问一次。" : " It may help to ask in other words."
            : chinese
                ? "\n\n可以把 Markdown 或文本文件放进知识文件夹，几秒后我就能引用它们；"
                    + "也可以设置 `OPENAI_API_KEY`（或 `DASHSCOPE_API_KEY`）并重新启动，让大模型来回答。"
                : "\n\nPut Markdown or text files into the knowledge folder and I can quote them within"
                    + " seconds, or set `OPENAI_API_KEY` (or `DASHSCOPE_API_KEY`) and start again to"
                    + " have a model answer.";
    return new Decision.Decline(text + more, new ContextReceipt(0, 0, List.of()));
  }

  private static Citation citation(Passage passage) {
    String text = passage.text();
    int end = Math.min(SNIPPET_CHARS, text.length());
    if (end < text.length() && java.lang.Character.isHighSurrogate(text.charAt(end - 1))) {
      end--;
    }
    return new Citation(
        passage.documentId(),
        passage.title(),
        passage.section(),
        passage.version(),
        end < text.length() ? text.substring(0, end) + "…" : text);
  }
}
