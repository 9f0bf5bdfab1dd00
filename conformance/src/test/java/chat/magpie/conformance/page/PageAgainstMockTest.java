package chat.magpie.conformance.page;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Clock;
import com.microsoft.playwright.Locator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What the page does when server, network, model and user are at their worst.
class PageAgainstMockTest extends MockedPage {
  @Test
  void anAnswerGrowsBeforeItEnds() {
    var goOn = new CountDownLatch(1);
    server.answers((_, reply) -> {
      reply.reasoning("First I think.").delta("The **first");
      goOn.await();
      reply.delta("** half.").citations.add(citation());
      reply.done();
    });
    visit.open();
    visit.say("Hello");
    assertThat(visit.prose()).hasText("The first");
    assertThat(visit.prose().locator("strong")).hasText("first");
    assertThat(visit.stop()).isEnabled();
    goOn.countDown();
    assertThat(visit.prose()).hasText("The first half.");
    visit.assertEnded();

    assertThat(visit.answer().locator(".reasoning > div")).isHidden();
    visit.answer().locator(".reasoning summary").click();
    assertThat(visit.answer().locator(".reasoning > div")).hasText("First I think.");

    visit.answer().locator(".sources summary").click();
    assertThat(visit.answer().locator(".source")).containsText("Returns › How long");
    assertThat(visit.answer().locator(".source")).containsText("Thirty days <b>from</b> delivery.");

    visit.answer().locator(".made-of summary").click();
    assertThat(visit.answer().locator(".parts li")).hasCount(6);
    assertThat(visit.answer().locator(".made-of")).containsText("1,234 of at most 8,000 tokens");
    assertThat(visit.answer().locator(".made-of")).containsText("guide/returns.md");
    assertThat(visit.answer().locator(".usage")).hasText("1,234 tokens read, 56 written");
  }

  private static Map<String, Object> citation() {
    return Map.of(
        "document_id", "guide/returns.md",
        "title", "Returns",
        "section", "How long",
        "snippet", "Thirty days <b>from</b> delivery.");
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void cutsAnywhereLoseAndRepeatNothing(long seed) {
    Random random = new Random(seed);
    var words = new StringBuilder();
    for (int at = 0; at < 400; at++) {
      words.append(at).append(random.nextBoolean() ? "喜鹊🐦" : "é, ").append(' ');
    }
    String text = words.toString().strip();
    server.faults = StreamFaults.random(seed, 12);
    server.answers((_, reply) -> {
      for (int from = 0; from < text.length(); ) {
        int to = Math.min(text.length(), from + 1 + random.nextInt(24));
        if (to < text.length() && Character.isLowSurrogate(text.charAt(to))) {
          to++;
        }
        reply.delta(text.substring(from, to));
        from = to;
      }
      reply.done();
    });
    visit.open();
    visit.say("Count");
    visit.assertEnded();
    assertThat(visit.prose()).hasText(text);
    assertThat(server.seen("GET", "/chat/stream")).hasSizeGreaterThan(3);
    page.reload();
    assertThat(visit.prose()).hasText(text);
    assertThat(visit.bubbles()).hasCount(1);
  }

  @Test
  void aReloadInTheMiddleGoesOnGrowing() {
    var goOn = new CountDownLatch(1);
    server.answers((_, reply) -> {
      reply.delta("One, two, ");
      goOn.await();
      reply.delta("three.").done();
    });
    visit.open();
    visit.say("Count");
    assertThat(visit.prose()).hasText("One, two,");
    page.reload();
    assertThat(visit.prose()).hasText("One, two,");
    assertThat(visit.stop()).isEnabled();
    goOn.countDown();
    assertThat(visit.prose()).hasText("One, two, three.");
    visit.assertEnded();
    assertThat(visit.bubbles()).hasCount(1);
    page.reload();
    assertThat(visit.prose()).hasText("One, two, three.");
    assertThat(visit.bubbles()).hasCount(1);
  }

  @Test
  void aQuestionFromAnotherDeviceIsFollowed() {
    var goOn = new CountDownLatch(1);
    visit.open();
    visit.say("Hello");
    visit.assertEnded();
    server.answers((_, reply) -> {
      reply.delta("From ");
      goOn.await();
      reply.delta("elsewhere.").done();
    });
    server.sentElsewhere("aide", "Anybody there?");
    page.reload();
    assertThat(visit.prose()).hasText("From");
    goOn.countDown();
    assertThat(visit.prose()).hasText("From elsewhere.");
    visit.assertEnded();
    assertThat(visit.bubbles()).hasText(new String[] {"Hello", "Anybody there?"});
  }

  @Test
  void aLongConversationIsReadFromItsEnd() {
    visit.open();
    server.fillHistory("aide", 130);
    page.reload();
    assertThat(visit.bubbles().last()).hasText("Question 130");
    assertThat(visit.bubbles().last()).isInViewport();
    assertThat(visit.bubbles()).hasCount(50);
    page.getByText("Earlier messages").click();
    assertThat(visit.bubbles()).hasCount(100);
    page.getByText("Earlier messages").click();
    assertThat(visit.bubbles()).hasCount(130);
    assertThat(visit.bubbles().first()).hasText("Question 1");
    assertThat(page.locator("magpie-answer")).hasCount(130);
    assertThat(page.getByText("Earlier messages")).hasCount(0);
    page.locator("magpie-answer").first().locator(".made-of summary").click();
    assertThat(page.locator("magpie-answer").first().locator(".parts li")).hasCount(6);
  }

  @Test
  void aFailureThatLeftNothingIsStillSeenLater() {
    server.answers((_, reply) -> reply.fail("model_failed"));
    visit.open();
    visit.say("Hello");
    assertThat(visit.answer()).containsText("The model did not give an answer.");
    page.reload();
    assertThat(visit.answer()).containsText("The model did not give an answer.");
    visit.assertEnded();
  }

  @Test
  void stoppingKeepsWhatWasSaid() {
    server.answers((_, reply) -> {
      reply.delta("Half an ");
      reply.awaitStop();
      reply.stopped();
    });
    visit.open();
    visit.say("Hello");
    assertThat(visit.prose()).hasText("Half an");
    visit.stop().click();
    visit.assertEnded();
    assertThat(visit.prose()).hasText("Half an");
    assertThat(visit.answer()).containsText("You stopped this answer");
    page.reload();
    assertThat(visit.answer()).containsText("You stopped this answer");
  }

  @Test
  void aResetReplacesTheText() {
    var goOn = new CountDownLatch(1);
    server.answers((_, reply) -> {
      reply.delta("A false start\n\nwith two paragraphs");
      goOn.await();
      reply.reset("A new ").delta("start.").degraded();
    });
    visit.open();
    visit.say("Hello");
    assertThat(visit.prose()).containsText("with two");
    goOn.countDown();
    assertThat(visit.prose()).hasText("A new start.");
    assertThat(visit.answer()).containsText("Answered with limited context");
  }

  @Test
  void aFailedAnswerCanBeAskedForAgain() {
    server.answers((_, reply) -> reply.delta("Well").fail("model_timeout"));
    visit.open();
    visit.say("Hello");
    assertThat(visit.prose()).hasText("Well");
    assertThat(visit.answer()).containsText("The model took too long to answer.");
    server.answers((_, reply) -> reply.delta("Now then.").done());
    visit.answer().getByText("Try again").click();
    assertThat(visit.prose()).hasText("Now then.");
    visit.assertEnded();
  }

  @Test
  void aSendThatIsLostIsSentAgainAsTheSameMessage() {
    server.mishaps.addAll(List.of(new StandIn.Mishap.LostBefore(), new StandIn.Mishap.LostAfter()));
    visit.open();
    visit.say("Only once");
    assertThat(visit.prose()).hasText("You said: Only once");
    assertThat(server.replies).hasSize(1);
    assertThat(visit.bubbles()).hasCount(1);
    // The browser itself may repeat a request on a fresh connection.
    assertThat(server.seen("POST", "/chat")).hasSizeBetween(2, 4);
  }

  @Test
  void aReloadBeforeTheMessageArrivedSendsIt() {
    server.mishaps.add(new StandIn.Mishap.Refused(503, "overloaded", "3600"));
    visit.open();
    visit.say("Remember me");
    assertThat(page.locator(".notice")).containsText("A lot is going on");
    page.reload();
    assertThat(visit.prose()).hasText("You said: Remember me");
    assertThat(server.replies).hasSize(1);
  }

  @Test
  void aBusyServerIsAskedAgainWhenItSaysSo() {
    server.mishaps.add(new StandIn.Mishap.Refused(429, "rate_limited", "1"));
    visit.open();
    visit.say("Hello");
    assertThat(page.locator(".notice")).containsText("A lot is going on");
    assertThat(visit.prose()).hasText("You said: Hello");
    assertThat(page.locator(".notice")).hasCount(0);
  }

  @Test
  void aRefusedMessageCanBeEdited() {
    server.mishaps.add(new StandIn.Mishap.Refused(413, "too_large", null));
    visit.open();
    visit.say("Far too long");
    assertThat(page.locator(".question")).containsText("The message is too long.");
    page.getByText("Edit").click();
    assertThat(visit.input()).hasValue("Far too long");
    assertThat(visit.bubbles()).hasCount(0);
    visit.say("Short");
    assertThat(visit.prose()).hasText("You said: Short");
  }

  @Test
  void anExpiredTokenIsRenewed() {
    visit.open();
    server.expireTokens();
    visit.say("Still me?");
    assertThat(visit.prose()).hasText("You said: Still me?");
    assertThat(server.seen("POST", "/auth/guest")).hasSize(2);
  }

  @Test
  void anUnreachableServerIsTriedAgain() {
    server.down = true;
    page.navigate(server.address() + "/");
    assertThat(page.getByText("The server cannot be reached")).isVisible();
    server.down = false;
    assertThat(visit.input()).isVisible();
  }

  @Test
  void anUnreachableServerIsTriedAgainAtOnceWhenThePersonWants() {
    // The page does it by itself after a while, so time stands still.
    page.clock().install(new Clock.InstallOptions().setTime(0));
    page.clock().pauseAt(1_000);
    server.down = true;
    page.navigate(server.address() + "/");
    assertThat(page.getByText("The server cannot be reached")).isVisible();
    server.down = false;
    page.getByText("Try again").click();
    assertThat(page.getByText("The server cannot be reached")).isHidden();
    page.clock().resume();
    assertThat(visit.input()).isVisible();
    assertThat(page.getByText("Hello! How can I help?")).isVisible();
  }

  @Test
  void theChoiceOfACharacterIsRemembered() {
    visit.open();
    page.locator(".person").filter(new Locator.FilterOptions().setHasText("Robin")).click();
    assertThat(page.locator(".empty h2")).hasText("Robin");
    visit.say("Hi Robin");
    assertThat(visit.prose()).hasText("You said: Hi Robin");
    page.locator(".person").first().click();
    assertThat(page.locator(".empty h2")).hasText("Mina");
    page.locator(".person").filter(new Locator.FilterOptions().setHasText("Robin")).click();
    page.reload();
    assertThat(visit.prose()).hasText("You said: Hi Robin");
    assertThat(page.locator(".person[aria-current=true]")).containsText("Robin");
  }

  @Test
  void enterSendsAndShiftEnterDoesNot() {
    visit.open();
    visit.input().click();
    page.keyboard().type("one");
    page.keyboard().press("Shift+Enter");
    page.keyboard().type("two");
    // Enter while an input method composes takes a candidate.
    visit
        .input()
        .evaluate(
            "area => area.dispatchEvent(new KeyboardEvent('keydown',"
                + " {key: 'Enter', isComposing: true, bubbles: true, cancelable: true}))");
    assertThat(visit.bubbles()).hasCount(0);
    assertThat(visit.input()).hasValue("one\ntwo");
    page.keyboard().press("Enter");
    assertThat(visit.bubbles()).hasText("one\ntwo");
    assertThat(visit.input()).hasValue("");
    page.keyboard().press("Enter");
    assertThat(visit.bubbles()).hasCount(1);
  }

  @Test
  void markdownIsRendered() {
    server.answers((_, reply) ->
        say(
            reply,
            """
            # Title
            1. **one**
            2. a [link][later] and 5 < 6 & <b>no tag</b>

            | a | b |
            |---|---|
            | x<br>y | `z` |

            - [x] ready

            ```python
            print("<hi>")
            ```

            [later]: https://ok.example/page
            """));
    visit.open();
    visit.say("Hello");
    visit.assertEnded();
    assertThat(visit.prose().locator("h1")).hasText("Title");
    assertThat(visit.prose().locator("ol li")).hasCount(2);
    assertThat(visit.prose().locator("ol li").last()).hasText("a link and 5 < 6 & <b>no tag</b>");
    assertThat(visit.prose().locator("a")).hasAttribute("href", "https://ok.example/page");
    assertThat(visit.prose().locator("td br")).hasCount(1);
    assertThat(visit.prose().locator("ul li")).hasText("☑ ready");
    assertThat(visit.prose().locator(".code header span")).hasText("python");
    assertThat(visit.prose().locator(".code pre")).hasText("print(\"<hi>\")");
    visit.context.grantPermissions(List.of("clipboard-read", "clipboard-write"));
    visit.prose().locator(".code button").click();
    assertThat(visit.prose().locator(".code button")).hasText("Copied");
    assertThat(page.evaluate("navigator.clipboard.readText()")).isEqualTo("print(\"<hi>\")");
  }

  @Test
  void anAnswerIsReadOutOnceAndWhole() {
    var goOn = new CountDownLatch(1);
    server.answers((_, reply) -> {
      reply.delta("Piece");
      goOn.await();
      reply.delta(" by **piece**.").done();
    });
    visit.open();
    page.evaluate(
        """
        () => {
          const status = document.querySelector('magpie-chat').shadowRoot.querySelector('[role=status]');
          window.heard = [];
          new MutationObserver(() => window.heard.push(status.textContent))
              .observe(status, {childList: true, characterData: true, subtree: true});
        }
        """);
    visit.say("Hello");
    assertThat(visit.prose()).hasText("Piece");
    goOn.countDown();
    visit.assertEnded();
    page.waitForCondition(
        () -> ((List<?>) page.evaluate("window.heard")).contains("Piece by piece."));
    assertThat((List<?>) page.evaluate("window.heard"))
        .isEqualTo(List.of("Mina is answering.", "Piece by piece."));
  }

  @Test
  void chineseReadersGetChinese() {
    visit.close();
    visit(new Browser.NewContextOptions().setLocale("zh-CN"));
    visit.open();
    assertThat(page.locator(".person").first()).containsText("小鹊");
    assertThat(page.locator(".empty h2")).hasText("小鹊");
    assertThat(visit.input()).hasAttribute("placeholder", "给小鹊发消息");
    page.locator(".suggestions button").first().click();
    assertThat(visit.prose()).containsText("You said: 你能帮我做些什么？");
  }

  @Test
  void itFitsAPhone() {
    visit.close();
    visit(
        new Browser.NewContextOptions()
            .setLocale("en-GB")
            .setViewportSize(360, 640)
            .setIsMobile(true)
            .setHasTouch(true));
    server.answers((_, reply) ->
        reply
            .delta("| a | b | c |\n|---|---|---|\n|")
            .delta(" wide wide wide wide |".repeat(3))
            .delta("\n\n```\n" + "long".repeat(60) + "\n```\n\n" + "word".repeat(50))
            .done());
    visit.open();
    assertThat(page.locator(".people")).isHidden();
    page.locator(".switch").click();
    assertThat(page.locator(".people")).isVisible();
    page.keyboard().press("Escape");
    assertThat(page.locator(".people")).isHidden();
    visit.say("Hello");
    visit.assertEnded();
    assertThat(visit.prose().locator("table")).isVisible();
    visit.answer().locator(".made-of summary").click();
    assertThat(visit.answer().locator(".parts li")).hasCount(6);
    assertThat(widthOf("magpie-answer .panel")).isLessThanOrEqualTo(360);
    assertThat(widthOf("html")).isEqualTo(360);
    assertThat(widthOf(".scroll")).isEqualTo(360);
  }

  private int widthOf(String selector) {
    return (Integer) page.locator(selector).first().evaluate("node => node.scrollWidth");
  }

  @Test
  void aLongAnswerStaysQuick() {
    int paragraphs = 1_500;
    server.answers((_, reply) -> {
      for (int at = 0; at < paragraphs; at++) {
        reply.delta("Paragraph " + at + " with **bold** ").delta("and `code` in it, and more.\n\n");
      }
      reply.done();
    });
    visit.open();
    visit.say("Tell me everything");
    visit.assertEnded();
    assertThat(visit.prose()).containsText(Pattern.compile("Paragraph " + (paragraphs - 1)));
    // Somebody who waits to see the end does.
    assertThat(visit.prose().getByText("Paragraph " + (paragraphs - 1) + " with")).isInViewport();
    await().until(() -> server.seen("GET", "/replies/").size() == 1);
  }
}
