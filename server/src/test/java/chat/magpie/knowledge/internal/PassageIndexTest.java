package chat.magpie.knowledge.internal;

import static org.assertj.core.api.Assertions.assertThat;

import chat.magpie.knowledge.internal.RetrievalFigures.ForgetfulVectors;
import chat.magpie.llm.internal.NoEmbeddings;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("M-06")
@Tag("C-09")
class PassageIndexTest {
  private final PassageIndex index = new PassageIndex(new NoEmbeddings(), new ForgetfulVectors());

  @AfterEach
  void close() {
    index.close();
  }

  @Test
  void whatATenantPutsInIsItsOwn() {
    put("a", "rules", "1", Set.of(), "Canary alpha sings.");
    put("b", "rules", "1", Set.of(), "Canary beta sings.");
    index.refresh();
    assertThat(found("a", "m", "canary")).containsExactly("Canary alpha sings.");
    assertThat(found("b", "m", "canary alpha beta")).containsExactly("Canary beta sings.");
    assertThat(found("c", "m", "canary")).isEmpty();
    index.remove("a", "rules");
    index.remove("c", "rules");
    index.refresh();
    assertThat(found("a", "m", "canary")).isEmpty();
    assertThat(found("b", "m", "canary")).hasSize(1);
    assertThat(index.passages()).isEqualTo(1);
  }

  @Test
  void howOtherTenantsWriteDoesNotMoveAScore() {
    put("a", "one", "1", Set.of(), "Canary sings at dawn.");
    put("a", "two", "1", Set.of(), "Owls sing at night.");
    index.refresh();
    double alone = words("a", "when does the canary sing");
    for (int i = 0; i < 50; i++) {
      put("b", "d" + i, "1", Set.of(), "Canary canary canary " + i);
    }
    index.refresh();
    assertThat(words("a", "when does the canary sing")).isEqualTo(alone);
  }

  @Test
  void whatIsForSomeCharactersOthersDoNotFind() {
    put("a", "for-all", "1", Set.of(), "Canary for all.");
    put("a", "for-two", "1", Set.of("mira", "leo"), "Canary for two.");
    index.refresh();
    assertThat(found("a", "mira", "canary")).hasSize(2);
    assertThat(found("a", "leo", "canary")).hasSize(2);
    assertThat(found("a", "", "canary")).containsExactly("Canary for all.");
    assertThat(found("a", "nobody", "canary")).containsExactly("Canary for all.");
    assertThat(index.search("a", Optional.empty(), "canary").all()).hasSize(1);
    assertThat(found("a", "nobody", "two")).isEmpty();
    put("a", "for-two", "2", Set.of("leo"), "Canary for one.");
    index.refresh();
    assertThat(found("a", "mira", "canary")).containsExactly("Canary for all.");
    assertThat(found("a", "leo", "canary")).contains("Canary for one.");
  }

  @Test
  void anAnswerIsFoundByAnyOfItsQuestions() {
    index.put(
        new IndexedDocument(
            "a",
            "faq-1",
            "1",
            Set.of(),
            new Splitter.Split(
                "Parcel",
                List.of(
                    new Splitter.Piece(
                        "", "It takes three days.", List.of("发货要多久", "When will it arrive?"))))));
    index.refresh();
    assertThat(found("a", "m", "多久能发货")).containsExactly("It takes three days.");
    assertThat(found("a", "m", "arrival")).containsExactly("It takes three days.");
  }

  private void put(
      String tenantId, String id, String version, Set<String> characterIds, String text) {
    index.put(
        new IndexedDocument(
            tenantId, id, version, characterIds, Splitter.split(text, "Title", true)));
  }

  private List<String> found(String tenantId, String characterId, String question) {
    return index.search(tenantId, Optional.of(characterId), question).all().stream()
        .map(one -> one.candidate().passage().text())
        .toList();
  }

  private double words(String tenantId, String question) {
    return index.search(tenantId, Optional.of("m"), question).all().getFirst().candidate().words();
  }
}
