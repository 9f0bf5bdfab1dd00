package chat.magpie.reply.internal;

import chat.magpie.character.Persona;
import chat.magpie.conversation.Citation;
import chat.magpie.conversation.Ended;
import chat.magpie.conversation.Ending;
import chat.magpie.conversation.Message;
import chat.magpie.conversation.ReplyRecord;
import chat.magpie.kernel.Deadline;
import chat.magpie.kernel.ErrorCode;
import chat.magpie.kernel.MagpieException;
import chat.magpie.knowledge.Gaps;
import chat.magpie.llm.Calls;
import chat.magpie.llm.ModelEvent;
import chat.magpie.llm.ModelFailure;
import chat.magpie.llm.ModelRequest;
import chat.magpie.llm.ModelStream;
import chat.magpie.llm.Tool;
import chat.magpie.llm.ToolCall;
import chat.magpie.memory.ContextReceipt;
import chat.magpie.memory.MemoryMessage;
import chat.magpie.reply.internal.ReplyMetrics.Step;
import chat.magpie.stream.LogEntry;
import chat.magpie.stream.OwnedReplyLog;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jboss.logging.Logger;
import org.jboss.logging.MDC;
import org.jspecify.annotations.Nullable;

/// One reply from its claim to its end, on a virtual thread of its own: load the profile and what
/// else is known, generate into the log, commit, remember, close the log.
///
/// The order at the end is what the product promises: whoever sees the log closed can read the
/// stored message, and the next message finds this turn in memory.
final class ReplyRun implements Runnable {
  private static final Logger LOG = Logger.getLogger(ReplyRun.class);
  private static final Pattern CITED = Pattern.compile("\\[(\\d{1,2})]");
  private static final int QUOTE_PIECE = 12;
  private static final Duration FIRST_RETRY = Duration.ofMillis(200);
  private static final Duration LONGEST_RETRY = Duration.ofSeconds(2);
  private static final Duration FLUSH_PATIENCE = Duration.ofSeconds(1);

  private final Workshop shop;
  private final ReplyRecord reply;
  private final Optional<Message> asked;
  private final OwnedReplyLog log;
  private final Admission.Ticket ticket;
  private final Course course;
  private final Consultations consultations;
  private final Ensemble ensemble;
  private final Set<String> missing = new TreeSet<>();
  private final CountedCalls counted = new CountedCalls();
  private final CountDownLatch stopSignal = new CountDownLatch(1);
  private final CountDownLatch over = new CountDownLatch(1);
  private volatile @Nullable ModelStream stream;
  private volatile @Nullable String stopReason;
  private volatile boolean leaving;
  private long startedAt;
  private boolean heard;
  private Optional<Integer> inputTokens = Optional.empty();
  private Optional<Integer> outputTokens = Optional.empty();
  private int earlierInput;
  private int earlierOutput;
  private Optional<String> provider = Optional.empty();
  private Optional<String> model = Optional.empty();
  private List<Citation> citations = List.of();
  private final List<Ending.Attempt> attempts = new ArrayList<>();
  private @Nullable ContextReceipt receipt;

  /// @param question the message it answers, where it is at hand
  ReplyRun(
      Workshop shop,
      ReplyRecord reply,
      Optional<Message> question,
      OwnedReplyLog log,
      Admission.Ticket ticket) {
    this.shop = shop;
    this.reply = reply;
    this.asked = question;
    this.log = log;
    this.ticket = ticket;
    this.course = new Course(reply.speakerId());
    this.consultations = new Consultations(shop, reply, counted, this::halted);
    this.ensemble = new Ensemble(shop, reply, log, course, consultations);
    this.stopReason = reply.stopReason().orElse(null);
  }

  boolean isOf(String tenantId, String userId, String characterId) {
    return reply.tenantId().equals(tenantId)
        && reply.userId().equals(userId)
        && reply.characterId().equals(characterId);
  }

  /// Whether its log would not notice that another node has taken the reply.
  boolean unfenced() {
    return log.detached();
  }

  /// Ends the generation soon; what was said is kept. Callable from any thread.
  void stop(String reason) {
    stopReason = reason;
    interruptGeneration();
  }

  /// Leaves the reply unfinished for whoever claims it next. Callable from any thread.
  void leave() {
    leaving = true;
    interruptGeneration();
  }

  /// Waits until the run is over, at most until the deadline.
  void awaitEnd(Deadline patience) {
    try {
      var _ = over.await(Math.max(0, patience.nanosLeft()), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void interruptGeneration() {
    stopSignal.countDown();
    ticket.cancel();
    ModelStream current = stream;
    if (current != null) {
      current.close();
    }
    consultations.interrupt();
  }

  private boolean halted() {
    return stopReason != null || leaving;
  }

  @Override
  public void run() {
    MDC.put("reply_id", reply.id());
    MDC.put("conversation_id", reply.conversationId());
    try (ticket) {
      ticket.await();
      if (leaving) {
        log.abandon();
        return;
      }
      startedAt = System.nanoTime();
      answer();
    } catch (OwnedReplyLog.Fenced e) {
      LOG.warn("Another owner has the reply; leaving it");
      // The log does not know it where the database was the first to say so.
      log.abandon();
    } catch (RuntimeException | InterruptedException e) {
      LOG.error("The reply broke off and will be begun again after a restart", e);
      log.abandon();
    } finally {
      MDC.clear();
      over.countDown();
    }
  }

  private void answer() throws InterruptedException {
    takeOver(log.open(reply.epoch(), shop.node()));
    Optional<ErrorCode> failure = Optional.empty();
    Message question = asked.orElseGet(() -> shop.conversations().question(reply));
    if (stopReason == null) {
      try {
        generate(question);
      } catch (ModelFailure e) {
        failure = failed(e);
      } catch (MagpieException e) {
        failure = Optional.of(e.code());
        LOG.warnf("The reply failed: %s", e.getMessage());
      }
    }
    if (leaving && stopReason == null) {
      // The next owner goes on behind what the store has.
      var _ = log.flush(FLUSH_PATIENCE);
      log.abandon();
      return;
    }
    end(question, failure);
  }

  /// Begins behind what earlier owners wrote, if there were any.
  private void takeOver(List<LogEntry> earlier) {
    if (reply.epoch() == 1) {
      return;
    }
    course.follow(earlier);
    attempts.addAll(EarlierAttempts.of(earlier, reply.epoch(), shop.tokens()));
    if (earlier.isEmpty()) {
      // Nobody knows what readers have.
      log.append(LogEntry.Kind.RESET, "");
    } else {
      log.append(LogEntry.Kind.RESUME, earlier.getLast().position().toString());
    }
  }

  /// What was said so far, by the character that speaks, counts no more.
  private void startOver() {
    if (course.startOver()) {
      log.append(LogEntry.Kind.RESET, course.text());
    }
  }

  private Optional<ErrorCode> failed(ModelFailure failure) {
    if (failure.kind() == ModelFailure.Kind.CANCELLED && (stopReason != null || leaving)) {
      return Optional.empty();
    }
    LOG.warnf("The model failed (%s): %s", failure.kind(), failure.getMessage());
    return Optional.of(
        switch (failure.kind()) {
          case TIMEOUT -> ErrorCode.MODEL_TIMEOUT;
          case UNREACHABLE,
              RATE_LIMITED,
              REFUSED,
              PROVIDER_ERROR,
              CUT,
              MALFORMED,
              EMPTY,
              CANCELLED ->
              ErrorCode.MODEL_FAILED;
        });
  }

  private void generate(Message question) throws InterruptedException {
    if (reply.attempts() > shop.config().maxAttempts()) {
      throw new MagpieException(
          ErrorCode.MODEL_FAILED, "Given up after " + (reply.attempts() - 1) + " attempts");
    }
    var _ = shop.calls().heard(reply.tenantId(), reply.characterId(), question);
    Persona persona = ensemble.begin(question.content());
    while (!speak(persona, question)) {
      persona = ensemble.speaker();
    }
  }

  /// Has a character answer; false where it has passed the reply on to another one.
  private boolean speak(Persona persona, Message question) throws InterruptedException {
    long loading = System.nanoTime();
    Gathered gathered =
        shop.gathering()
            .gather(
                reply,
                persona,
                question,
                persona.usesKnowledge() && shop.models().available(),
                shop.models().available())
            .with(ensemble.notes());
    missing.addAll(gathered.missing());
    Decision decision = shop.deciding().decide(reply, persona, question, gathered);
    receipt = decision.receipt();
    boolean unsure =
        persona.usesKnowledge()
            && shop.calls().unsure(reply.tenantId(), reply.characterId(), question);
    shop.metrics().took(Step.LOAD_PROFILE, loading);
    long generating = System.nanoTime();
    boolean over = true;
    switch (decision) {
      case Decision.Ask ask -> over = converse(ask, persona);
      case Decision.Quote quote -> {
        citations = quote.citations();
        recite(quote.text());
      }
      case Decision.HandOver handOver -> {
        noteGap(question);
        recite(callOrDecline(handOver, unsure));
      }
      case Decision.Decline decline -> {
        noteGap(question);
        recite(decline.text());
      }
    }
    shop.metrics().took(Step.GENERATE, generating);
    return over;
  }

  /// Asks the model, and whomever it involves, until it has said all; false where another character
  /// has the reply now.
  private boolean converse(Decision.Ask ask, Persona persona) throws InterruptedException {
    while (!halted()) {
      Optional<ToolCall> call = course.pending();
      if (call.isEmpty()) {
        if (!relay(ask, ensemble.tools(persona))) {
          return true;
        }
      } else if (!ensemble.give(persona, call.get(), ask.receipt().total())) {
        return false;
      }
    }
    return true;
  }

  private void noteGap(Message question) {
    shop.gaps()
        .note(
            new Gaps.Asked(
                reply.tenantId(),
                reply.userId(),
                reply.conversationId(),
                question.id(),
                question.content()));
  }

  private String callOrDecline(Decision.HandOver handOver, boolean unsure) {
    boolean called = shop.calls().noAnswer(reply.tenantId(), reply.conversationId());
    return called || unsure ? handOver.text() : handOver.otherwise().text();
  }

  /// The hot path: each model event becomes one log entry. Whether it has ended with calls of
  /// tools.
  private boolean relay(Decision.Ask ask, List<Tool> tools) throws InterruptedException {
    ModelRequest request =
        ask.request()
            .offeringHuman(shop.calls().offered(reply.tenantId()))
            .withTools(tools, List.copyOf(course.rounds()))
            .withPrefix(course.part())
            .withCalls(counted);
    List<ToolCall> made = new ArrayList<>(0);
    ModelStream answer = shop.models().ask(request);
    try (answer) {
      stream = answer;
      if (halted()) {
        return false;
      }
      long coalesce = shop.config().coalesce().toNanos();
      ModelEvent event = answer.next();
      while (true) {
        switch (event) {
          case ModelEvent.Text(String content) -> {
            if (coalesce == 0) {
              say(content);
            } else {
              @Nullable ModelEvent after = collect(answer, content, coalesce);
              if (after != null) {
                event = after;
                continue;
              }
            }
          }
          case ModelEvent.Reasoning(String content) -> log.append(LogEntry.Kind.REASONING, content);
          case ModelEvent.AskedForHuman() -> {
            noteGap(shop.conversations().question(reply));
            var _ = shop.calls().asked(reply.tenantId(), reply.conversationId());
          }
          case ModelEvent.ToolCalled(ToolCall call) -> made.add(call);
          case ModelEvent.Restarted() -> startOver();
          case ModelEvent.Usage(int input, int output) -> {
            inputTokens = Optional.of(input);
            outputTokens = Optional.of(output);
          }
          case ModelEvent.Finished(String reason) -> {
            if (!reason.equals("stop")) {
              LOG.infof("The model finished early: %s", reason);
            }
            cite(ask.citable());
            if (!made.isEmpty()) {
              settle(ask);
              ensemble.called(made);
              return true;
            }
            if (course.part().isEmpty()) {
              recite(ask.handingOver()); // it has asked for a human without a word
            }
            return false;
          }
        }
        event = answer.next();
      }
    } finally {
      stream = null;
      provider = Optional.of(answer.provider());
      model = Optional.of(answer.model());
    }
  }

  /// Says the text together with all text that arrives within the interval; returns the event that
  /// ended the collecting, if one did.
  private @Nullable ModelEvent collect(ModelStream answer, String first, long interval)
      throws InterruptedException {
    var _ = stopSignal.await(interval, TimeUnit.NANOSECONDS);
    StringBuilder collected = new StringBuilder(first);
    @Nullable ModelEvent next = answer.poll();
    while (next instanceof ModelEvent.Text(String more)) {
      collected.append(more);
      next = answer.poll();
    }
    say(collected.toString());
    return next;
  }

  private void say(String said) {
    // NUL cannot be stored everywhere, and what is streamed is what is stored.
    String content = said.indexOf(0) < 0 ? said : said.replace((char) 0, (char) 0xFFFD);
    if (!heard) {
      heard = true;
      shop.metrics().firstToken(startedAt);
    }
    log.append(LogEntry.Kind.DELTA, course.say(content));
  }

  /// Says a text that is known beforehand, from where an earlier owner stopped.
  private void recite(String answer) throws InterruptedException {
    if (!answer.startsWith(course.part())) {
      startOver();
    }
    int from = course.part().length();
    while (from < answer.length() && stopReason == null && !leaving) {
      int to =
          answer.offsetByCodePoints(
              from, Math.min(QUOTE_PIECE, answer.codePointCount(from, answer.length())));
      say(answer.substring(from, to));
      from = to;
      var _ = stopSignal.await(shop.config().quotePace().toNanos(), TimeUnit.NANOSECONDS);
    }
  }

  /// The offered passages that the answer names by their numbers.
  private void cite(List<Citation> citable) {
    List<Citation> named = new ArrayList<>(citations);
    Matcher numbers = CITED.matcher(course.part());
    while (!citable.isEmpty() && numbers.find()) {
      int number = Integer.parseInt(numbers.group(1));
      if (number >= 1 && number <= citable.size() && !named.contains(citable.get(number - 1))) {
        named.add(citable.get(number - 1));
      }
    }
    citations = named;
  }

  /// A request of several is over.
  private void settle(Decision.Ask ask) {
    earlierInput += inputTokens.orElse(ask.receipt().total());
    earlierOutput += outputTokens.orElse(shop.tokens().count(course.part()));
    inputTokens = Optional.empty();
    outputTokens = Optional.empty();
  }

  private void end(Message question, Optional<ErrorCode> failure) throws InterruptedException {
    ReplyRecord.Status status =
        failure.isPresent()
            ? ReplyRecord.Status.FAILED
            : stopReason != null ? ReplyRecord.Status.STOPPED : ReplyRecord.Status.DONE;
    if (log.degraded()) {
      missing.add("relay");
    }
    String answer = course.text();
    int tokens = shop.tokens().count(answer);
    int input = earlierInput + inputTokens.orElse(receipt == null ? 0 : receipt.total());
    int output =
        earlierOutput
            + outputTokens.orElse(earlierOutput > 0 ? shop.tokens().count(course.part()) : tokens);
    for (ContextReceipt.Involved other : course.involved()) {
      input += other.inputTokens();
      output += other.outputTokens();
    }
    Optional<Ended> committed =
        commit(
            new Ending(
                reply.id(),
                reply.epoch(),
                status,
                course.speaker(),
                failure.isPresent() ? Optional.empty() : course.transferredTo(),
                answer,
                tokens,
                citations,
                failure.map(ErrorCode::id),
                provider,
                model,
                Optional.of(input),
                Optional.of(output),
                missing.isEmpty() ? null : String.join(",", missing),
                receipt == null ? null : shop.json(receipt.involving(course.involved())),
                attempts));
    if (committed.isEmpty()) {
      LOG.warn("The reply has another owner or has ended already; leaving it");
      log.abandon();
      return;
    }
    Ended ended = committed.get();
    if (status == ReplyRecord.Status.FAILED) {
      var _ = shop.calls().failed(reply.tenantId(), reply.conversationId());
    }
    long storing = System.nanoTime();
    remember(question, ended);
    shop.metrics().took(Step.STORE_PROFILE, storing);
    log.seal(shop.outcomes().terminal(ended.reply()));
    shop.metrics().ended(status);
    LOG.infof(
        "Reply %s: user=%s character=%s input_tokens=%d output_tokens=%d",
        status, reply.userId(), reply.characterId(), input, output);
    ended.next().ifPresent(shop.start());
  }

  /// Commits, however long the database is away; gives up only when the node leaves.
  private Optional<Ended> commit(Ending ending) throws InterruptedException {
    try {
      return shop.conversations().end(ending);
    } catch (MagpieException e) {
      shop.metrics().saving(true);
      try {
        return commitLater(ending, e);
      } finally {
        shop.metrics().saving(false);
      }
    }
  }

  private Optional<Ended> commitLater(Ending ending, MagpieException first)
      throws InterruptedException {
    MagpieException failure = first;
    Duration pause = FIRST_RETRY;
    while (true) {
      boolean passing =
          failure.code() == ErrorCode.STORAGE_UNAVAILABLE
              || failure.code() == ErrorCode.STORAGE_FULL;
      if (!passing || leaving) {
        throw failure;
      }
      LOG.warnf("The answer cannot be stored yet: %s", failure.getMessage());
      Thread.sleep(pause);
      Duration doubled = pause.multipliedBy(2);
      pause = doubled.compareTo(LONGEST_RETRY) > 0 ? LONGEST_RETRY : doubled;
      try {
        return shop.conversations().end(ending);
      } catch (MagpieException e) {
        failure = e;
      }
    }
  }

  private void remember(Message question, Ended ended) {
    if (ended.conversationEnded()) {
      return; // and with it what was to be remembered of it
    }
    List<MemoryMessage> turn = new ArrayList<>(2);
    turn.add(Gathering.remembered(question, shop.tokens()));
    ended.message().map(answer -> Gathering.remembered(answer, shop.tokens())).ifPresent(turn::add);
    if (!shop.memory().add(Gathering.key(reply), turn)) {
      LOG.warn("The turn is stored but not in short-term memory");
    }
    shop.digests()
        .grew(
            reply.tenantId(),
            reply.conversationId(),
            ended.message().map(Message::seq).orElse(question.seq()));
  }

  /// Counts every request to a model in the system of record before it is made; the first one was
  /// counted with the claim. Keeps those that failed.
  private final class CountedCalls implements Calls {
    private boolean known = true;
    private String provider = "";
    private String model = "";

    @Override
    public void begins(String askedProvider, String askedModel) {
      if (!known && !shop.conversations().countCall(reply.id(), reply.epoch())) {
        throw new OwnedReplyLog.Fenced(reply.id());
      }
      known = false;
      provider = askedProvider;
      model = askedModel;
    }

    @Override
    public void ended(Optional<ModelFailure.Kind> failure, Optional<ModelEvent.Usage> usage) {
      failure
          .filter(kind -> kind != ModelFailure.Kind.CANCELLED)
          .ifPresent(kind ->
              attempts.add(
                  new Ending.Attempt(
                      reply.epoch(),
                      shop.node(),
                      Optional.of(provider),
                      Optional.of(model),
                      kind.name().toLowerCase(Locale.ROOT),
                      usage.map(ModelEvent.Usage::inputTokens),
                      usage.map(ModelEvent.Usage::outputTokens))));
    }
  }
}
