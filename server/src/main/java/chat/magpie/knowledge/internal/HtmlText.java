package chat.magpie.knowledge.internal;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;
import org.jsoup.nodes.Node;
import org.jsoup.nodes.TextNode;
import org.jsoup.select.NodeTraversor;
import org.jsoup.select.NodeVisitor;

/// Reads the main text of a web page with its headings; navigation, scripts and the like are left
/// out.
final class HtmlText implements NodeVisitor {
  private static final String NOISE =
      "script, style, noscript, template, svg, math, iframe, object, embed, canvas, nav, footer,"
          + " aside, form, button, select, input, textarea, dialog, [hidden], [aria-hidden=true],"
          + " [role=navigation], [role=banner], [role=contentinfo], [role=search]";

  /// What [#head] deals with alone.
  private static final Set<String> INLINE = Set.of("td", "th", "br");

  private final StringBuilder text = new StringBuilder();
  private final StringBuilder block = new StringBuilder();
  private final Limits limits;
  private String mark = "";
  private int preformatted;
  private boolean tooMuch;

  private HtmlText(Limits limits) {
    this.limits = limits;
  }

  static Extracted of(Path file, Limits limits) throws Unreadable {
    Document page;
    try (InputStream in = Files.newInputStream(file)) {
      page = Jsoup.parse(in, null, "");
    } catch (IOException e) {
      throw new Unreadable("It cannot be read.", e);
    }
    String title = page.title().strip();
    page.select(NOISE).remove();
    page.select("header").stream().filter(h -> h.selectFirst("h1") == null).forEach(Node::remove);
    HtmlText reading = new HtmlText(limits);
    NodeTraversor.traverse(reading, main(page));
    reading.endBlock();
    if (reading.tooMuch) {
      throw limits.tooMuchText();
    }
    String said = Escapes.storable(reading.text.toString().strip());
    if (said.isEmpty()) {
      throw new Unreadable("The page holds no text of its own. Perhaps scripts make it.");
    }
    return new Extracted(Escapes.storable(title), said);
  }

  private static Element main(Document page) {
    return Stream.of("main", "[role=main]", "article", "#content", "#main")
        .map(page::select)
        .filter(found -> found.size() == 1 && found.text().length() > 40)
        .map(found -> Optional.ofNullable(found.first()))
        .flatMap(Optional::stream)
        .findFirst()
        .orElse(page.body());
  }

  @Override
  public void head(Node node, int depth) {
    if (node instanceof TextNode words) {
      append(
          preformatted > 0 ? words.getWholeText() : words.getWholeText().replaceAll("\\s+", " "));
      return;
    }
    if (!(node instanceof Element element)) {
      return;
    }
    String name = element.normalName();
    switch (name) {
      case "h1", "h2", "h3", "h4", "h5", "h6" -> {
        endBlock();
        mark = "#".repeat(name.charAt(1) - '0') + " ";
      }
      case "li", "dd" -> {
        endBlock();
        mark = "- ";
      }
      case "pre" -> {
        endBlock();
        preformatted++;
      }
      case "br" -> block.append('\n');
      case "td", "th" -> block.append(block.isEmpty() ? "" : " | ");
      case "img" -> append(element.attr("alt"));
      default -> {
        if (element.isBlock()) {
          endBlock();
        }
      }
    }
  }

  @Override
  public void tail(Node node, int depth) {
    if (node instanceof Element element) {
      String name = element.normalName();
      if (name.equals("pre")) {
        preformatted--;
        String code = block.toString().stripTrailing();
        block.setLength(0);
        mark = "";
        if (!code.isBlank()) {
          put("```\n" + code.replace("```", "'''") + "\n```\n\n");
        }
      } else if (element.isBlock() && !INLINE.contains(name)) {
        endBlock();
      }
    }
  }

  private void append(String words) {
    if (!block.isEmpty()
        && preformatted == 0
        && words.startsWith(" ")
        && Character.isWhitespace(block.charAt(block.length() - 1))) {
      words = words.stripLeading();
    }
    if (text.length() + block.length() + words.length() > limits.characters()) {
      tooMuch = true;
    } else {
      block.append(words);
    }
  }

  private void endBlock() {
    if (preformatted > 0) {
      return;
    }
    String said = block.toString().strip().replaceAll(" *\\n *", "\n");
    block.setLength(0);
    if (said.isEmpty()) {
      return;
    }
    put(
        mark.startsWith("#")
            ? mark + said.replace('\n', ' ') + "\n\n"
            : mark + Escapes.line(said) + (mark.isEmpty() ? "\n\n" : "\n"));
    mark = "";
  }

  private void put(String more) {
    if (more.startsWith("#") && !text.isEmpty()) {
      text.append('\n');
    }
    text.append(more);
  }
}
