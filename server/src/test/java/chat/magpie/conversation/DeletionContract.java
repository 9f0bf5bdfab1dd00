package chat.magpie.conversation;

import static org.assertj.core.api.Assertions.assertThat;

import chat.magpie.conversation.internal.SqlSessions;
import chat.magpie.identity.Principal;
import chat.magpie.kernel.Deadline;
import chat.magpie.kernel.ErrorCode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/// What every system of record promises of a conversation that is deleted: nobody sees it any more,
/// and nothing of it is left, whatever breaks off in between.
abstract class DeletionContract extends SessionsSuite {
  private static Deadline patience() {
    return Deadline.after(Duration.ofSeconds(30));
  }

  private boolean delete(Principal user, String id) {
    return sessions.delete(user, id, patience());
  }

  private void assertUnseen(Principal user, Posted posted) {
    String id = posted.conversation().id();
    assertThat(conversations.visibleTo(user, id)).isEmpty();
    assertThat(sessions.visibleTo(user, id)).isEmpty();
    assertThat(conversations.replyVisibleTo(user, posted.reply().id())).isEmpty();
    assertThat(listOf(user)).extracting(Conversation::id).doesNotContain(id);
    assertThat(sessions.list(user, ALL, Optional.empty(), 200).items())
        .extracting(session -> session.conversation().id())
        .doesNotContain(id);
    refused(ErrorCode.NOT_FOUND, () -> conversations.post(user, message(user, "x").in(id).build()));
    assertThat(conversations.feedSeqs(List.of(id))).isEmpty();
  }

  @Test
  void nothingOfADeletedConversationIsLeft() {
    Principal user = someone();
    Session session = opened(user);
    String id = session.conversation().id();
    sessions.change(user, id, SessionChange.tags(List.of("a", "b"), List.of()));
    Posted first = say(user, session, "one");
    conversations.end(done(first.reply(), "answer"));
    Posted second = say(user, session, "two");
    Posted third = say(user, session, "three");
    Session other = opened(user, "other");
    Posted kept = say(user, other, "kept");
    List<String> heard = new CopyOnWriteArrayList<>();
    conversations.listen(
        new FeedListener() {
          @Override
          public void grew(String tenantId, String conversationId, long seq) {}

          @Override
          public void deleted(String tenantId, String conversationId) {
            heard.add(tenantId + " " + conversationId);
          }
        });
    assertThat(rows(id)).isGreaterThan(15);
    assertThat(delete(user, id)).isTrue();
    assertThat(rows(id)).isZero();
    assertUnseen(user, second);
    assertThat(heard).containsExactly(TENANT + " " + id);
    for (Posted gone : List.of(first, second, third)) {
      assertThat(conversations.replyVisibleTo(user, gone.reply().id())).isEmpty();
      assertThat(conversations.requestStop(gone.reply().id(), "user")).isEmpty();
    }
    assertThat(conversations.end(done(second.reply(), "late"))).isEmpty();
    assertThat(conversations.claim(second.reply().id(), 1, "node-2")).isEmpty();
    assertThat(conversations.countCall(second.reply().id(), 1)).isFalse();
    assertThat(rows(id)).isZero();
    refused(ErrorCode.NOT_FOUND, () -> delete(user, id));
    assertThat(messages(kept.conversation())).hasSize(1);
    assertThat(conversations.currentReply(user, user.userId()).orElseThrow().id())
        .isEqualTo(kept.reply().id());
    assertThat(erasures(id)).isEqualTo(1);
    pass(Duration.ofMinutes(1));
    sweep(sessions);
    assertThat(erasures(id)).isZero();
  }

  @Test
  void theCurrentConversationIsFollowedByAnother() {
    Principal user = someone();
    Posted first = post(user, "one");
    Posted keyed = conversations.post(user, message(user, "two").key("k").build());
    assertThat(delete(user, first.conversation().id())).isTrue();
    assertUnseen(user, keyed);
    assertThat(conversations.current(user, user.userId(), MIRA)).isEmpty();
    assertThat(conversations.currentReply(user, user.userId())).isEmpty();
    Posted again = conversations.post(user, message(user, "two").key("k").build());
    assertThat(again.repeated()).isFalse();
    assertThat(again.conversation().id()).isNotEqualTo(first.conversation().id());
  }

  @Test
  void aDeletedConversationIsUnseenAtOnceAndErasedLater() {
    Principal user = someone();
    Session session = opened(user);
    String id = session.conversation().id();
    Posted posted = say(user, session, "first");
    for (int i = 0; i < 400; i++) {
      posted = say(user, session, "message " + i);
    }
    // As if the node had gone away right after: no time at all.
    assertThat(sessions.delete(user, id, Deadline.after(Duration.ZERO))).isFalse();
    assertThat(rows(id)).isPositive();
    assertUnseen(user, posted);
    assertThat(conversations.currentReply(user, user.userId())).isEmpty();
    assertThat(conversations.unendedReplies(user, user.userId())).isEmpty();
    assertThat(sessions.stats(user, user.userId()).messages()).isZero();
    SqlSessions other = others(Settings.USUAL, "node-2");
    sweep(other);
    assertThat(rows(id)).isPositive();
    pass(Duration.ofSeconds(11));
    sweep(other);
    assertThat(rows(id)).isZero();
    assertThat(erasures(id)).isZero();
  }

  @Test
  void whatOthersKeepIsErasedToo() {
    SqlSessions own = others(Settings.USUAL, "node-1");
    List<String> asked = new ArrayList<>();
    AtomicBoolean failing = new AtomicBoolean(true);
    Principal user = someone();
    Session session = opened(user);
    String id = session.conversation().id();
    own.onErase((deleted, replies) -> {
      if (!deleted.conversationId().equals(id)) {
        return;
      }
      assertThat(deleted).isEqualTo(new Remains.Deleted(TENANT, id, user.userId(), MIRA, true));
      replies.forEach(reply -> asked.add(reply.id()));
      if (failing.get()) {
        throw new IllegalStateException("told to fail");
      }
    });
    Posted posted = say(user, session, "one");
    assertThat(own.delete(user, id, patience())).isFalse();
    assertThat(asked).containsExactly(posted.reply().id());
    assertThat(rows(id)).as("the reply alone waits for what others keep").isEqualTo(1);
    assertUnseen(user, posted);
    pass(Duration.ofSeconds(11));
    sweep(own);
    assertThat(rows(id)).isEqualTo(1);
    assertThat(erasures(id)).isEqualTo(1);
    failing.set(false);
    sweep(own);
    assertThat(asked).hasSize(3);
    assertThat(rows(id)).isZero();
    assertThat(erasures(id)).isZero();
  }

  @Test
  void endedConversationsAreErasedWhenConfigured() {
    SqlSessions erasing = others(Settings.USUAL.erasingAfter(Duration.ofDays(30)), "node-1");
    Principal user = someone();
    Session ended = opened(user, "ended");
    Session expiring = opened(user, "expiring");
    say(user, ended, "one");
    sessions.end(user, ended.conversation().id());
    pass(Duration.ofDays(8));
    sweep(sessions);
    pass(Duration.ofDays(23));
    sweep(sessions);
    assertThat(rows(ended.conversation().id())).isPositive();
    sweep(erasing);
    assertThat(rows(ended.conversation().id())).isZero();
    assertThat(rows(expiring.conversation().id())).isPositive();
    pass(Duration.ofDays(8));
    sweep(erasing);
    assertThat(rows(expiring.conversation().id())).isZero();
    Session active = opened(user, "active");
    sweep(erasing);
    assertThat(sessions.visibleTo(user, active.conversation().id())).isPresent();
  }

  @Test
  void deletingTwiceAtTheSameTimeDeletesOnce() throws Exception {
    Principal user = someone();
    String id = opened(user).conversation().id();
    List<Optional<ErrorCode>> outcomes = together(8, i -> () -> outcome(() -> delete(user, id)));
    assertThat(outcomes).filteredOn(Optional::isEmpty).hasSize(1);
    assertThat(outcomes)
        .filteredOn(Optional::isPresent)
        .containsOnly(Optional.of(ErrorCode.NOT_FOUND));
    assertThat(rows(id)).isZero();
  }

  @Test
  void messagesThatComeMeanwhileAreEitherErasedOrRefused() throws Exception {
    for (int round = 0; round < 5; round++) {
      Principal user = someone();
      Posted first = post(user, "one");
      String id = first.conversation().id();
      List<Optional<ErrorCode>> outcomes =
          together(
              9,
              i ->
                  () ->
                      outcome(() -> {
                        if (i == 4) {
                          delete(user, id);
                        } else {
                          conversations.post(user, message(user, "x").in(id).build());
                        }
                      }));
      assertThat(outcomes.get(4)).isEmpty();
      assertThat(outcomes).allMatch(code -> code.isEmpty() || code.get() == ErrorCode.NOT_FOUND);
      assertThat(rows(id)).isZero();
    }
  }
}
