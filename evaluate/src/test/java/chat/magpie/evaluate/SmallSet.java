package chat.magpie.evaluate;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// A data set of a few lines with something of everything.
final class SmallSet {
  private SmallSet() {}

  static void write(Path folder) {
    put(
        folder.resolve("memory/dialogues/ann.json"),
        """
        {"id": "ann", "split": "dev", "language": "en", "zone": "UTC",
         "speakers": {"user": "Ann", "companion": "Wren"},
         "sessions": [
          {"id": "s1", "started_at": "2025-01-06T10:00:00Z", "turns": [
           {"id": "t1", "speaker": "user", "at": "2025-01-06T10:00:00Z", "text": "I got a grey cat yesterday, her name is Olga.",
            "dates": [{"text": "yesterday", "from": "2025-01-05", "to": "2025-01-05"}]},
           {"id": "t2", "speaker": "companion", "at": "2025-01-06T10:00:30Z", "text": "How lovely!"}]},
          {"id": "s2", "started_at": "2025-02-06T10:00:00Z", "turns": [
           {"id": "t3", "speaker": "user", "at": "2025-02-06T10:00:00Z", "text": "I play the cello in an orchestra."},
           {"id": "t4", "speaker": "companion", "at": "2025-02-06T10:00:30Z", "text": "What do you play there?"},
           {"id": "t5", "speaker": "user", "at": "2025-02-06T10:01:00Z", "text": "Brahms, mostly."}]}]}
        """);
    put(
        folder.resolve("memory/questions.jsonl"),
        """
        {"id": "q1", "dialogue": "ann", "split": "dev", "kind": "single", "question": "What is my cat called?", "asked_at": "2025-03-01T00:00:00Z", "evidence": ["t1"]}
        {"id": "q2", "dialogue": "ann", "split": "dev", "kind": "temporal", "question": "When did I get my cat?", "asked_at": "2025-02-01T00:00:00Z", "evidence": ["t1"], "when": {"from": "2025-01-05", "to": "2025-01-05", "role": "answer"}}
        {"id": "q3", "dialogue": "ann", "split": "dev", "kind": "single", "question": "Which instrument do I play, the cello?", "asked_at": "2025-03-01T00:00:00Z", "evidence": ["t3"]}
        """);
    put(
        folder.resolve("profile/facts.jsonl"),
        """
        {"id": "f1", "dialogue": "ann", "split": "dev", "slot": "pets", "match": ["cat"], "sources": ["t1"]}
        """);
    put(
        folder.resolve("faq/entries.jsonl"),
        """
        {"id": "small-hours", "question": "When are you open?", "phrasings": ["What are your opening hours?"], "answer": "From nine to five."}
        {"id": "small-returns", "question": "How do I return a parcel?", "answer": "Print the label and bring it to a shop."}
        """);
    put(
        folder.resolve("faq/questions.jsonl"),
        """
        {"id": "c1", "split": "dev", "kind": "plain", "question": "when are you open", "expected": ["small-hours"]}
        {"id": "c2", "split": "dev", "kind": "plain", "question": "how do i return a parcel?", "expected": ["small-returns"]}
        {"id": "c3", "split": "dev", "kind": "out_of_domain", "question": "Who wrote Faust?", "expected": null}
        """);
    put(
        folder.resolve("faq/pages/en/visit.md"),
        """
        # Visiting us

        ## Hours

        The workshop is open on Saturdays only.

        ## Parking

        There is a car park behind the mill, free of charge for two hours.
        """);
    put(
        folder.resolve("faq/passage_questions.jsonl"),
        """
        {"id": "p1", "split": "dev", "kind": "plain", "question": "Is the workshop open on Saturdays?", "page": "en/visit.md", "heading": "Hours"}
        """);
  }

  private static void put(Path file, String text) {
    try {
      Files.createDirectories(file.resolveSibling("."));
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
