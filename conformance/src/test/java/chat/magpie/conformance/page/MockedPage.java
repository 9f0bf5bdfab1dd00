package chat.magpie.conformance.page;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Page;
import java.io.IOException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInstance;

/// A page whose server is a stand-in, new for each test.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class MockedPage {
  Chromium chromium;
  StandIn server;
  PageVisit visit;
  Page page;

  @BeforeAll
  void start() {
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

  final void visit(Browser.NewContextOptions options) {
    visit = new PageVisit(chromium.visitor(options), server.address() + "/");
    page = visit.page;
  }

  @AfterEach
  void leave() {
    server.close();
    visit.close();
  }

  /// In pieces, so that every half of a tag is rendered too.
  static void say(StandInReply reply, String text) {
    for (int from = 0; from < text.length(); from += 7) {
      reply.delta(text.substring(from, Math.min(text.length(), from + 7)));
    }
    reply.done();
  }
}
