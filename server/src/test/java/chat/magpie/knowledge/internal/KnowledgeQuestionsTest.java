package chat.magpie.knowledge.internal;

import static org.assertj.core.api.Assertions.assertThat;

import chat.magpie.knowledge.KnowledgeBase;
import chat.magpie.knowledge.KnowledgeBase.Extract;
import chat.magpie.knowledge.OwnDocumentation;
import chat.magpie.knowledge.Passage;
import chat.magpie.knowledge.internal.RetrievalFigures.ForgetfulVectors;
import chat.magpie.llm.internal.NoEmbeddings;
import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Questions that a small help centre answers, and others that it must not.
@Tag("M-06")
@Tag("M-10")
class KnowledgeQuestionsTest {
  private static final LuceneKnowledgeBase KNOWLEDGE =
      new LuceneKnowledgeBase(
          new TestKnowledgeConfig(1_000_000, OwnDocumentation.NEVER),
          resource("knowledge-samples"),
          InstantSource.system(),
          new NoEmbeddings(),
          new ForgetfulVectors(),
          Duration.ofMinutes(1));

  @AfterAll
  static void close() {
    KNOWLEDGE.close();
  }

  @Test
  void whatTheDocumentsSayIsAnsweredFromThem() throws IOException {
    List<String> wrong = new ArrayList<>();
    List<String[]> questions = questions(true);
    assertThat(questions).hasSizeGreaterThan(45);
    for (String[] question : questions) {
      Optional<Extract> answer = answer("default", question[1], "zh-CN");
      String from = answer.map(a -> a.passages().getFirst().documentId()).orElse("nothing");
      if (!from.equals(question[0])) {
        wrong.add(question[1] + " is answered from " + from + " instead of " + question[0]);
      }
    }
    assertThat(wrong).isEmpty();
  }

  @Test
  void whatTheDocumentsDoNotSayIsNotAnswered() throws IOException {
    List<String> wrong = new ArrayList<>();
    List<String[]> questions = questions(false);
    assertThat(questions).hasSizeGreaterThan(30);
    for (String[] question : questions) {
      answer("default", question[1], "en")
          .ifPresent(answer -> wrong.add(question[1] + " is answered with " + answer.text()));
    }
    assertThat(wrong).isEmpty();
  }

  @Test
  void anExtractQuotesAndCites() {
    Extract answer = answer("default", "退款多久到账？", "zh-CN").orElseThrow();
    Passage passage = answer.passages().getFirst();
    assertThat(answer.text())
        .startsWith("知识库")
        .contains("\n> 仓库收到退回的商品并验收合格后")
        .contains("\n[1] 退换货政策 › 退款到账时间");
    assertThat(passage.title()).isEqualTo("退换货政策");
    assertThat(passage.section()).isEqualTo("退款到账时间");
    assertThat(passage.version()).matches("[0-9a-f]{16}");
    assertThat(answer.passages()).hasSizeLessThanOrEqualTo(3);
    for (int i = 1; i <= answer.passages().size(); i++) {
      assertThat(answer.text()).containsOnlyOnce("\n[" + i + "] ");
    }
    assertThat(answer("default", "Is shipping free?", "en-GB").orElseThrow().text())
        .startsWith("This is what the knowledge base says:\n\n> Standard shipping is free");
    assertThat(answer("default", "Is shipping free?", "").orElseThrow().text()).startsWith("This");
  }

  @Test
  void wordFormsWidthAndCaseDoNotMatter() {
    for (String question : List.of("RETURNING ITEMS", "Ｗｅｂｈｏｏｋｓ", "webhook's signature", "e1002")) {
      assertThat(answer("default", question, "en")).as(question).isPresent();
    }
  }

  @Test
  void questionsThatSayNothingFindNothing() {
    for (String question :
        List.of(
            "", " ", "\n\t", "?!。，…", "*", "的", "请问？", "what is it", "\u0000", "😀", "🇨🇳👩‍👧")) {
      assertThat(search("default", question, 5)).as(question).isEmpty();
      assertThat(answer("default", question, "zh")).as(question).isEmpty();
    }
    assertThat(search("default", "退货", 0)).isEmpty();
    assertThat(search("default", "退货", -1)).isEmpty();
  }

  @Test
  void syntaxOfLuceneIsTextLikeAnyOther() {
    for (String question :
        List.of(
            "退货 AND (",
            "body:退货 OR *:*",
            "\"退货",
            "退货^1e99 ~ [a TO z] {",
            "/退货.*/ \\",
            "-退货 +!&& ||",
            "退货\ud800")) {
      assertThat(search("default", question, 5)).as(question).isNotEmpty();
    }
  }

  @Test
  void hugeQuestionsAreSearchedByTheirBeginning() {
    assertThat(answer("default", "退货运费谁承担？" + "啦".repeat(100_000), "zh")).isPresent();
    assertThat(search("default", "x".repeat(100_000), 5)).isEmpty();
    StringBuilder distinct = new StringBuilder();
    for (int i = 0; i < 20_000; i++) {
      distinct.append("word").append(i).append(' ').appendCodePoint(0x4E00 + i);
    }
    assertThat(answer("default", distinct.toString(), "zh")).isEmpty();
  }

  @Test
  void aSearchForAPromptGivesTheBestFirstAndNoMoreThanAsked() {
    List<Passage> found = search("default", "怎么申请退货，运费谁出？", 3);
    assertThat(found).hasSizeBetween(1, 3);
    assertThat(found.getFirst().documentId()).isEqualTo("zh/退换货.md");
    for (int i = 1; i < found.size(); i++) {
      assertThat(found.get(i).score()).isLessThanOrEqualTo(found.get(i - 1).score());
    }
  }

  private static Optional<Extract> answer(String tenantId, String question, String locale) {
    return KNOWLEDGE.answer(
        new KnowledgeBase.Query(tenantId, Optional.of("mira"), question, locale, 3));
  }

  private static List<Passage> search(String tenantId, String question, int limit) {
    return KNOWLEDGE.search(
        new KnowledgeBase.Query(tenantId, Optional.empty(), question, "en", limit));
  }

  private static List<String[]> questions(boolean answered) throws IOException {
    return Files.readAllLines(resource("knowledge-questions.tsv")).stream()
        .map(line -> line.split("\t", 2))
        .filter(question -> !question[0].equals("-") == answered)
        .toList();
  }

  private static Path resource(String name) {
    URL url =
        Objects.requireNonNull(KnowledgeQuestionsTest.class.getClassLoader().getResource(name));
    try {
      return Path.of(url.toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void anotherTenantIsToldNothing() {
    assertThat(answer("shop", "退款多久到账？", "zh-CN")).isEmpty();
    assertThat(search("shop", "退款多久到账？", 5)).isEmpty();
    assertThat(search("default", "退款多久到账？", 5)).isNotEmpty();
  }
}
