package chat.magpie.handover.internal;

import static org.assertj.core.api.Assertions.assertThat;

import chat.magpie.handover.CannedReplies;
import chat.magpie.handover.CannedReply;
import chat.magpie.identity.Principal;
import chat.magpie.identity.Role;
import chat.magpie.kernel.ErrorCode;
import chat.magpie.kernel.Ids;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// What the canned replies of every desk promise.
@Tag("M-09")
abstract class CannedRepliesContract extends DeskSuite {
  private CannedReplies replies;

  @BeforeEach
  void ofThisOffice() {
    replies = office.cannedReplies();
  }

  private static CannedReply.Draft text(String shortcut, String content, String... tags) {
    return new CannedReply.Draft(
        shortcut, "Title of " + shortcut, content, Optional.empty(), Set.of(tags));
  }

  private List<String> shortcuts(CannedReplies.Filter filter) {
    return replies.list(agent("ann"), filter, Optional.empty(), 200).items().stream()
        .map(CannedReply::shortcut)
        .toList();
  }

  private static CannedReplies.Filter filter(
      @Nullable String text, @Nullable String tag, @Nullable String locale) {
    return new CannedReplies.Filter(
        Optional.ofNullable(text), Optional.ofNullable(tag), Optional.ofNullable(locale));
  }

  @Test
  void theyAreKeptChangedAndRemoved() {
    CannedReply made =
        replies.create(
            supervisor,
            new CannedReply.Draft(
                "/退款",
                "退款 😀",
                "亲爱的 {{customer}}，\n请稍候。",
                Optional.of("zh-CN"),
                Set.of("billing", "退款")));
    assertThat(replies.get(agent("ann"), made.id())).isEqualTo(made);
    assertThat(made.version()).isEqualTo(1);
    CannedReply changed =
        replies.change(supervisor, made.id(), text("/x", "y"), OptionalLong.of(1));
    assertThat(changed.version()).isEqualTo(2);
    assertThat(changed.locale()).isEmpty();
    refused(
        ErrorCode.CONFLICT,
        () -> replies.change(supervisor, made.id(), text("/x", "z"), OptionalLong.of(1)));
    CannedReply other = replies.create(supervisor, text("/taken", "y"));
    refused(ErrorCode.CONFLICT, () -> replies.create(supervisor, text("/taken", "z")));
    refused(
        ErrorCode.CONFLICT,
        () -> replies.change(supervisor, made.id(), text("/taken", "z"), OptionalLong.empty()));
    replies.delete(supervisor, other.id());
    refused(ErrorCode.NOT_FOUND, () -> replies.delete(supervisor, other.id()));
    refused(ErrorCode.NOT_FOUND, () -> replies.get(supervisor, other.id()));
    assertThat(shortcuts(CannedReplies.Filter.ALL)).containsExactly("/x");
  }

  @Test
  void pagesComeInOrderAndEachOnce() {
    List<String> all =
        new TreeSet<>(IntStream.range(0, 23).mapToObj(i -> "s" + i).toList()).stream().toList();
    all.reversed().forEach(shortcut -> replies.create(supervisor, text(shortcut, "x")));
    List<String> seen = new ArrayList<>();
    Optional<String> cursor = Optional.empty();
    do {
      CannedReplies.Listed page = replies.list(agent("ann"), CannedReplies.Filter.ALL, cursor, 5);
      assertThat(page.items()).hasSizeLessThanOrEqualTo(5);
      page.items().forEach(reply -> seen.add(reply.shortcut()));
      cursor = page.nextCursor();
    } while (cursor.isPresent());
    assertThat(seen).isEqualTo(all);
    for (String bad : List.of("", "x", "****", "\0", "x".repeat(100_000))) {
      refused(
          ErrorCode.BAD_CURSOR,
          () -> replies.list(agent("ann"), CannedReplies.Filter.ALL, Optional.of(bad), 5));
    }
  }

  @Test
  void thoseThatFitAreFound() {
    replies.create(supervisor, text("/a", "Your REFUND is on its way", "billing"));
    replies.create(
        supervisor,
        new CannedReply.Draft("/b", "退款", "退款处理中", Optional.of("zh-CN"), Set.of("billing")));
    replies.create(
        supervisor, new CannedReply.Draft("/c", "Hi", "Hello", Optional.of("en"), Set.of()));
    assertThat(shortcuts(filter("refund", null, null))).containsExactly("/a");
    assertThat(shortcuts(filter("退", null, null))).containsExactly("/b");
    assertThat(shortcuts(filter(null, "billing", null))).containsExactly("/a", "/b");
    assertThat(shortcuts(filter(null, null, "zh"))).containsExactly("/a", "/b");
    assertThat(shortcuts(filter(null, "billing", "en-GB"))).containsExactly("/a");
    assertThat(shortcuts(filter("%", null, null))).isEmpty();
    assertThat(shortcuts(filter("\0", "\0", "not a locale"))).isEmpty();
  }

  @Test
  void placeholdersAreFilledInAndOthersRefused() {
    Principal customer = principal("{{agent}} $1 \\", Role.CUSTOMER);
    String id = said(customer, "hello").conversation().id();
    CannedReply reply =
        replies.create(
            supervisor,
            text("/f", "{{customer}}|{{ agent }}|{{character}}|{{conversation}}|{{date}}|{x}"));
    assertThat(replies.fill(agent("ann"), reply.id(), id))
        .isEqualTo(
            "{{agent}} $1 \\|ann|Mira|"
                + id
                + "|"
                + clock.instant().atZone(java.time.ZoneOffset.UTC).toLocalDate()
                + "|{x}");
    for (String bad : List.of("{{name}}", "{{}}", "{{Customer}}", "{{customer.name}}")) {
      refused(ErrorCode.INVALID_FIELD, () -> replies.create(supervisor, text("/g", bad)));
    }
    for (String nobody : List.of("", "\0", Ids.next())) {
      refused(ErrorCode.NOT_FOUND, () -> replies.fill(agent("ann"), reply.id(), nobody));
      refused(ErrorCode.NOT_FOUND, () -> replies.fill(agent("ann"), nobody, id));
    }
  }

  @Test
  void theyAreTheirTenantsOwnAndWhoMayDoWhatIsChecked() {
    CannedReply reply = replies.create(supervisor, text("/mine", "canary"));
    Principal elsewhere = new Principal("t-" + Ids.next(), "eve", Role.ADMIN, false);
    assertThat(replies.list(elsewhere, CannedReplies.Filter.ALL, Optional.empty(), 200).items())
        .isEmpty();
    refused(ErrorCode.NOT_FOUND, () -> replies.get(elsewhere, reply.id()));
    refused(ErrorCode.NOT_FOUND, () -> replies.delete(elsewhere, reply.id()));
    refused(
        ErrorCode.NOT_FOUND,
        () -> replies.change(elsewhere, reply.id(), text("/mine", "x"), OptionalLong.empty()));
    assertThat(replies.create(elsewhere, text("/mine", "theirs")).content()).isEqualTo("theirs");
    refused(ErrorCode.FORBIDDEN, () -> replies.create(agent("ann"), text("/no", "x")));
    refused(ErrorCode.FORBIDDEN, () -> replies.delete(agent("ann"), reply.id()));
    refused(ErrorCode.FORBIDDEN, () -> replies.get(customer(), reply.id()));
    refused(
        ErrorCode.FORBIDDEN,
        () -> replies.list(customer(), CannedReplies.Filter.ALL, Optional.empty(), 5));
    for (CannedReply.Draft bad :
        List.of(
            text("", "x"),
            text("a b", "x"),
            text("x".repeat(65), "x"),
            text("\0", "x"),
            text("/x", " "),
            text("/x", "x".repeat(20_001)),
            text("/x", "\uD800"),
            text("/x", "x", "a b"))) {
      refused(ErrorCode.INVALID_FIELD, () -> replies.create(supervisor, bad));
    }
  }
}
