package chat.magpie.handover.internal;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import chat.magpie.character.Characters;
import chat.magpie.character.Persona;
import chat.magpie.character.PersonaDraft;
import chat.magpie.conversation.Conversation;
import chat.magpie.conversation.Desk;
import chat.magpie.conversation.Ending;
import chat.magpie.conversation.FeedEntry;
import chat.magpie.conversation.HandoverReason;
import chat.magpie.conversation.Modes;
import chat.magpie.conversation.NewMessage;
import chat.magpie.conversation.Posted;
import chat.magpie.conversation.ReplyRecord;
import chat.magpie.conversation.internal.SqlConversations;
import chat.magpie.handover.DeskSettings;
import chat.magpie.handover.DeskSettings.Assignment;
import chat.magpie.handover.HandoverConfig;
import chat.magpie.identity.Principal;
import chat.magpie.identity.Role;
import chat.magpie.identity.internal.Identity;
import chat.magpie.kernel.ErrorCode;
import chat.magpie.kernel.Ids;
import chat.magpie.kernel.MagpieException;
import chat.magpie.knowledge.KnowledgeBase;
import chat.magpie.knowledge.Passage;
import chat.magpie.llm.ModelRequest;
import chat.magpie.llm.ModelStream;
import chat.magpie.llm.Models;
import chat.magpie.sql.Database;
import chat.magpie.testing.Defaults;
import chat.magpie.testing.FailingAudit;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInstance;

/// Opens a desk and says what its tests say often. Each test has a tenant of its own, so that one
/// database serves them all, and a clock that stands until it is moved.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class DeskSuite {
  static final String MIRA = "mira";

  private final AtomicLong millis = new AtomicLong(1_800_000_000_000L);
  final InstantSource clock = () -> Instant.ofEpochMilli(millis.get());
  final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  final Characters characters = new OneCharacter();

  Database database;
  FailingAudit audit;
  SqlConversations conversations;
  Modes modes;
  Desk desk;
  DeskOffice office;
  Router router;
  String tenant = "";
  Principal supervisor = new Principal("", "", Role.SUPERVISOR, false);

  abstract Database open();

  @BeforeAll
  void start() {
    database = open();
    audit = new FailingAudit(Identity.audit(database, clock));
    conversations = new SqlConversations(database, characters, audit, new ObjectMapper(), clock);
    modes = conversations.modes();
    desk = conversations.desk();
    office = newOffice();
    router = newRouter(office);
  }

  @AfterAll
  void stop() {
    database.close();
  }

  @BeforeEach
  void newTenant() {
    tenant = "t-" + Ids.next();
    supervisor = principal("supervisor", Role.SUPERVISOR);
    later(Duration.ofDays(1));
  }

  /// One more node on the same database.
  DeskOffice newOffice() {
    return new DeskOffice(
        Defaults.of(HandoverConfig.class),
        database,
        audit,
        clock,
        conversations,
        modes,
        desk,
        characters,
        new OnePassage(),
        models(),
        registry);
  }

  Models models() {
    return new NoModels();
  }

  Router newRouter(DeskOffice of) {
    return of.router((tenantId, conversation, agent, seen, atMost) ->
        desk.assign(tenantId, conversation, agent, seen, atMost).isPresent());
  }

  void later(Duration time) {
    millis.addAndGet(time.toMillis());
  }

  Principal principal(String id, Role role) {
    return new Principal(tenant, id, role, false);
  }

  Principal agent(String id) {
    return principal(id, Role.AGENT);
  }

  Principal customer() {
    return principal("customer-" + Ids.next(), Role.CUSTOMER);
  }

  void settings(DeskSettings settings) {
    var _ = office.desks().change(supervisor, settings, OptionalLong.empty());
  }

  static Draft draft() {
    return new Draft();
  }

  /// Settings in the making.
  static final class Draft {
    Assignment assignment = Assignment.ROUND_ROBIN;
    int capacity = 5;
    Optional<Duration> firstResponse = Optional.empty();
    Optional<Duration> resolution = Optional.empty();
    List<DeskSettings.Keyword> keywords = List.of();
    Optional<chat.magpie.handover.BusinessHours> hours = Optional.empty();

    int unsure;

    Draft unsure(int questions) {
      unsure = questions;
      return this;
    }

    Draft assigned(Assignment how) {
      assignment = how;
      return this;
    }

    Draft capacity(int most) {
      capacity = most;
      return this;
    }

    Draft firstResponse(Duration within) {
      firstResponse = Optional.of(within);
      return this;
    }

    Draft resolution(Duration within) {
      resolution = Optional.of(within);
      return this;
    }

    Draft keyword(String words, int priority, String skill) {
      keywords =
          List.of(new DeskSettings.Keyword(words, Optional.empty(), priority, Optional.of(skill)));
      return this;
    }

    Draft open(chat.magpie.handover.BusinessHours when) {
      hours = Optional.of(when);
      return this;
    }

    DeskSettings build() {
      return new DeskSettings(
          assignment,
          capacity,
          Duration.ofMinutes(2),
          firstResponse,
          resolution,
          keywords,
          true,
          3,
          unsure,
          hours);
    }
  }

  /// What a customer says, answered.
  Posted said(Principal customer, String text) {
    Posted posted = post(customer, text);
    posted.answer().ifPresent(reply -> end(reply, ReplyRecord.Status.DONE));
    return posted;
  }

  Posted post(Principal customer, String text) {
    return post(customer, customer.userId(), text);
  }

  /// What the caller says in the name of the user.
  Posted post(Principal caller, String userId, String text) {
    return conversations.post(
        caller,
        new NewMessage(
            userId,
            Optional.of(MIRA),
            Optional.empty(),
            text,
            1,
            Optional.empty(),
            "node-1",
            NewMessage.BusyPolicy.QUEUE,
            100));
  }

  void end(ReplyRecord reply, ReplyRecord.Status status) {
    var _ =
        conversations
            .end(
                new Ending(
                    reply.id(),
                    reply.epoch(),
                    status,
                    reply.speakerId(),
                    Optional.empty(),
                    status == ReplyRecord.Status.DONE ? "an answer" : "",
                    1,
                    List.of(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    null,
                    null,
                    List.of()))
            .orElseThrow();
  }

  /// The id of a new conversation in the queue.
  String waiting() {
    return waiting(0, Optional.empty());
  }

  String waiting(int priority, Optional<String> skill) {
    Principal customer = customer();
    String id = said(customer, "hello").conversation().id();
    modes.ask(customer, id, new Modes.Call(HandoverReason.CUSTOMER, priority, skill));
    later(Duration.ofMillis(1));
    return id;
  }

  Conversation now(String id) {
    return conversations.visibleTo(supervisor, id).orElseThrow();
  }

  Optional<String> assignee(String id) {
    return now(id).handling().assigneeId();
  }

  List<FeedEntry> feed(String id, String type) {
    return conversations.feed(now(id), 0, 200).stream()
        .filter(entry -> entry.type().equals(type))
        .toList();
  }

  static void refused(ErrorCode code, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            MagpieException.class,
            e -> org.assertj.core.api.Assertions.assertThat(e.code()).isEqualTo(code));
  }

  /// Without any model.
  private static final class NoModels implements Models {
    @Override
    public boolean available() {
      return false;
    }

    @Override
    public ModelStream ask(ModelRequest request) {
      throw new UnsupportedOperationException();
    }

    @Override
    public List<String> providers() {
      return List.of();
    }

    @Override
    public List<String> failing() {
      return List.of();
    }
  }

  /// Knows about refunds.
  static final class OnePassage implements KnowledgeBase {
    @Override
    public List<Passage> search(Query query) {
      return query.question().contains("refund")
          ? List.of(new Passage("refunds.md", "Refunds", "", "1", "Within 14 days.", 1))
          : List.of();
    }

    @Override
    public Optional<Extract> answer(Query query) {
      return query.question().startsWith("known: ")
          ? Optional.of(new Extract("Within 14 days.", search(query)))
          : Optional.empty();
    }

    @Override
    public Findings find(Query query) {
      return new Findings(Outcome.NONE, List.of());
    }

    @Override
    public boolean filled() {
      return true;
    }

    @Override
    public Inventory inventory() {
      return new Inventory(1, 1, 0, List.of());
    }
  }

  /// Mira, in every tenant.
  private static final class OneCharacter implements Characters {
    @Override
    public List<Persona> list(String tenantId) {
      return find(tenantId, MIRA).stream().toList();
    }

    @Override
    public Optional<Persona> find(String tenantId, String id) {
      return id.equals(MIRA)
          ? Optional.of(
              new Persona(
                  tenantId,
                  MIRA,
                  "Mira",
                  "en",
                  "",
                  "",
                  "",
                  Optional.empty(),
                  Optional.empty(),
                  Optional.empty(),
                  Map.of(),
                  true,
                  List.of(),
                  1,
                  Instant.EPOCH,
                  Instant.EPOCH))
          : Optional.empty();
    }

    @Override
    public Persona create(Principal caller, PersonaDraft draft) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Persona update(Principal caller, String id, PersonaDraft draft, OptionalLong version) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void delete(Principal caller, String id) {
      throw new UnsupportedOperationException();
    }
  }
}
