package chat.magpie.conformance.page;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What the page does when server, network, model and user are at their worst.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PageAgainstMockTest {
  private Chromium chromium;
  private StandIn server;
  private BrowserContext visitor;
  private Page page;
  private final List<String> requested = new ArrayList<>();
  private final List<String> complaints = new ArrayList<>();

  @BeforeAll
  void start() {
    PlaywrightAssertions.setDefaultAssertionTimeout(15_000);
    chromium = new Chromium();
  }

  @AfterAll
  void stop() {
    chromium.close();
  }

  @BeforeEach
  void visit() throws IOException {
    server = new StandIn();
    visit(new Browser.NewContextOptions().setLocale("en-GB"));
  }

  private void visit(Browser.NewContextOptions options) {
    if (visitor != null) {
      visitor.close();
    }
    visitor = chromium.visitor(options);
    requested.clear();
    complaints.clear();
    page = visitor.newPage();
    page.onRequest(request -> requested.add(request.url()));
    page.onPageError(complaints::add);
    page.onDialog(dialog -> {
      complaints.add("dialog: " + dialog.message());
      dialog.dismiss();
    });
    page.onConsoleMessage(message -> {
      if (message.text().contains("Content Security Policy")) {
        complaints.add(message.text());
      }
    });
  }

  @AfterEach
  void leave() {
    visitor.close();
    server.close();
    assertThat(complaints).isEmpty();
    assertThat(requested)
        .allSatisfy(url -> assertThat(URI.create(url).getHost()).isEqualTo("127.0.0.1"));
  }

  private void open() {
    page.navigate(server.address() + "/");
    assertThat(input()).isVisible();
  }

  private Locator input() {
    return page.locator("textarea");
  }

  private Locator answer() {
    return page.locator("magpie-answer").last();
  }

  private Locator prose() {
    return answer().locator(".prose");
  }

  private void say(String text) {
    input().fill(text);
    page.getByLabel("Send", new Page.GetByLabelOptions().setExact(true)).click();
  }

  private void assertEnded() {
    assertThat(page.locator("[aria-busy=true]")).hasCount(0);
  }

  @Test
  void anAnswerGrowsBeforeItEnds() {
    var goOn = new CountDownLatch(1);
    server.answers((_, reply) -> {
      reply.reasoning("First I think.").delta("The **first");
      goOn.await();
      reply.delta("** half.").citations.add(citation());
      reply.done();
    });
    open();
    say("Hello");
    assertThat(prose()).hasText("The first");
    assertThat(prose().locator("strong")).hasText("first");
    assertThat(page.getByLabel("Stop answering")).isEnabled();
    goOn.countDown();
    assertThat(prose()).hasText("The first half.");
    assertEnded();

    assertThat(answer().locator(".reasoning > div")).isHidden();
    answer().locator(".reasoning summary").click();
    assertThat(answer().locator(".reasoning > div")).hasText("First I think.");

    answer().locator(".sources summary").click();
    assertThat(answer().locator(".source")).containsText("Returns › How long");
    assertThat(answer().locator(".source")).containsText("Thirty days <b>from</b> delivery.");

    answer().locator(".made-of summary").click();
    assertThat(answer().locator(".parts li")).hasCount(6);
    assertThat(answer().locator(".made-of")).containsText("1,234 of at most 8,000 tokens");
    assertThat(answer().locator(".made-of")).containsText("guide/returns.md");
    assertThat(answer().locator(".usage")).hasText("1,234 tokens read, 56 written");
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
    open();
    say("Count");
    assertEnded();
    assertThat(prose()).hasText(text);
    assertThat(server.seen("GET", "/chat/stream")).hasSizeGreaterThan(3);
    page.reload();
    assertThat(prose()).hasText(text);
    assertThat(page.locator(".bubble")).hasCount(1);
  }

  @Test
  void aReloadInTheMiddleGoesOnGrowing() {
    var goOn = new CountDownLatch(1);
    server.answers((_, reply) -> {
      reply.delta("One, two, ");
      goOn.await();
      reply.delta("three.").done();
    });
    open();
    say("Count");
    assertThat(prose()).hasText("One, two,");
    page.reload();
    assertThat(prose()).hasText("One, two,");
    assertThat(page.getByLabel("Stop answering")).isEnabled();
    goOn.countDown();
    assertThat(prose()).hasText("One, two, three.");
    assertEnded();
    assertThat(page.locator(".bubble")).hasCount(1);
    page.reload();
    assertThat(prose()).hasText("One, two, three.");
    assertThat(page.locator(".bubble")).hasCount(1);
  }

  @Test
  void aQuestionFromAnotherDeviceIsFollowed() {
    var goOn = new CountDownLatch(1);
    open();
    say("Hello");
    assertEnded();
    server.answers((_, reply) -> {
      reply.delta("From ");
      goOn.await();
      reply.delta("elsewhere.").done();
    });
    server.sentElsewhere("aide", "Anybody there?");
    page.reload();
    assertThat(prose()).hasText("From");
    goOn.countDown();
    assertThat(prose()).hasText("From elsewhere.");
    assertEnded();
    assertThat(page.locator(".bubble")).hasText(new String[] {"Hello", "Anybody there?"});
  }

  @Test
  void aLongConversationIsReadFromItsEnd() {
    open();
    server.fillHistory("aide", 130);
    page.reload();
    assertThat(page.locator(".bubble").last()).hasText("Question 130");
    assertThat(page.locator(".bubble").last()).isInViewport();
    assertThat(page.locator(".bubble")).hasCount(50);
    page.getByText("Earlier messages").click();
    assertThat(page.locator(".bubble")).hasCount(100);
    page.getByText("Earlier messages").click();
    assertThat(page.locator(".bubble")).hasCount(130);
    assertThat(page.locator(".bubble").first()).hasText("Question 1");
    assertThat(page.locator("magpie-answer")).hasCount(130);
    assertThat(page.getByText("Earlier messages")).hasCount(0);
    page.locator("magpie-answer").first().locator(".made-of summary").click();
    assertThat(page.locator("magpie-answer").first().locator(".parts li")).hasCount(6);
  }

  @Test
  void aFailureThatLeftNothingIsStillSeenLater() {
    server.answers((_, reply) -> reply.fail("model_failed"));
    open();
    say("Hello");
    assertThat(answer()).containsText("The model did not give an answer.");
    page.reload();
    assertThat(answer()).containsText("The model did not give an answer.");
    assertEnded();
  }

  @Test
  void stoppingKeepsWhatWasSaid() {
    server.answers((_, reply) -> {
      reply.delta("Half an ");
      reply.awaitStop();
      reply.stopped();
    });
    open();
    say("Hello");
    assertThat(prose()).hasText("Half an");
    page.getByLabel("Stop answering").click();
    assertEnded();
    assertThat(prose()).hasText("Half an");
    assertThat(answer()).containsText("You stopped this answer");
    page.reload();
    assertThat(answer()).containsText("You stopped this answer");
  }

  @Test
  void aResetReplacesTheText() {
    var goOn = new CountDownLatch(1);
    server.answers((_, reply) -> {
      reply.delta("A false start\n\nwith two paragraphs");
      goOn.await();
      reply.reset("A new ").delta("start.").degraded();
    });
    open();
    say("Hello");
    assertThat(prose()).containsText("with two");
    goOn.countDown();
    assertThat(prose()).hasText("A new start.");
    assertThat(answer()).containsText("Answered with limited context");
  }

  @Test
  void aFailedAnswerCanBeAskedForAgain() {
    server.answers((_, reply) -> reply.delta("Well").fail("model_timeout"));
    open();
    say("Hello");
    assertThat(prose()).hasText("Well");
    assertThat(answer()).containsText("The model took too long to answer.");
    server.answers((_, reply) -> reply.delta("Now then.").done());
    answer().getByText("Try again").click();
    assertThat(prose()).hasText("Now then.");
    assertEnded();
  }

  @Test
  void aSendThatIsLostIsSentAgainAsTheSameMessage() {
    server.mishaps.addAll(List.of(new StandIn.Mishap.LostBefore(), new StandIn.Mishap.LostAfter()));
    open();
    say("Only once");
    assertThat(prose()).hasText("You said: Only once");
    assertThat(server.replies).hasSize(1);
    assertThat(page.locator(".bubble")).hasCount(1);
    // The browser itself may repeat a request on a fresh connection.
    assertThat(server.seen("POST", "/chat")).hasSizeBetween(2, 4);
  }

  @Test
  void aReloadBeforeTheMessageArrivedSendsIt() {
    server.mishaps.add(new StandIn.Mishap.Refused(503, "overloaded", "3600"));
    open();
    say("Remember me");
    assertThat(page.locator(".notice")).containsText("A lot is going on");
    page.reload();
    assertThat(prose()).hasText("You said: Remember me");
    assertThat(server.replies).hasSize(1);
  }

  @Test
  void aBusyServerIsAskedAgainWhenItSaysSo() {
    server.mishaps.add(new StandIn.Mishap.Refused(429, "rate_limited", "1"));
    open();
    say("Hello");
    assertThat(page.locator(".notice")).containsText("A lot is going on");
    assertThat(prose()).hasText("You said: Hello");
    assertThat(page.locator(".notice")).hasCount(0);
  }

  @Test
  void aRefusedMessageCanBeEdited() {
    server.mishaps.add(new StandIn.Mishap.Refused(413, "too_large", null));
    open();
    say("Far too long");
    assertThat(page.locator(".question")).containsText("The message is too long.");
    page.getByText("Edit").click();
    assertThat(input()).hasValue("Far too long");
    assertThat(page.locator(".bubble")).hasCount(0);
    say("Short");
    assertThat(prose()).hasText("You said: Short");
  }

  @Test
  void anExpiredTokenIsRenewed() {
    open();
    server.expireTokens();
    say("Still me?");
    assertThat(prose()).hasText("You said: Still me?");
    assertThat(server.seen("POST", "/auth/guest")).hasSize(2);
  }

  @Test
  void anUnreachableServerIsTriedAgain() {
    server.down = true;
    page.navigate(server.address() + "/");
    assertThat(page.getByText("The server cannot be reached")).isVisible();
    server.down = false;
    page.getByText("Try again").click();
    assertThat(input()).isVisible();
    assertThat(page.getByText("Hello! How can I help?")).isVisible();
  }

  @Test
  void theChoiceOfACharacterIsRemembered() {
    open();
    page.locator(".person").filter(new Locator.FilterOptions().setHasText("Robin")).click();
    assertThat(page.locator(".empty h2")).hasText("Robin");
    say("Hi Robin");
    assertThat(prose()).hasText("You said: Hi Robin");
    page.locator(".person").first().click();
    assertThat(page.locator(".empty h2")).hasText("Mina");
    page.locator(".person").filter(new Locator.FilterOptions().setHasText("Robin")).click();
    page.reload();
    assertThat(prose()).hasText("You said: Hi Robin");
    assertThat(page.locator(".person[aria-current=true]")).containsText("Robin");
  }

  @Test
  void enterSendsAndShiftEnterDoesNot() {
    open();
    input().click();
    page.keyboard().type("one");
    page.keyboard().press("Shift+Enter");
    page.keyboard().type("two");
    // Enter while an input method composes takes a candidate.
    input()
        .evaluate(
            "area => area.dispatchEvent(new KeyboardEvent('keydown',"
                + " {key: 'Enter', isComposing: true, bubbles: true, cancelable: true}))");
    assertThat(page.locator(".bubble")).hasCount(0);
    assertThat(input()).hasValue("one\ntwo");
    page.keyboard().press("Enter");
    assertThat(page.locator(".bubble")).hasText("one\ntwo");
    assertThat(input()).hasValue("");
    page.keyboard().press("Enter");
    assertThat(page.locator(".bubble")).hasCount(1);
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
    open();
    say("Hello");
    assertEnded();
    assertThat(prose().locator("h1")).hasText("Title");
    assertThat(prose().locator("ol li")).hasCount(2);
    assertThat(prose().locator("ol li").last()).hasText("a link and 5 < 6 & <b>no tag</b>");
    assertThat(prose().locator("a")).hasAttribute("href", "https://ok.example/page");
    assertThat(prose().locator("td br")).hasCount(1);
    assertThat(prose().locator("ul li")).hasText("☑ ready");
    assertThat(prose().locator(".code header span")).hasText("python");
    assertThat(prose().locator(".code pre")).hasText("print(\"<hi>\")");
    visitor.grantPermissions(List.of("clipboard-read", "clipboard-write"));
    prose().locator(".code button").click();
    assertThat(prose().locator(".code button")).hasText("Copied");
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
    open();
    page.evaluate(
        """
        () => {
          const status = document.querySelector('magpie-chat').shadowRoot.querySelector('[role=status]');
          window.heard = [];
          new MutationObserver(() => window.heard.push(status.textContent))
              .observe(status, {childList: true, characterData: true, subtree: true});
        }
        """);
    say("Hello");
    assertThat(prose()).hasText("Piece");
    goOn.countDown();
    assertEnded();
    page.waitForCondition(
        () -> ((List<?>) page.evaluate("window.heard")).contains("Piece by piece."));
    assertThat((List<?>) page.evaluate("window.heard"))
        .isEqualTo(List.of("Mina is answering.", "Piece by piece."));
  }

  @Test
  void chineseReadersGetChinese() {
    visit(new Browser.NewContextOptions().setLocale("zh-CN"));
    open();
    assertThat(page.locator(".person").first()).containsText("小鹊");
    assertThat(page.locator(".empty h2")).hasText("小鹊");
    assertThat(input()).hasAttribute("placeholder", "给小鹊发消息");
    page.locator(".suggestions button").first().click();
    assertThat(prose()).containsText("You said: 你能帮我做些什么？");
  }

  @Test
  void itFitsAPhone() {
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
    open();
    assertThat(page.locator(".people")).isHidden();
    page.locator(".switch").click();
    assertThat(page.locator(".people")).isVisible();
    page.keyboard().press("Escape");
    assertThat(page.locator(".people")).isHidden();
    say("Hello");
    assertEnded();
    assertThat(prose().locator("table")).isVisible();
    answer().locator(".made-of summary").click();
    assertThat(answer().locator(".parts li")).hasCount(6);
    assertThat(widthOf("magpie-answer .panel")).isLessThanOrEqualTo(360);
    assertThat(widthOf("html")).isEqualTo(360);
    assertThat(widthOf(".scroll")).isEqualTo(360);
  }

  private int widthOf(String selector) {
    return (Integer) page.locator(selector).first().evaluate("node => node.scrollWidth");
  }

  /// Everything a model could say to run a script, load something, or send the user somewhere.
  static final List<String> HOSTILE =
      List.of(
          "<script>alert(1)</script>",
          "<img src=x onerror=alert(2)>",
          "<img src=\"https://evil.example/pixel.png\">",
          "![pixel](https://evil.example/pixel.png)",
          "![pixel][ref]\n\n[ref]: https://evil.example/ref.png",
          "![p](//evil.example/relative.png)",
          "![p](data:image/svg+xml;base64,PHN2ZyBvbmxvYWQ9YWxlcnQoMyk+)",
          "[click](javascript:alert(4))",
          "[click](JaVaScRiPt:alert(4))",
          "[click](java\tscript:alert(4))",
          "[click](&#106;avascript:alert(4))",
          "[click](vbscript:msgbox(1))",
          "[click](data:text/html;base64,PHNjcmlwdD5hbGVydCg1KTwvc2NyaXB0Pg==)",
          "[click](file:///etc/passwd)",
          "[click](/chat/stop/me)",
          "<javascript:alert(6)>",
          "[![in](https://evil.example/a.png)](javascript:alert(7))",
          "<svg onload=alert(8)><circle r=1></svg>",
          "<svg><script>alert(9)</script></svg>",
          "<math><mtext><table><mglyph><style><img src=x onerror=alert(10)>",
          "<iframe src=\"https://evil.example/\"></iframe>",
          "<iframe srcdoc=\"<script>alert(11)</script>\"></iframe>",
          "<form action=\"https://evil.example/\"><input name=q><button>Send</button></form>",
          "<style>@import url(https://evil.example/a.css); * {display:none}</style>",
          "<div style=\"background:url(https://evil.example/b.png)\">x</div>",
          "<link rel=stylesheet href=https://evil.example/c.css>",
          "<meta http-equiv=refresh content=\"0;url=https://evil.example/\">",
          "<base href=https://evil.example/>",
          "<object data=https://evil.example/d.swf></object><embed src=https://evil.example/e>",
          "<video src=https://evil.example/f.mp4 poster=https://evil.example/g.png autoplay></video>",
          "<a href=\"https://evil.example/\" onmouseover=alert(12) target=_self>x</a>",
          "<details open ontoggle=alert(13)>x</details>",
          "<pre><img src=x onerror=alert(14)\n</pre>",
          "`<img src=x onerror=alert(15)>`",
          "```html\n<img src=x onerror=alert(16)>\n```",
          "``` \"><img src=x onerror=alert(17)>\nx\n```",
          "[a](https://ok.example/\"onmouseover=alert(18))",
          "[a](https://ok.example \"t\\\" onmouseover=alert(19) x=\\\"\")",
          "<https://ok.example/\"><script>alert(20)</script>>",
          "| <img src=x onerror=alert(21)> | b |\n|---|---|\n| ![t](https://evil.example/t.png) | d |",
          "- [ ] <input onfocus=alert(22) autofocus>",
          "<p id=\"__proto__\" name=\"attributes\">clobber</p>",
          "<noscript><p title=\"</noscript><img src=x onerror=alert(23)>\">",
          "<!--><img src=x onerror=alert(24)>-->",
          "<?xml-stylesheet href=\"javascript:alert(25)\"?>",
          "<![CDATA[<script>alert(26)</script>]]>",
          "&lt;img src=x onerror=alert(27)&gt; &#60;script&#62;alert(28)&#60;/script&#62;",
          "https://evil.example/auto.png",
          "# <script>alert(29)</script>\n> <img src=x onerror=alert(30)>");

  private static final String INSPECT =
      """
      root => {
        const found = [];
        for (const node of root.querySelectorAll('*')) {
          const tag = node.tagName.toLowerCase();
          if (!node.matches('p,br,hr,strong,em,del,code,pre,blockquote,a,h1,h2,h3,h4,h5,h6,ul,ol,li,'
              + 'table,thead,tbody,tr,th,td,div,header,span,button.tool,.tool svg,.tool svg *'))
            found.push('element ' + node.outerHTML);
          for (const {name, value} of node.attributes) {
            if (name.startsWith('on') || ['src', 'srcset', 'srcdoc', 'action', 'style', 'id', 'name']
                .includes(name)) found.push(`attribute ${name} of ` + node.outerHTML);
            if (name === 'href' && !/^(https?:\\/\\/|mailto:)/.test(value))
              found.push('address ' + value);
          }
          if (tag === 'a' && node.hasAttribute('href')
              && (node.target !== '_blank' || node.rel !== 'noopener noreferrer'))
            found.push('bare link ' + node.outerHTML);
        }
        return found;
      }
      """;

  @Test
  void nothingThatAModelSaysRunsOrLoads() {
    server.answers((message, reply) -> say(reply, HOSTILE.get(Integer.parseInt(message))));
    open();
    for (int at = 0; at < HOSTILE.size(); at++) {
      say(String.valueOf(at));
      assertThat(page.locator(".bubble")).hasCount(at + 1);
      assertEnded();
    }
    assertThat(page.locator("magpie-answer")).hasCount(HOSTILE.size());
    assertHarmless(HOSTILE.size());
    // The same from the history.
    page.reload();
    assertThat(page.locator("magpie-answer")).hasCount(HOSTILE.size());
    assertHarmless(HOSTILE.size());
    assertThat(page.locator("magpie-answer").first().locator(".prose"))
        .hasText("<script>alert(1)</script>");
    assertThat(
            page.locator(
                    "magpie-answer a",
                    new Page.LocatorOptions().setHasText(Pattern.compile("^pixel$")))
                .first())
        .hasAttribute("href", "https://evil.example/pixel.png");
  }

  @ParameterizedTest
  @ValueSource(longs = {11, 12, 13})
  void norDoesAnyMixtureOfIt(long seed) {
    Random random = new Random(seed);
    var text = new StringBuilder();
    for (int at = 0; at < 250; at++) {
      String piece = HOSTILE.get(random.nextInt(HOSTILE.size()));
      int from = random.nextInt(piece.length());
      int to = from + random.nextInt(piece.length() - from + 1);
      text.append(random.nextInt(3) == 0 ? piece.substring(from, to) : piece);
      text.append(
          List.of("", "\n", "\n\n", "\n> ", "\n- ", " ", "\n\n    ").get(random.nextInt(7)));
    }
    server.answers((_, reply) -> say(reply, text.toString()));
    open();
    say("Go");
    assertEnded();
    assertHarmless(1);
  }

  /// In pieces, so that every half of a tag is rendered too.
  static void say(StandInReply reply, String text) {
    for (int from = 0; from < text.length(); from += 7) {
      reply.delta(text.substring(from, Math.min(text.length(), from + 7)));
    }
    reply.done();
  }

  private void assertHarmless(int answers) {
    List<Object> found = new ArrayList<>();
    for (int at = 0; at < answers; at++) {
      Locator one = page.locator("magpie-answer").nth(at).locator(".prose");
      found.addAll((List<?>) one.evaluate(INSPECT));
    }
    assertThat(found).isEmpty();
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
    open();
    say("Tell me everything");
    assertEnded();
    assertThat(prose()).containsText(Pattern.compile("Paragraph " + (paragraphs - 1)));
    // Somebody who waits to see the end does.
    assertThat(prose().getByText("Paragraph " + (paragraphs - 1) + " with")).isInViewport();
    await().until(() -> server.seen("GET", "/replies/").size() == 1);
  }
}
