package chat.magpie.knowledge.internal;

import chat.magpie.knowledge.Passage;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A passage as searches compare it with a question. Its vectors come later, or never.
final class IndexedPassage {
  private final int number;
  private final IndexedDocument document;
  private final Splitter.Piece piece;
  private volatile Vectors vectors = Vectors.NONE;

  /// The vectors of a passage by their space.
  ///
  /// @param questions one to each question that it answers
  /// @param said one to each of [#said]
  record Vectors(
      Map<String, List<CompactVector>> questions, Map<String, List<CompactVector>> said) {
    static final Vectors NONE = new Vectors(Map.of(), Map.of());
  }

  /// @param number unique in its index
  IndexedPassage(int number, IndexedDocument document, Splitter.Piece piece) {
    this.number = number;
    this.document = document;
    this.piece = piece;
  }

  int number() {
    return number;
  }

  IndexedDocument document() {
    return document;
  }

  /// The questions that it answers; empty where it is a passage like any other.
  List<String> questions() {
    return piece.questions();
  }

  /// Title and headings, or what is asked.
  String head() {
    return document.content().title()
        + "\n"
        + piece.section()
        + "\n"
        + String.join("\n", piece.questions());
  }

  String text() {
    return piece.text();
  }

  /// The texts that stand for what it says: an answer under its first question and by itself, any
  /// other passage under its headings.
  List<String> said() {
    if (!piece.questions().isEmpty()) {
      return List.of(piece.questions().getFirst() + "\n" + piece.text(), piece.text());
    }
    return List.of(document.content().title() + " › " + piece.section() + "\n" + piece.text());
  }

  boolean isFor(Optional<String> characterId) {
    return document.characterIds().isEmpty()
        || characterId.filter(document.characterIds()::contains).isPresent();
  }

  Vectors vectors() {
    return vectors;
  }

  void vectors(Vectors made) {
    vectors = made;
  }

  Passage passage(double score) {
    return new Passage(
        document.documentId(),
        document.content().title(),
        piece.section(),
        document.version(),
        piece.text(),
        (float) score);
  }
}
