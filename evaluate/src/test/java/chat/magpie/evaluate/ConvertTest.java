package chat.magpie.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import chat.magpie.evaluate.Dataset.MemoryQuestion;
import chat.magpie.evaluate.Dataset.Turn;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Public sets in small: the words are invented, the shape is theirs.
class ConvertTest {
  @TempDir private Path folder;

  private Dataset converted(String format, String json) {
    try {
      Path file = folder.resolve("set.json");
      Files.writeString(file, json);
      Path made = folder.resolve("made");
      Convert.run(List.of(format, file.toString(), made.toString()));
      return DatasetReader.read(made);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static final String LOCOMO =
      """
      [{"sample_id": "conv-7",
        "conversation": {
          "speaker_a": "Ada", "speaker_b": "Bo",
          "session_2_date_time": "12:30 am on 9 May, 2023",
          "session_2": [{"speaker": "Ada", "dia_id": "D2:1", "text": "The kite tore."}],
          "session_1_date_time": "1:56 pm on 8 May, 2023",
          "session_1": [
            {"speaker": "Ada", "dia_id": "D1:1", "text": "I built a kite yesterday."},
            {"speaker": "Bo", "dia_id": "D1:2", "text": "Look!", "blip_caption": "a photo of a kite",
             "img_url": ["x"]}],
          "session_3_date_time": "1:00 pm on 1 June, 2023"},
        "qa": [
          {"question": "What tore?", "answer": "the kite", "evidence": ["D1:1; D2:1"], "category": 1},
          {"question": "When was it built?", "answer": "7 May 2023", "evidence": ["D1:1"], "category": 2},
          {"question": "What year?", "answer": 2023, "evidence": ["D1:1", "D9:9"], "category": 4},
          {"question": "Gone?", "answer": "x", "evidence": ["D8:1"], "category": 3},
          {"question": "Whose boat?", "adversarial_answer": "Bo's", "evidence": ["D1:2"], "category": 5}]}]
      """;

  @Test
  void locomo() {
    Dataset data = converted("locomo", LOCOMO);
    Dataset.Dialogue dialogue = data.dialogues().getFirst();
    assertThat(dialogue.id()).isEqualTo("conv-7");
    assertThat(dialogue.speakers()).containsEntry("user", "Ada").containsEntry("companion", "Bo");
    assertThat(dialogue.turns().map(Turn::id))
        .containsExactly("conv-7-D1:1", "conv-7-D1:2", "conv-7-D2:1");
    Turn picture = dialogue.turns().skip(1).findFirst().orElseThrow();
    assertThat(picture.text()).isEqualTo("Look! [a photo of a kite]");
    assertThat(picture.speaker()).isEqualTo("companion");
    assertThat(picture.at()).isEqualTo("2023-05-08T13:56:30Z");
    assertThat(data.memoryQuestions())
        .extracting(MemoryQuestion::kind)
        .containsExactly("multi_hop", "temporal", "single", "abstain");
    assertThat(data.memoryQuestions())
        .extracting(MemoryQuestion::evidence)
        .containsExactly(
            List.of("conv-7-D1:1", "conv-7-D2:1"),
            List.of("conv-7-D1:1"),
            List.of("conv-7-D1:1"),
            List.of());
    assertThat(data.memoryQuestions().getFirst().askedAt())
        .isAfter("2023-05-10T00:00:00Z")
        .isBefore("2023-05-10T01:00:00Z");
  }

  @Test
  void longMemEval() {
    Dataset data =
        converted(
            "longmemeval",
            """
            [{"question_id": "q_1", "question_type": "single-session-user", "question": "What colour is my kite?",
              "answer": "red", "question_date": "2023/05/30 (Tue) 23:40",
              "haystack_dates": ["2023/05/21 (Sun) 03:00", "2023/05/20 (Sat) 02:21"],
              "haystack_session_ids": ["b", "a"], "answer_session_ids": ["a"],
              "haystack_sessions": [
                [{"role": "user", "content": "Hello"}],
                [{"role": "user", "content": "My kite is red", "has_answer": true},
                 {"role": "assistant", "content": "Nice", "has_answer": false}]]},
             {"question_id": "q_2_abs", "question_type": "temporal-reasoning", "question": "Whose boat?",
              "answer": "not said", "question_date": "2023/05/20 (Sat) 02:21",
              "haystack_dates": ["2023/05/20 (Sat) 02:21"], "haystack_session_ids": ["c"],
              "answer_session_ids": ["c"],
              "haystack_sessions": [[{"role": "user", "content": "A boat"}]]},
             {"question_id": "q_3", "question_type": "multi-session", "question": "Which boat?",
              "answer": "blue", "question_date": "2023/05/21 (Sun) 02:21",
              "haystack_dates": ["2023/05/20 (Sat) 02:21"], "haystack_session_ids": ["c"],
              "answer_session_ids": ["c"],
              "haystack_sessions": [[{"role": "user", "content": "A blue boat"},
                                     {"role": "assistant", "content": "Blue?"}]]}]
            """);
    assertThat(data.dialogues())
        .extracting(Dataset.Dialogue::id)
        .containsExactly("q_1", "q_2_abs", "q_3");
    assertThat(data.dialogues().getFirst().turns().map(Turn::text))
        .containsExactly("My kite is red", "Nice", "Hello");
    assertThat(data.memoryQuestions())
        .extracting(MemoryQuestion::kind)
        .containsExactly("single-session-user", "abstain", "multi-session");
    assertThat(data.memoryQuestions())
        .extracting(MemoryQuestion::evidence)
        .containsExactly(List.of("q_1-s1-t1"), List.of(), List.of("q_3-s1-t1", "q_3-s1-t2"));
    assertThat(data.memoryQuestions().getFirst().askedAt()).isEqualTo("2023-05-30T23:40:00Z");
    assertThat(data.memoryQuestions().get(1).askedAt()).isEqualTo("2023-05-20T02:21:30Z");
  }

  @Test
  void whatIsWrongIsToldWithItsPlace() {
    assertThatThrownBy(() -> converted("locomo", LOCOMO.replace("1:56 pm", "13:56")))
        .isInstanceOf(Faults.BadData.class)
        .hasMessageContaining("element 1, session_1: no time such as 1:56 pm on 8 May, 2023");
    assertThatThrownBy(() -> converted("locomo", "[{}]"))
        .hasMessageContaining("sample_id is missing");
    assertThatThrownBy(() -> converted("locomo", "[\n{]")).hasMessageContaining("set.json:2: ");
    assertThatThrownBy(() -> converted("locomo", "{}"))
        .hasMessageContaining("must be a JSON array");
    assertThatThrownBy(() -> converted("other", "[]")).isInstanceOf(Plan.Misused.class);
  }
}
