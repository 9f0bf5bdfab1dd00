package chat.magpie.reply.internal;

import chat.magpie.character.Persona;
import chat.magpie.character.Teammate.Way;
import chat.magpie.conversation.ReplyRecord;
import chat.magpie.kernel.MagpieException;
import chat.magpie.llm.Calls;
import chat.magpie.llm.ModelEvent;
import chat.magpie.llm.ModelFailure;
import chat.magpie.llm.ModelRequest;
import chat.magpie.llm.ModelStream;
import chat.magpie.llm.Tool;
import chat.magpie.llm.ToolCall;
import chat.magpie.llm.ToolRound;
import chat.magpie.memory.ContextReceipt.Involved;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// Asks characters for another one, within the limits of one reply. Whatever goes wrong becomes a
/// result that the asking model can read; only what ends the reply itself is thrown. For the
/// reply's thread, but for [#interrupt].
///
/// What a character answers is data: it is handed on as a JSON string of bounded length and nothing
/// in it is ever acted upon.
final class Consultations {
  private static final Logger LOG = Logger.getLogger(Consultations.class);
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /// A token has seldom more characters than this; what is longer is not read to its end.
  private static final int CHARS_PER_TOKEN = 8;

  private final Workshop shop;
  private final ReplyRecord reply;
  private final Calls calls;
  private final BooleanSupplier halted;
  private volatile @Nullable ModelStream current;
  private volatile boolean late;

  /// @param calls learns of every request to a model
  /// @param halted whether the reply is to end now
  Consultations(Workshop shop, ReplyRecord reply, Calls calls, BooleanSupplier halted) {
    this.shop = shop;
    this.reply = reply;
    this.calls = calls;
    this.halted = halted;
  }

  /// What asking came to.
  ///
  /// @param result JSON for the model that asked
  /// @param involved everybody that was asked, and what that cost
  record Outcome(boolean failed, String result, List<Involved> involved) {}

  /// Ends a consultation that is under way soon. Callable from any thread.
  void interrupt() {
    ModelStream stream = current;
    if (stream != null) {
      stream.close();
    }
  }

  /// A call that cannot be done, as its model reads it.
  static String refused(String reason) {
    return JSON.createObjectNode().put("status", "refused").put("reason", reason).toString();
  }

  /// Asks a character.
  ///
  /// @param asking who asks
  /// @param most how many may be asked at most, those whom this one asks included
  /// @param room tokens that the answer may have at most
  Outcome ask(String asking, Team.Intent.Ask intent, int most, int room)
      throws InterruptedException {
    long begun = System.nanoTime();
    CountDownLatch over = new CountDownLatch(1);
    late = false;
    Thread.ofVirtual().name("consultation-" + reply.id()).start(() -> closeWhenLate(over));
    List<Involved> involved = new ArrayList<>();
    try {
      String result = ask(List.of(asking), intent, most, room, involved);
      return new Outcome(!involved.getLast().outcome().equals("done"), result, involved);
    } finally {
      over.countDown();
      shop.metrics().consulted(begun);
    }
  }

  private void closeWhenLate(CountDownLatch over) {
    try {
      if (!over.await(shop.config().consultTimeout().toMillis(), TimeUnit.MILLISECONDS)) {
        late = true;
        interrupt();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// @param path who waits for the answer, the one that asks last
  /// @param involved gets everybody that was asked, this one last
  private String ask(
      List<String> path, Team.Intent.Ask intent, int most, int room, List<Involved> involved)
      throws InterruptedException {
    Cost cost = new Cost();
    String outcome;
    String answer = "";
    try {
      Optional<Persona> asked = shop.characters().find(reply.tenantId(), intent.characterId());
      if (asked.isEmpty()) {
        outcome = "not_found";
      } else {
        answer = answer(path, asked.get(), intent.question(), most, involved, cost);
        outcome = "done";
      }
    } catch (ModelFailure e) {
      if (halted.getAsBoolean()) {
        throw e;
      }
      LOG.warnf("%s could not be asked (%s): %s", intent.characterId(), e.kind(), e.getMessage());
      outcome = late || e.kind() == ModelFailure.Kind.TIMEOUT ? "timeout" : "failed";
    } catch (MagpieException e) {
      LOG.warnf("%s could not be asked: %s", intent.characterId(), e.getMessage());
      outcome = "failed";
    }
    involved.add(new Involved("consult", intent.characterId(), outcome, cost.input, cost.output));
    return outcome.equals("done")
        ? JSON.createObjectNode()
            .put("status", "answered")
            .put("character", intent.characterId())
            .put(
                "answer",
                shop.tokens().truncate(answer, Math.min(room, shop.config().consultTokens())))
            .toString()
        : JSON.createObjectNode()
            .put("status", "failed")
            .put("character", intent.characterId())
            .put("reason", outcome)
            .toString();
  }

  private String answer(
      List<String> path,
      Persona asked,
      String question,
      int most,
      List<Involved> involved,
      Cost cost)
      throws InterruptedException {
    Deciding.Consultation consultation =
        shop.deciding()
            .consult(
                reply,
                asked,
                question,
                asked.usesKnowledge()
                    ? shop.gathering().passages(reply.tenantId(), asked, question)
                    : List.of());
    List<String> here = new ArrayList<>(path);
    here.add(asked.id());
    List<ToolRound> rounds = new ArrayList<>();
    while (true) {
      int left = most - 1 - involved.size();
      boolean mayAsk =
          left > 0
              && here.size() < shop.config().teamDepth()
              && rounds.size() <= shop.config().maxConsultations();
      Team team =
          Team.of(
              asked,
              shop.characters(),
              mayAsk ? EnumSet.of(Way.CONSULT) : EnumSet.noneOf(Way.class),
              Map.of(Way.CONSULT, here));
      List<ToolCall> made = new ArrayList<>();
      int before = consultation.tokens() + weight(rounds);
      String said = read(consultation.request(), team.tools(), rounds, before, made, cost);
      if (made.isEmpty()) {
        return said;
      }
      List<String> results = new ArrayList<>();
      for (ToolCall call : made) {
        results.add(result(here, team, call, most - 1, involved, before + weight(results)));
      }
      rounds.add(new ToolRound(said, made, results));
    }
  }

  private String result(
      List<String> here,
      Team team,
      ToolCall call,
      int most,
      List<Involved> involved,
      int promptTokens)
      throws InterruptedException {
    int room = shop.config().promptTokens() - promptTokens;
    return switch (team.intent(call)) {
      case Team.Intent.Ask _ when involved.size() >= most -> refused("limit_reached");
      case Team.Intent.Ask _ when room < LEAST_ROOM -> refused("no_room");
      case Team.Intent.Ask ask -> ask(here, ask, most - involved.size(), room, involved);
      case Team.Intent.Pass _ -> refused("not_possible_now");
      case Team.Intent.Refused(String reason) -> refused(reason);
    };
  }

  /// Tokens below which an answer is not worth asking for.
  static final int LEAST_ROOM = 64;

  private int weight(List<?> parts) {
    return parts.stream().mapToInt(part -> shop.tokens().count(part.toString())).sum();
  }

  private String read(
      ModelRequest request,
      List<Tool> tools,
      List<ToolRound> rounds,
      int promptTokens,
      List<ToolCall> made,
      Cost cost)
      throws InterruptedException {
    StringBuilder text = new StringBuilder();
    boolean counted = false;
    int longest = shop.config().consultTokens() * CHARS_PER_TOKEN;
    try (ModelStream stream =
        shop.models().ask(request.withTools(tools, List.copyOf(rounds)).withCalls(calls))) {
      current = stream;
      if (halted.getAsBoolean() || late) {
        throw new ModelFailure(ModelFailure.Kind.CANCELLED, "The consultation is over");
      }
      boolean more = true;
      while (more && text.length() <= longest) {
        switch (stream.next()) {
          case ModelEvent.Text(String content) -> text.append(content);
          case ModelEvent.Restarted() -> text.setLength(0);
          case ModelEvent.ToolCalled(ToolCall call) -> made.add(call);
          case ModelEvent.Usage(int input, int output) -> {
            cost.add(input, output);
            counted = true;
          }
          case ModelEvent.Finished _ -> more = false;
          case ModelEvent.Reasoning _, ModelEvent.AskedForHuman _ -> {}
        }
      }
    } finally {
      current = null;
      if (!counted && (!text.isEmpty() || !made.isEmpty())) {
        cost.add(promptTokens, shop.tokens().count(text.toString()));
      }
    }
    return text.toString();
  }

  /// Tokens that one character has cost.
  private static final class Cost {
    private int input;
    private int output;

    void add(int moreInput, int moreOutput) {
      input += moreInput;
      output += moreOutput;
    }
  }
}
