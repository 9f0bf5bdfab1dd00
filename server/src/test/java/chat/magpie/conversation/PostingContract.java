package chat.magpie.conversation;

import static org.assertj.core.api.Assertions.assertThat;

import chat.magpie.conversation.NewMessage.BusyPolicy;
import chat.magpie.conversation.ReplyRecord.Status;
import chat.magpie.identity.Principal;
import chat.magpie.identity.Role;
import chat.magpie.kernel.ErrorCode;
import chat.magpie.kernel.Ids;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// How every system of record takes messages.
abstract class PostingContract extends ConversationsSuite {
  @Test
  void aFirstMessageBeginsTheConversationAndIsAnsweredByThePostingNode() {
    Principal user = someone();
    Posted posted = post(user, "Hello");

    assertThat(posted.repeated()).isFalse();
    assertThat(posted.interrupted()).extracting(ReplyRecord::id).isEmpty();
    Conversation conversation = posted.conversation();
    assertThat(conversation.tenantId()).isEqualTo(TENANT);
    assertThat(conversation.userId()).isEqualTo(user.userId());
    assertThat(conversation.characterId()).isEqualTo(MIRA);
    assertThat(conversation.mode()).isEqualTo(Conversation.Mode.BOT);
    assertThat(conversation.status()).isEqualTo(Conversation.Status.ACTIVE);
    assertThat(conversation.messageSeq()).isEqualTo(1);
    Message message = posted.message();
    assertThat(message.seq()).isEqualTo(1);
    assertThat(message.role()).isEqualTo(Message.Role.USER);
    assertThat(message.authorId()).isEqualTo(user.userId());
    assertThat(message.content()).isEqualTo("Hello");
    assertThat(message.tokenCount()).isEqualTo(3);
    ReplyRecord reply = posted.reply();
    assertThat(reply.status()).isEqualTo(Status.RUNNING);
    assertThat(reply.owner()).isEqualTo(NODE);
    assertThat(reply.epoch()).isEqualTo(1);
    assertThat(reply.attempts()).isEqualTo(1);
    assertThat(reply.startedAt()).isPresent();
    assertThat(message.turnId()).contains(reply.turnId());
  }

  @Test
  void whatIsReturnedIsWhatIsStored() {
    Principal user = someone();
    Posted posted = post(user, "Hello");

    assertThat(conversations.visibleTo(user, posted.conversation().id()))
        .contains(posted.conversation());
    assertThat(conversations.current(user, user.userId(), MIRA)).contains(posted.conversation());
    assertThat(conversations.replyVisibleTo(user, posted.reply().id())).contains(posted.reply());
    assertThat(conversations.question(posted.reply())).isEqualTo(posted.message());
    assertThat(conversations.answer(posted.reply())).isEmpty();
    assertThat(messages(posted.conversation())).containsExactly(posted.message());
  }

  @Test
  void eachCharacterHasItsOwnCurrentConversation() {
    Principal user = someone();
    Posted mira = post(user, "Hello");
    Posted echo = conversations.post(user, message(user, "Hello").to(ECHO).build());

    assertThat(echo.conversation().id()).isNotEqualTo(mira.conversation().id());
    assertThat(echo.reply().status()).isEqualTo(Status.RUNNING);
    assertThat(post(user, "Again").conversation().id()).isEqualTo(mira.conversation().id());
  }

  @Test
  void aNamedConversationGoesOnWithItsOwnCharacter() {
    Principal user = someone();
    String id = post(user, "Hello").conversation().id();
    Posted second = conversations.post(user, message(user, "More").in(id).build());

    assertThat(second.conversation().id()).isEqualTo(id);
    assertThat(second.message().seq()).isEqualTo(2);
    assertThat(second.reply().characterId()).isEqualTo(MIRA);
    assertThat(conversations.post(user, message(user, "x").in(id).to(MIRA).build()).message().seq())
        .isEqualTo(3);
    refused(
        ErrorCode.INVALID_FIELD,
        () -> conversations.post(user, message(user, "x").in(id).to(ECHO).build()));
  }

  @Test
  void anUnknownCharacterIsNotFound() {
    Principal user = someone();
    for (String id : List.of("nobody", "", "\0", "x".repeat(100_000), "\uD800")) {
      refused(
          ErrorCode.NOT_FOUND, () -> conversations.post(user, message(user, "x").to(id).build()));
    }
    refused(
        ErrorCode.INVALID_FIELD,
        () -> conversations.post(user, message(user, "x").toNobody().build()));
    assertThat(listOf(user)).isEmpty();
  }

  @Test
  void aConversationWithADeletedCharacterStaysReadableButTakesNoMessage() {
    Principal user = someone();
    Posted posted =
        conversations.post(user, message(user, "Hello").to("fading").key("first").build());
    characters.remove("fading");
    String id = posted.conversation().id();

    refused(ErrorCode.NOT_FOUND, () -> conversations.post(user, message(user, "x").in(id).build()));
    assertThat(messages(posted.conversation())).hasSize(1);
    assertThat(
            conversations
                .post(user, message(user, "Hello").to("fading").key("first").build())
                .repeated())
        .isTrue();
  }

  @Test
  void everyKindOfTextComesBackAsItWas() {
    Principal user = someone();
    List<String> texts =
        List.of(
            "你好，世界",
            "👩‍👩‍👧‍👦 🏳️‍🌈 𝕏 𠮷",
            "e\u0301 n\u0303 \u202Eright to left\u202C",
            "'; drop table message; -- ? :x ${text} {0} %s \\ \" `",
            " \t\r\n ",
            "",
            "长".repeat(100_000));
    for (String text : texts) {
      Posted posted = post(user, text);
      assertThat(conversations.question(posted.reply()).content()).isEqualTo(text);
      Ended ended = conversations.end(done(posted.reply(), text)).orElseThrow();
      assertThat(conversations.answer(ended.reply()).orElseThrow().content()).isEqualTo(text);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"a\0b", "\uD83D", "x\uDE00", "\uDE00\uD83D"})
  void textThatCannotBeKeptIsRefused(String bad) {
    Principal user = someone();
    refused(ErrorCode.INVALID_FIELD, () -> post(user, bad));
    refused(
        ErrorCode.INVALID_FIELD,
        () -> conversations.post(user, message(user, "x").key(bad).build()));
    Principal odd = principal(bad, Role.CUSTOMER);
    refused(ErrorCode.INVALID_FIELD, () -> post(odd, "x"));
    refused(ErrorCode.INVALID_FIELD, () -> listOf(odd));
    assertThat(conversations.current(user, user.userId(), bad)).isEmpty();
    assertThat(conversations.endCurrent(user, user.userId(), bad)).isEmpty();
    assertThat(listOf(user)).isEmpty();
  }

  @Test
  void longIdsAreKeptUpToTheirLimit() {
    Principal longest = principal("用".repeat(110) + Ids.next().substring(18), Role.CUSTOMER);
    assertThat(longest.userId()).hasSize(128);
    Posted posted = conversations.post(longest, message(longest, "x").key("键".repeat(255)).build());
    assertThat(posted.conversation().userId()).isEqualTo(longest.userId());
    assertThat(listOf(longest)).containsExactly(posted.conversation());

    refused(
        ErrorCode.INVALID_FIELD,
        () -> conversations.post(longest, message(longest, "x").key("k".repeat(256)).build()));
    Principal tooLong = principal(longest.userId() + "x", Role.CUSTOMER);
    refused(ErrorCode.INVALID_FIELD, () -> post(tooLong, "x"));
  }

  @Test
  void userIdsAreComparedExactly() {
    String name = "Bob-" + Ids.next();
    List<Principal> users =
        List.of(
            principal(name, Role.CUSTOMER),
            principal(name.toUpperCase(java.util.Locale.ROOT), Role.CUSTOMER),
            principal(name + " ", Role.CUSTOMER),
            principal(name.replace('o', 'ó'), Role.CUSTOMER));
    for (Principal user : users) {
      post(user, "I am " + user.userId());
    }
    for (Principal user : users) {
      assertThat(listOf(user)).singleElement().extracting("userId").isEqualTo(user.userId());
    }
  }

  // Order

  @Test
  void manyPostersShareOneConversationWithoutAGap() throws Exception {
    Principal user = someone();
    List<Posted> posted = together(64, i -> () -> post(user, "message " + i));

    assertThat(posted.stream().map(p -> p.conversation().id()).distinct()).hasSize(1);
    assertThat(posted.stream().map(p -> p.message().seq()).sorted())
        .containsExactlyElementsOf(LongStream.rangeClosed(1, 64).boxed().toList());
    assertThat(posted.stream().filter(p -> p.reply().status() == Status.RUNNING)).hasSize(1);
    Conversation conversation = posted.getFirst().conversation();
    List<Event> events = events(conversation.id());
    assertDense(events);
    assertThat(events.stream().filter(e -> e.type().equals("message.created"))).hasSize(64);
    assertThat(events.stream().filter(e -> e.type().equals("reply.started"))).hasSize(1);
    assertThat(events.stream().filter(e -> e.type().equals("conversation.created"))).hasSize(1);
    assertThat(eventSeq(conversation.id())).isEqualTo(events.size());
  }

  @Test
  void postingAndEndingAtTheSameTimeAnswersEachMessageOnce() throws Exception {
    Principal user = someone();
    Posted first = post(user, "first");
    List<Integer> answered =
        together(
            9,
            i ->
                () -> {
                  if (i > 0) {
                    for (int n = 0; n < 10; n++) {
                      post(user, "message " + i + "." + n);
                    }
                    return 0;
                  }
                  return answerAll(first.reply());
                });
    int left =
        conversations.unendedReplies(user, user.userId()).stream()
            .filter(reply -> reply.status() == Status.RUNNING)
            .findFirst()
            .map(this::answerAll)
            .orElse(0);

    assertThat(answered.stream().mapToInt(Integer::intValue).sum() + left).isEqualTo(81);
    assertThat(conversations.unendedReplies(user, user.userId())).isEmpty();
    List<Message> messages = messages(first.conversation());
    assertThat(messages).hasSize(162);
    assertThat(messages.stream().map(Message::seq))
        .containsExactlyElementsOf(LongStream.rangeClosed(1, 162).boxed().toList());
    List<Event> events = events(first.conversation().id());
    assertDense(events);
    assertThat(events).hasSize(1 + 162 + 81 + 81);
  }

  @Test
  void theFeedTellsWhatHappenedInOrder() {
    Principal user = someone();
    Posted first = post(user, "one");
    Posted second = post(user, "two");
    Ended ended = conversations.end(done(first.reply(), "answer")).orElseThrow();
    conversations.endCurrent(user, user.userId(), MIRA);

    List<Event> events = events(first.conversation().id());
    assertDense(events);
    assertThat(events.stream().map(Event::type))
        .containsExactly(
            "conversation.created",
            "message.created",
            "reply.started",
            "message.created",
            "message.created",
            "reply.ended",
            "reply.started",
            "conversation.ended");
    JsonNode created = events.get(1).payload();
    assertThat(created.get("message_id").asText()).isEqualTo(first.message().id());
    assertThat(created.get("seq").asLong()).isEqualTo(1);
    assertThat(created.get("role").asText()).isEqualTo("user");
    assertThat(created.get("reply_id").asText()).isEqualTo(first.reply().id());
    assertThat(events.get(4).payload().get("role").asText()).isEqualTo("assistant");
    assertThat(events.get(5).payload().get("status").asText()).isEqualTo("done");
    assertThat(events.get(5).payload().get("message_id").asText())
        .isEqualTo(ended.message().orElseThrow().id());
    assertThat(events.get(6).payload().get("reply_id").asText()).isEqualTo(second.reply().id());
  }

  // Idempotency

  @Test
  void theSameKeyIsTheSameTurn() {
    Principal user = someone();
    Posted first = conversations.post(user, message(user, "Hello").key("k").build());
    Posted again = conversations.post(user, message(user, "Hello").key("k").build());

    assertThat(again.repeated()).isTrue();
    assertThat(again.message()).isEqualTo(first.message());
    assertThat(again.reply()).isEqualTo(first.reply());
    assertThat(again.conversation()).isEqualTo(first.conversation());
    assertThat(messages(first.conversation())).hasSize(1);
    assertDense(events(first.conversation().id()));

    conversations.end(done(first.reply(), "Hi"));
    Posted later = conversations.post(user, message(user, "Hello").key("k").build());
    assertThat(later.reply().status()).isEqualTo(Status.DONE);
  }

  @Test
  void theSameKeyWithAnotherBodyIsAMismatch() {
    Principal user = someone();
    Posted first = conversations.post(user, message(user, "Hello").key("k").build());
    List<NewMessage> altered =
        List.of(
            message(user, "Hello!").key("k").build(),
            message(user, "Hello").to(ECHO).key("k").build(),
            message(user, "Hello").in(first.conversation().id()).key("k").build(),
            message(user, "Hello").in(Ids.next()).key("k").build());
    for (NewMessage other : altered) {
      refused(ErrorCode.IDEMPOTENCY_MISMATCH, () -> conversations.post(user, other));
    }
    assertThat(messages(first.conversation())).hasSize(1);
    assertThat(listOf(user)).hasSize(1);
  }

  @Test
  void keysOfDifferentUsersAndWithDifferentCaseAreDifferentKeys() {
    Principal user = someone();
    Principal other = someone();
    assertThat(conversations.post(user, message(user, "x").key("k").build()).repeated()).isFalse();
    assertThat(conversations.post(user, message(user, "x").key("K").build()).repeated()).isFalse();
    assertThat(conversations.post(user, message(user, "x").key("k ").build()).repeated()).isFalse();
    assertThat(conversations.post(other, message(other, "x").key("k").build()).repeated())
        .isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"QUEUE", "REJECT", "INTERRUPT"})
  void aHundredSendsAtOnceWithOneKeyAreOneTurn(String policy) throws Exception {
    Principal user = someone();
    List<Posted> posted =
        together(
            100,
            i ->
                () ->
                    conversations.post(
                        user,
                        message(user, "Hello").key("k").with(BusyPolicy.valueOf(policy)).build()));

    assertThat(posted.stream().filter(p -> !p.repeated())).hasSize(1);
    assertThat(posted.stream().map(p -> p.reply().id()).distinct()).hasSize(1);
    assertThat(posted.stream().map(p -> p.reply().stopReason()).distinct())
        .containsExactly(Optional.empty());
    assertThat(messages(posted.getFirst().conversation())).hasSize(1);
    assertThat(events(posted.getFirst().conversation().id())).hasSize(3);
    assertThat(listOf(user)).hasSize(1);
  }

  @Test
  void oneKeyIntoTwoConversationsAtOnceIsOneTurn() throws Exception {
    Principal user = someone();
    List<Optional<ErrorCode>> outcomes =
        together(
            40,
            i ->
                () ->
                    outcome(() ->
                        conversations.post(
                            user,
                            message(user, "x").to(i % 2 == 0 ? MIRA : ECHO).key("k").build())));
    assertThat(outcomes.stream().filter(Optional::isEmpty)).hasSize(20);
    assertThat(outcomes.stream().flatMap(Optional::stream).distinct())
        .containsExactly(ErrorCode.IDEMPOTENCY_MISMATCH);
    assertThat(listOf(user)).hasSize(1);
  }

  @Test
  void aRepeatedSendIsAnsweredAfterTheConversationHasEnded() {
    Principal user = someone();
    String id = post(user, "Hello").conversation().id();
    Posted first = conversations.post(user, message(user, "More").in(id).key("k").build());
    conversations.endCurrent(user, user.userId(), MIRA);

    refused(
        ErrorCode.CONVERSATION_ENDED,
        () -> conversations.post(user, message(user, "More").in(id).key("new").build()));
    Posted again = conversations.post(user, message(user, "More").in(id).key("k").build());
    assertThat(again.repeated()).isTrue();
    assertThat(again.message()).isEqualTo(first.message());
  }

  @Test
  void aRefusedSendDoesNotUseUpItsKey() {
    Principal user = someone();
    Posted running = post(user, "Hello");
    NewMessage next = message(user, "More").key("k").with(BusyPolicy.REJECT).build();
    refused(ErrorCode.BUSY, () -> conversations.post(user, next));
    conversations.end(done(running.reply(), "Hi"));
    assertThat(conversations.post(user, next).repeated()).isFalse();
    assertThat(conversations.post(user, next).repeated()).isTrue();
  }

  // Busy

  @Test
  void aQueuedReplyWaitsForTheOneBefore() {
    Principal user = someone();
    Posted first = post(user, "one");
    Posted second = post(user, "two");

    assertThat(second.reply().status()).isEqualTo(Status.QUEUED);
    assertThat(second.reply().owner()).isNull();
    assertThat(second.reply().epoch()).isZero();
    assertThat(second.reply().attempts()).isZero();
    assertThat(second.reply().startedAt()).isEmpty();
    assertThat(conversations.replyVisibleTo(user, second.reply().id())).contains(second.reply());
    assertThat(second.conversation().id()).isEqualTo(first.conversation().id());
  }

  @Test
  void aRejectedMessageLeavesNoTrace() {
    Principal user = someone();
    Posted first = post(user, "one");
    refused(
        ErrorCode.BUSY,
        () -> conversations.post(user, message(user, "two").with(BusyPolicy.REJECT).build()));

    assertThat(conversations.visibleTo(user, first.conversation().id()))
        .contains(first.conversation());
    assertThat(messages(first.conversation())).hasSize(1);
    assertThat(eventSeq(first.conversation().id())).isEqualTo(3);
    assertThat(conversations.unendedReplies(user, user.userId())).containsExactly(first.reply());
  }

  @Test
  void anInterruptingMessageStopsWhatCameBefore() {
    Principal user = someone();
    Posted running = post(user, "one");
    Posted queued = post(user, "two");
    Posted third =
        conversations.post(user, message(user, "three").with(BusyPolicy.INTERRUPT).build());

    assertThat(third.interrupted())
        .extracting(ReplyRecord::id)
        .containsExactly(running.reply().id(), queued.reply().id());
    assertThat(third.reply().status()).isEqualTo(Status.QUEUED);
    assertThat(third.reply().stopReason()).isEmpty();
    assertThat(stored(running).stopReason()).contains("interrupted");
    assertThat(stored(queued).stopReason()).contains("interrupted");
    assertThat(stored(queued).status()).isEqualTo(Status.QUEUED);

    Ended first = conversations.end(stopped(running.reply(), "par")).orElseThrow();
    assertThat(first.reply().stopReason()).contains("interrupted");
    assertThat(first.message().orElseThrow().status()).isEqualTo(Message.Status.STOPPED);
    ReplyRecord next = first.next().orElseThrow();
    assertThat(next.id()).isEqualTo(queued.reply().id());
    assertThat(next.stopReason()).contains("interrupted");
    ReplyRecord last = conversations.end(stopped(next, "")).orElseThrow().next().orElseThrow();
    assertThat(last.id()).isEqualTo(third.reply().id());
    assertThat(last.stopReason()).isEmpty();
  }

  @Test
  void anInterruptingMessageWithNothingToInterruptRuns() {
    Principal user = someone();
    Posted posted =
        conversations.post(user, message(user, "one").with(BusyPolicy.INTERRUPT).build());
    assertThat(posted.reply().status()).isEqualTo(Status.RUNNING);
    assertThat(posted.interrupted()).extracting(ReplyRecord::id).isEmpty();
  }

  @Test
  void onlySoManyMessagesOfAConversationWait() {
    Principal user = someone();
    Posted running = conversations.post(user, message(user, "1").queueing(2).build());
    conversations.post(user, message(user, "2").queueing(2).build());
    conversations.post(user, message(user, "3").key("third").queueing(2).build());
    refused(ErrorCode.BUSY, () -> conversations.post(user, message(user, "4").queueing(2).build()));
    assertThat(
            conversations
                .post(user, message(user, "3").key("third").queueing(2).build())
                .repeated())
        .isTrue();
    conversations.end(done(running.reply(), "answer"));
    conversations.post(user, message(user, "4").queueing(2).build());
  }
}
