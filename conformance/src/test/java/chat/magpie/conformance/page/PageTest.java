package chat.magpie.conformance.page;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import chat.magpie.conformance.Shared;
import chat.magpie.conformance.server.MagpieProcess;
import chat.magpie.conformance.upstream.Upstream;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Locator;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// The page as the packaged server serves it.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PageTest {
  private static final String COUNTING =
      IntStream.rangeClosed(1, 120).mapToObj(i -> "n" + i).collect(Collectors.joining(" "));

  private Chromium chromium;

  @BeforeAll
  void start() {
    chromium = new Chromium();
  }

  @AfterAll
  void stop() {
    chromium.close();
  }

  private PageVisit visit(MagpieProcess server, String locale) {
    return new PageVisit(chromium.visitor(locale), server.uri("/").toString());
  }

  /// A message that makes the model take `millis` to say the text.
  private static String slowly(String text, int millis) {
    return "[[chunks=60 interval=%d text=%s]]".formatted(millis / 60, text);
  }

  @Test
  @Tag("A-01")
  @Tag("A-02")
  void anAnswerGrowsAndGoesOnAfterAReload() {
    try (PageVisit visit = visit(Shared.server(), "en-GB")) {
      visit.open();
      visit.say(slowly(COUNTING, 6_000));
      assertThat(visit.prose()).containsText("n10 ");
      assertThat(visit.stop()).isEnabled();
      visit.page.reload();
      assertThat(visit.prose()).containsText("n10 ");
      assertThat(visit.stop()).isEnabled();
      assertThat(visit.prose()).hasText(COUNTING);
      visit.assertEnded();
      assertThat(visit.bubbles()).hasCount(1);
      visit.page.reload();
      assertThat(visit.prose()).hasText(COUNTING);
      assertThat(visit.bubbles()).hasCount(1);
    }
  }

  @Test
  @Tag("A-10")
  void anotherDeviceSeesTheSameAnswerGrow() {
    try (PageVisit first = visit(Shared.server(), "en-GB")) {
      first.open();
      first.say("[[text=Hello.]]");
      first.assertEnded();
      first.say(slowly(COUNTING, 6_000));
      assertThat(first.prose()).containsText("n10 ");
      var sameUser =
          new Browser.NewContextOptions()
              .setLocale("en-GB")
              .setStorageState(first.context.storageState());
      try (PageVisit second =
          new PageVisit(chromium.visitor(sameUser), Shared.server().uri("/").toString())) {
        second.open();
        assertThat(second.prose()).containsText("n10 ");
        assertThat(second.stop()).isEnabled();
        assertThat(second.prose()).hasText(COUNTING);
        second.assertEnded();
        assertThat(second.bubbles()).hasCount(2);
      }
      assertThat(first.prose()).hasText(COUNTING);
    }
  }

  @Test
  @Tag("A-03")
  void stoppingKeepsWhatWasSaid() {
    try (PageVisit visit = visit(Shared.server(), "en-GB")) {
      visit.open();
      visit.say(slowly(COUNTING, 30_000));
      assertThat(visit.prose()).containsText("n5 ");
      visit.stop().click();
      visit.assertEnded();
      assertThat(visit.answer()).containsText("You stopped this answer");
      String said = visit.prose().textContent().strip();
      assertThat(COUNTING).startsWith(said);
      visit.page.reload();
      assertThat(visit.prose()).hasText(said);
      assertThat(visit.answer()).containsText("You stopped this answer");
    }
  }

  @Test
  @Tag("M-07")
  void anAnswerTellsWhatItWasMadeOf() {
    try (PageVisit visit = visit(Shared.server(), "en-GB")) {
      visit.open();
      visit.say("[[mode=reasoning chunks=3]] one");
      visit.assertEnded();
      assertThat(visit.answer().locator(".reasoning")).isVisible();
      visit.say("[[text=Two.]]");
      assertThat(visit.prose()).hasText("Two.");
      visit.assertEnded();
      visit.page.reload();
      visit.answer().locator(".made-of summary").click();
      Locator parts = visit.answer().locator(".parts li");
      assertThat(parts.filter(having("Instructions"))).hasCount(1);
      assertThat(parts.filter(having("Earlier messages"))).containsText("× 2");
      assertThat(parts.filter(having("Your message"))).hasCount(1);
    }
  }

  private static Locator.FilterOptions having(String text) {
    return new Locator.FilterOptions().setHasText(text);
  }

  @Test
  void whatTheModelSaysIsShownAndNotRun() {
    String hostile =
        "<img src=x onerror=alert(1)> ![pixel](https://evil.example/p.png)"
            + " [no](javascript:alert(2)) **bold**";
    try (PageVisit visit = visit(Shared.server(), "en-GB")) {
      visit.open();
      visit.say("[[chunks=9 text=" + hostile + "]]");
      visit.assertEnded();
      assertThat(visit.prose()).hasText("<img src=x onerror=alert(1)> pixel no bold");
      assertThat(visit.prose().locator("img")).hasCount(0);
      assertThat(visit.prose().locator("a[href]")).hasText("pixel");
      assertThat(visit.prose().locator("strong")).hasText("bold");
    }
  }

  @Test
  void aModelThatFailsIsReportedInHumanWords() {
    try (PageVisit visit = visit(Shared.server(), "en-GB")) {
      visit.open();
      visit.say("[[status=400]] fail");
      visit.assertEnded();
      assertThat(visit.answer().locator(".broken"))
          .containsText("The model did not give an answer.");
      visit.say("[[text=Fine again.]]");
      assertThat(visit.prose()).hasText("Fine again.");
    }
  }

  @Test
  @Tag("C-25")
  void chineseReadersAreMetInChinese() {
    try (PageVisit visit = visit(Shared.server(), "zh-CN")) {
      visit.open();
      Pattern chinese = Pattern.compile("[\u4e00-\u9fff]");
      assertThat(visit.page.locator(".person").first()).hasText(chinese);
      assertThat(visit.page.locator(".empty .greeting")).hasText(chinese);
      assertThat(visit.input()).hasAttribute("placeholder", Pattern.compile("^给.+发消息$"));
      visit.say("[[text=你好，**世界**。]]");
      assertThat(visit.prose()).hasText("你好，世界。");
      visit.assertEnded();
    }
  }

  @Test
  @Tag("M-06")
  @Tag("C-09")
  void withoutAModelTheAnswerCitesTheDocumentation() {
    try (MagpieProcess server = MagpieProcess.start(Shared.NO_LIMITS);
        PageVisit visit = visit(server, "en-GB")) {
      visit.open();
      visit.say("How do I resume a stream with Last-Event-ID?");
      visit.assertEnded();
      assertThat(visit.prose()).not().isEmpty();
      visit.answer().locator(".sources summary").click();
      assertThat(visit.answer().locator(".source").first()).isVisible();
    }
  }

  @Test
  @Tag("A-09")
  void anAnswerGoesOnAfterTheServerWasKilled() {
    try (Upstream upstream = Upstream.start(0);
        MagpieProcess server = MagpieProcess.start(Shared.withModel(upstream, Map.of()));
        PageVisit visit = visit(server, "en-GB")) {
      visit.open();
      visit.say(slowly(COUNTING, 6_000));
      assertThat(visit.prose()).containsText("n10 ");
      server.kill();
      server.restart();
      assertThat(visit.prose()).hasText(COUNTING);
      visit.assertEnded();
      assertThat(visit.bubbles()).hasCount(1);
    }
  }
}
