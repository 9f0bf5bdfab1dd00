package chat.magpie.knowledge.internal;

import static org.assertj.core.api.Assertions.assertThat;

import chat.magpie.knowledge.KnowledgeBase.Outcome;
import chat.magpie.knowledge.internal.RetrievalFigures.ForgetfulVectors;
import chat.magpie.llm.internal.NoEmbeddings;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Questions that are written wrongly, and questions about what nobody mentions, by words alone.
@Tag("M-06")
@Tag("M-10")
class StandInsTest {
  private final PassageIndex index = new PassageIndex(new NoEmbeddings(), new ForgetfulVectors());

  @AfterEach
  void close() {
    index.close();
  }

  @ParameterizedTest
  @CsvSource({
    "retrun lable, How do I print a return label?",
    "retrunning labels, How do I print a return label?",
    "my pasword is gone, I forgot my password.",
    "forgoten my pasword, I forgot my password.",
    "发漂台头错了, 发票抬头写错了能重开吗？",
    "指定顺风, 可以指定顺丰吗？",
    "可以制定顺风吗, 可以指定顺丰吗？",
    "柱销帐号, 怎么注销账号？"
  })
  void whatIsWrittenAlmostLikeItOrSoundsLikeItIsFound(String asked, String expected) {
    shop();
    assertThat(first(asked)).isEqualTo(expected);
  }

  @Test
  void homophonesOfQuestionsAreFoundWhereNothingElseIsShared() {
    faq("account", "注销");
    faq("title", "抬头");
    index.put(
        new IndexedDocument(
            "t",
            "page",
            "1",
            Set.of(),
            new Splitter.Split("账号", List.of(new Splitter.Piece("", "注销之后不能恢复。", List.of())))));
    index.refresh();
    assertThat(search("柱销").all())
        .extracting(one -> one.candidate().passage().document().documentId())
        .startsWith("account");
    assertThat(search("主肖").all())
        .as("by sound alone, and of questions alone")
        .extracting(one -> one.candidate().passage().document().documentId())
        .containsExactly("account");
    assertThat(search("主要").all()).isEmpty();
  }

  @Test
  void aWordThatSomebodyMentionsMeansItself() {
    faq("parsley", "How do I water the parsley?");
    faq("parsnip", "How do I water the parsnip?");
    faq("parcel", "Where is my parcel?");
    index.refresh();
    assertThat(first("parsley")).isEqualTo("How do I water the parsley?");
    assertThat(search("parsley").all()).hasSize(1);
    assertThat(search("parsel").all())
        .extracting(one -> one.candidate().passage().questions().getFirst())
        .containsExactly("Where is my parcel?");
  }

  @Test
  void whatStandsInCountsForLessThanTheWord() {
    faq("label", "How do I print a label?");
    index.refresh();
    double right = search("print label").all().getFirst().candidate().coverage();
    double wrong = search("print lebel").all().getFirst().candidate().coverage();
    assertThat(right).isEqualTo(1);
    assertThat(wrong).isBetween(0.5, 0.95);
  }

  @Test
  void aPairThatTouchesAKnownOneIsNotTakenForAnother() {
    faq("bag", "羽绒睡袋怎么清洗？");
    faq("water", "帐篷防水吗？");
    index.refresh();
    assertThat(search("防水袋").all())
        .extracting(one -> one.candidate().passage().questions().getFirst())
        .startsWith("帐篷防水吗？")
        .allSatisfy(found -> assertThat(found).isNotEmpty());
    assertThat(search("防水袋").all().getLast().candidate().coverage()).isLessThan(0.2);
  }

  @Test
  void ofFewPassagesItSaysLittleThatAWordIsInNone() {
    index.put(
        new IndexedDocument(
            "t",
            "returns",
            "1",
            Set.of(),
            new Splitter.Split(
                "退货说明", List.of(new Splitter.Piece("", "签收后十四天内可以无理由退货。", List.of())))));
    index.refresh();
    assertThat(search("买了之后多少天内可以退货").outcome()).isEqualTo(Outcome.ANSWER);
    assertThat(search("你们的总部在哪个城市").outcome()).isEqualTo(Outcome.NONE);
  }

  @Test
  void whoAsksAboutWhatNobodyMentionsIsNotSureToBeAnswered() {
    shop();
    for (int i = 0; i < 40; i++) {
      faq("other-" + i, "What is number " + i + " of the catalogue?");
    }
    faq("points", "Do points expire?");
    index.refresh();
    assertThat(search("Do points expire?").outcome()).isEqualTo(Outcome.ANSWER);
    assertThat(search("do my points expire").outcome()).isEqualTo(Outcome.ANSWER);
    assertThat(search("Do points on a driving licence expire?").outcome()).isEqualTo(Outcome.NONE);
  }

  private void shop() {
    faq("label", "How do I print a return label?");
    faq("password", "I forgot my password.");
    faq("title", "发票抬头写错了能重开吗？");
    faq("courier", "可以指定顺丰吗？");
    faq("account", "怎么注销账号？");
    index.refresh();
  }

  private void faq(String id, String question) {
    index.put(
        new IndexedDocument(
            "t",
            id,
            "1",
            Set.of(),
            new Splitter.Split(
                question, List.of(new Splitter.Piece("", "See " + id, List.of(question))))));
  }

  private String first(String question) {
    return search(question).all().getFirst().candidate().passage().questions().getFirst();
  }

  private Ranking search(String question) {
    return index.search("t", Optional.empty(), question);
  }
}
