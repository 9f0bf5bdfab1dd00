package chat.magpie.conversation;

import static org.assertj.core.api.Assertions.assertThat;

import chat.magpie.identity.Principal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/// What every system of record tells of what happened in a conversation.
abstract class FeedContract extends ConversationsSuite {
  @Test
  void theFeedIsReadFromAnyPlaceInPagesAndWithoutGaps() {
    Principal user = someone();
    Posted first = post(user, "one");
    conversations.end(done(first.reply(), "answer"));
    post(user, "two");
    Conversation now = conversations.visibleTo(user, first.conversation().id()).orElseThrow();
    List<FeedEntry> whole = conversations.feed(now, 0, 100);
    assertThat(whole)
        .extracting(FeedEntry::type)
        .containsExactly(
            "conversation.created",
            "message.created",
            "reply.started",
            "message.created",
            "reply.ended",
            "message.created",
            "reply.started");
    assertThat(whole)
        .extracting(FeedEntry::seq)
        .containsExactlyElementsOf(LongStream.rangeClosed(1, 7).boxed().toList());
    assertThat(whole).noneMatch(FeedEntry::isForDesk);
    assertThat(json(whole.get(1).payload()).get("message_id").asText())
        .isEqualTo(first.message().id());
    List<FeedEntry> paged = new ArrayList<>();
    for (List<FeedEntry> page = conversations.feed(now, 0, 2);
        !page.isEmpty();
        page = conversations.feed(now, paged.getLast().seq(), 2)) {
      assertThat(page).hasSizeLessThanOrEqualTo(2);
      paged.addAll(page);
    }
    assertThat(paged).isEqualTo(whole);
    assertThat(conversations.feed(now, 7, 100)).isEmpty();
    assertThat(conversations.feed(now, Long.MAX_VALUE, 100)).isEmpty();
  }

  @Test
  void aConversationSaysHowFarItsFeedReaches() {
    Principal user = someone();
    Conversation begun = post(user, "one").conversation();
    assertThat(begun.feedSeq()).isEqualTo(3);
    Posted second = post(user, "two");
    assertThat(second.conversation().feedSeq()).isGreaterThanOrEqualTo(4);
    Conversation now = conversations.visibleTo(user, begun.id()).orElseThrow();
    assertThat(now.feedSeq()).isEqualTo(4).isEqualTo(eventSeq(now.id()));
    assertThat(conversations.feedSeqs(List.of(begun.id(), "no such conversation")))
        .isEqualTo(Map.of(begun.id(), 4L));
    assertThat(conversations.feedSeqs(List.of())).isEmpty();
  }

  @Test
  void whoListensIsToldHowFarEveryCommitWent() throws Exception {
    Map<String, Long> heard = new ConcurrentHashMap<>();
    conversations.listen((tenant, conversation, seq) -> {
      assertThat(tenant).isEqualTo(TENANT);
      heard.merge(conversation, seq, Math::max);
    });
    List<Posted> posted = together(8, i -> () -> post(someone(), "message " + i));
    for (Posted each : posted) {
      assertThat(heard).containsEntry(each.conversation().id(), 3L);
      conversations.end(done(each.reply(), "answer"));
      assertThat(heard).containsEntry(each.conversation().id(), 5L);
    }
    Principal user = someone();
    String id = post(user, "a").conversation().id();
    Posted waiting = post(user, "b");
    assertThat(heard).containsEntry(id, 4L);
    conversations.requestStop(waiting.reply().id(), "user");
    assertThat(heard).containsEntry(id, 5L);
    conversations.endCurrent(user, user.userId(), MIRA);
    assertThat(heard).containsEntry(id, 6L).containsEntry(id, eventSeq(id));
  }
}
