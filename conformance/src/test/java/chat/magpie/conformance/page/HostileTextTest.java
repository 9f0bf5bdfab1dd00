package chat.magpie.conformance.page;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Nothing that a model, a document or a name says runs, loads or leads anywhere on the page.
class HostileTextTest extends MockedPage {
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
    visit.open();
    for (int at = 0; at < HOSTILE.size(); at++) {
      visit.say(String.valueOf(at));
      assertThat(visit.bubbles()).hasCount(at + 1);
      visit.assertEnded();
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
    visit.open();
    visit.say("Go");
    visit.assertEnded();
    assertHarmless(1);
  }

  @Test
  void norDoesASource() {
    server.answers((_, reply) -> {
      reply.delta("As [1] says.");
      for (String hostile : HOSTILE) {
        reply.citations.add(
            Map.of(
                "document_id", hostile, "title", hostile, "section", hostile, "snippet", hostile));
      }
      reply.done();
    });
    visit.open();
    visit.say("Go");
    visit.assertEnded();
    visit.answer().locator(".sources summary").click();
    Locator sources = visit.answer().locator(".source");
    assertThat(sources).hasCount(HOSTILE.size());
    for (int at = 0; at < HOSTILE.size(); at++) {
      Locator source = sources.nth(at);
      assertThat(source.locator("strong")).hasText(HOSTILE.get(at));
      assertThat(source.locator("blockquote")).hasText(HOSTILE.get(at));
      assertThat(source.locator("*:not(.number, strong, .where, blockquote)")).hasCount(0);
    }
  }

  private void assertHarmless(int answers) {
    List<Object> found = new ArrayList<>();
    for (int at = 0; at < answers; at++) {
      Locator one = page.locator("magpie-answer").nth(at).locator(".prose");
      found.addAll((List<?>) one.evaluate(INSPECT));
    }
    assertThat(found).isEmpty();
  }
}
