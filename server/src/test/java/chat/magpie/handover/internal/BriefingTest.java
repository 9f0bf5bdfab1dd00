package chat.magpie.handover.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.magpie.conversation.HandoverReason;
import chat.magpie.conversation.Message;
import chat.magpie.conversation.Modes;
import chat.magpie.handover.Briefing;
import chat.magpie.handover.Briefing.Mood.Level;
import chat.magpie.handover.Briefing.Source;
import chat.magpie.handover.Briefing.Suggestion;
import chat.magpie.handover.CannedReply;
import chat.magpie.identity.Principal;
import chat.magpie.identity.Role;
import chat.magpie.kernel.ErrorCode;
import chat.magpie.kernel.Ids;
import chat.magpie.llm.ModelEvent;
import chat.magpie.llm.ModelFailure;
import chat.magpie.llm.ModelRequest;
import chat.magpie.llm.ModelStream;
import chat.magpie.llm.Models;
import chat.magpie.sql.Database;
import chat.magpie.testing.TestDatabases;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("M-09")
class BriefingTest extends DeskSuite {
  private final Queue<ModelRequest> asked = new ConcurrentLinkedQueue<>();
  private volatile @Nullable String says;

  @Override
  Database open() {
    return TestDatabases.sqlite();
  }

  @Override
  Models models() {
    return new OneSummary();
  }

  @BeforeEach
  void noModel() {
    says = null;
    asked.clear();
  }

  private Briefing briefing(String id) {
    return office.briefings().of(agent("ann"), id);
  }

  private String talk(Principal customer, String... texts) {
    String id = "";
    for (String text : texts) {
      later(Duration.ofSeconds(1));
      id = said(customer, text).conversation().id();
    }
    return id;
  }

  @Test
  void tellsWhoWantsWhatWhatWasTriedAndWhatIsOpen() {
    Principal customer = customer();
    String id =
        talk(
            customer,
            "My order SO-4711 of $99.50 has not come",
            "It was promised for 2026-11-18. Mail me at li@example.com",
            "When do I get my refund?",
            "Anybody?");
    modes.ask(customer, id, new Modes.Call(HandoverReason.CUSTOMER, 0, Optional.empty()));
    Briefing briefing = briefing(id);
    assertThat(briefing.reason()).contains("customer");
    assertThat(briefing.customer().userId()).isEqualTo(customer.userId());
    assertThat(briefing.customer().conversations()).isEqualTo(1);
    assertThat(briefing.facts())
        .containsExactly("SO-4711", "$99.50", "2026-11-18", "li@example.com");
    assertThat(briefing.tried()).hasSize(3);
    assertThat(briefing.summary().source()).isEqualTo(Source.EXTRACT);
    assertThat(briefing.summary().lines())
        .startsWith("My order SO-4711 of $99.50 has not come")
        .endsWith("Anybody?");
    assertThat(briefing.openQuestion().map(Message::content)).contains("Anybody?");
    modes.take(agent("ann"), id, "ann");
    modes.say(agent("ann"), id, new Modes.Speech("Soon", 1, Optional.empty()));
    assertThat(briefing(id).openQuestion()).isEmpty();
    assertThat(briefing(id).suggestions()).isEmpty();
  }

  @Test
  void suggestsWhatFitsTheOpenQuestion() {
    var canned = office.cannedReplies();
    canned.create(
        supervisor,
        new CannedReply.Draft(
            "/r",
            "Refund on its way",
            "Dear {{customer}}, your refund was sent.",
            Optional.of("en"),
            Set.of("refund")));
    canned.create(
        supervisor,
        new CannedReply.Draft(
            "/zh", "refund refund", "refund", Optional.of("zh"), Set.of("refund")));
    canned.create(
        supervisor, new CannedReply.Draft("/t", "Tea", "We have tea", Optional.empty(), Set.of()));
    Principal customer = customer();
    assertThat(briefing(talk(customer, "where is my refund?")).suggestions())
        .satisfiesExactly(
            first ->
                assertThat(first)
                    .isInstanceOfSatisfying(
                        Suggestion.Canned.class,
                        reply ->
                            assertThat(reply.text())
                                .isEqualTo(
                                    "Dear " + customer.userId() + ", your refund was sent.")),
            second -> assertThat(second).isInstanceOf(Suggestion.Known.class));
  }

  @Test
  void saysHowTheCustomerSoundsAndWhy() {
    assertThat(briefing(talk(customer(), "where is it")).mood().level()).isEqualTo(Level.NEUTRAL);
    assertThat(briefing(talk(customer(), "谢谢，太好了")).mood().level()).isEqualTo(Level.PLEASED);
    assertThat(briefing(talk(customer(), "怎么还没到")).mood().level()).isEqualTo(Level.ANNOYED);
    Briefing.Mood angry =
        briefing(talk(customer(), "WHERE IS IT", "this is a scam!!!", "我要投诉")).mood();
    assertThat(angry.level()).isEqualTo(Level.ANGRY);
    assertThat(angry.evidence()).contains("scam", "投诉");
    assertThat(briefing(talk(customer(), "I like scampi")).mood().level()).isEqualTo(Level.NEUTRAL);
  }

  @Test
  void aModelSumsUpBesideAndWhatItMakesUpIsLeftOut() {
    says = "- Waits for order SO-4711\n- Was promised a refund of 500\n- Is called Wang Fang\n";
    String id = talk(customer(), "my order SO-4711 has not come");
    assertThat(briefing(id).summary().source()).isEqualTo(Source.EXTRACT_FOR_NOW);
    await()
        .atMost(Duration.ofSeconds(10))
        .untilAsserted(() -> assertThat(briefing(id).summary().source()).isEqualTo(Source.MODEL));
    assertThat(briefing(id).summary().lines()).containsExactly("Waits for order SO-4711");
    assertThat(asked).hasSize(1);
  }

  @Test
  void whereTheModelFailsOrInventsAllTheExtractStands() {
    for (String bad : List.of("", "Refund of 12345")) {
      says = bad;
      String id = talk(customer(), "my order has not come");
      assertThat(briefing(id).summary().source()).isEqualTo(Source.EXTRACT_FOR_NOW);
      await()
          .atMost(Duration.ofSeconds(10))
          .untilAsserted(
              () -> assertThat(briefing(id).summary().source()).isEqualTo(Source.EXTRACT));
    }
  }

  @Test
  void isForTheDeskOfTheTenantAlone() {
    Principal customer = customer();
    String id = talk(customer, "hello");
    refused(ErrorCode.FORBIDDEN, () -> office.briefings().of(customer, id));
    refused(ErrorCode.NOT_FOUND, () -> office.briefings().of(customer(), id));
    Principal elsewhere = new Principal("t-" + Ids.next(), "eve", Role.ADMIN, false);
    refused(ErrorCode.NOT_FOUND, () -> office.briefings().of(elsewhere, id));
    for (String nothing : List.of("", "\0", Ids.next())) {
      refused(ErrorCode.NOT_FOUND, () -> briefing(nothing));
    }
  }

  /// Says what the test says, and fails where that is empty.
  private final class OneSummary implements Models {
    @Override
    public boolean available() {
      return says != null;
    }

    @Override
    public ModelStream ask(ModelRequest request) {
      asked.add(request);
      String text = java.util.Objects.requireNonNull(says);
      Queue<ModelEvent> events = new ArrayDeque<>();
      if (!text.isEmpty()) {
        events.add(new ModelEvent.Text(text));
        events.add(new ModelEvent.Finished("stop"));
      }
      return new ModelStream() {
        @Override
        public ModelEvent next() {
          ModelEvent event = events.poll();
          if (event == null) {
            throw new ModelFailure(ModelFailure.Kind.EMPTY, "nothing");
          }
          return event;
        }

        @Override
        public @Nullable ModelEvent poll() {
          return events.poll();
        }

        @Override
        public void close() {}

        @Override
        public String provider() {
          return "test";
        }

        @Override
        public String model() {
          return "test";
        }
      };
    }

    @Override
    public List<String> providers() {
      return List.of("test");
    }

    @Override
    public List<String> failing() {
      return List.of();
    }
  }
}
