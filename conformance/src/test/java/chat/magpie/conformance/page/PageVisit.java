package chat.magpie.conformance.page;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;

/// Somebody at the page: what they do, and what their browser noticed meanwhile.
final class PageVisit implements AutoCloseable {
  final BrowserContext context;
  final Page page;
  private final String address;
  private final List<String> requested = new ArrayList<>();
  private final List<String> complaints = new ArrayList<>();

  PageVisit(BrowserContext context, String address) {
    this.context = context;
    this.address = address;
    page = context.newPage();
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

  void open() {
    page.navigate(address);
    assertThat(input()).isVisible();
  }

  Locator input() {
    return page.locator("textarea");
  }

  Locator bubbles() {
    return page.locator(".bubble");
  }

  Locator answer() {
    return page.locator("magpie-answer").last();
  }

  Locator prose() {
    return answer().locator(".prose");
  }

  Locator stop() {
    return page.locator("button.go.stop");
  }

  void say(String text) {
    input().fill(text);
    page.locator("button.go[type=submit]").click();
  }

  void assertEnded() {
    assertThat(page.locator("[aria-busy=true]")).hasCount(0);
  }

  /// Leaves, and makes sure that the browser had nothing to complain of: no error, no dialog,
  /// nothing that the content security policy had to stop, no request to anybody else.
  @Override
  public void close() {
    context.close();
    assertThat(complaints).isEmpty();
    assertThat(requested)
        .allSatisfy(url -> assertThat(URI.create(url).getHost()).isEqualTo("127.0.0.1"));
  }
}
