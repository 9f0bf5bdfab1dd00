package chat.magpie.llm.internal;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.InputStream;
import java.text.Normalizer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/// Cuts text into the word pieces that a model of the BERT family was trained on: words in lower
/// case without accents, punctuation and Chinese characters by themselves, and each word into the
/// longest pieces that the vocabulary has.
final class WordPieces {
  private static final int LONGEST_WORD = 100;
  private static final String CONTINUED = "##";

  private static final Set<Character.UnicodeBlock> IDEOGRAPHS =
      Set.of(
          Character.UnicodeBlock.CJK_UNIFIED_IDEOGRAPHS,
          Character.UnicodeBlock.CJK_UNIFIED_IDEOGRAPHS_EXTENSION_A,
          Character.UnicodeBlock.CJK_UNIFIED_IDEOGRAPHS_EXTENSION_B,
          Character.UnicodeBlock.CJK_UNIFIED_IDEOGRAPHS_EXTENSION_C,
          Character.UnicodeBlock.CJK_UNIFIED_IDEOGRAPHS_EXTENSION_D,
          Character.UnicodeBlock.CJK_UNIFIED_IDEOGRAPHS_EXTENSION_E,
          Character.UnicodeBlock.CJK_COMPATIBILITY_IDEOGRAPHS,
          Character.UnicodeBlock.CJK_COMPATIBILITY_IDEOGRAPHS_SUPPLEMENT);

  private final Map<String, Integer> vocabulary;
  private final int unknown;
  private final int begin;
  private final int end;

  private WordPieces(Map<String, Integer> vocabulary) throws IOException {
    this.vocabulary = vocabulary;
    this.unknown = special("[UNK]");
    this.begin = special("[CLS]");
    this.end = special("[SEP]");
  }

  private int special(String name) throws IOException {
    Integer id = vocabulary.get(name);
    if (id == null) {
      throw new IOException("The vocabulary has no " + name);
    }
    return id;
  }

  /// Reads the vocabulary of a `tokenizer.json`.
  ///
  /// @throws IOException if it is no such file
  static WordPieces read(InputStream json) throws IOException {
    Map<String, Integer> vocabulary = HashMap.newHashMap(32_000);
    try (JsonParser parser = new JsonFactory().createParser(json)) {
      while (parser.nextToken() != null) {
        if (parser.currentToken() == JsonToken.FIELD_NAME
            && "vocab".equals(parser.currentName())
            && parser.nextToken() == JsonToken.START_OBJECT) {
          while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String piece = parser.currentName();
            vocabulary.put(piece, parser.nextIntValue(-1));
          }
        }
      }
    }
    return new WordPieces(vocabulary);
  }

  /// The pieces of a text between the marks of its begin and its end, at most so many in all. Time
  /// is linear in what is read.
  int[] of(String text, int most) {
    Taken taken = new Taken(most - 2);
    StringBuilder word = new StringBuilder();
    for (int at = 0; at < text.length() && !taken.full(); ) {
      int point = text.codePointAt(at);
      at += Character.charCount(point);
      if (Character.isWhitespace(point) || Character.isSpaceChar(point)) {
        word(word, taken);
      } else if (!ignored(point)) {
        boolean alone = punctuation(point) || chinese(point);
        if (alone) {
          word(word, taken);
        }
        if (word.length() <= LONGEST_WORD * 2) {
          word.appendCodePoint(point);
        }
        if (alone) {
          word(word, taken);
        }
      }
    }
    word(word, taken);
    int[] ids = new int[taken.length + 2];
    System.arraycopy(taken.ids, 0, ids, 1, taken.length);
    ids[0] = begin;
    ids[ids.length - 1] = end;
    return ids;
  }

  /// Ids, as many as there may be.
  private static final class Taken {
    private final int most;
    private int[] ids = new int[32];
    private int length;

    Taken(int most) {
      this.most = most;
    }

    boolean full() {
      return length >= most;
    }

    void add(int id) {
      if (full()) {
        return;
      }
      if (length == ids.length) {
        ids = Arrays.copyOf(ids, 2 * length);
      }
      ids[length++] = id;
    }
  }

  private void word(StringBuilder raw, Taken taken) {
    if (raw.isEmpty()) {
      return;
    }
    String word = plain(raw.toString());
    raw.setLength(0);
    if (word.isEmpty()) {
      return;
    }
    if (word.length() > LONGEST_WORD) {
      taken.add(unknown);
      return;
    }
    int[] pieces = new int[word.length()];
    int count = 0;
    for (int from = 0; from < word.length(); ) {
      int to = word.length();
      Integer id = null;
      while (to > from && id == null) {
        String piece = word.substring(from, to);
        id = vocabulary.get(from == 0 ? piece : CONTINUED + piece);
        if (id == null) {
          to--;
        }
      }
      if (id == null) {
        taken.add(unknown);
        return;
      }
      pieces[count++] = id;
      from = to;
    }
    for (int i = 0; i < count; i++) {
      taken.add(pieces[i]);
    }
  }

  /// In lower case and without accents.
  private static String plain(String word) {
    String lower = word.toLowerCase(Locale.ROOT);
    if (lower.chars().allMatch(c -> c < 128)) {
      return lower;
    }
    String decomposed = Normalizer.normalize(lower, Normalizer.Form.NFD);
    StringBuilder plain = new StringBuilder(decomposed.length());
    decomposed
        .codePoints()
        .filter(point -> Character.getType(point) != Character.NON_SPACING_MARK)
        .forEach(plain::appendCodePoint);
    return plain.toString();
  }

  private static boolean ignored(int point) {
    return point == 0xFFFD
        || switch (Character.getType(point)) {
          case Character.CONTROL,
              Character.FORMAT,
              Character.SURROGATE,
              Character.PRIVATE_USE,
              Character.UNASSIGNED ->
              true;
          default -> false;
        };
  }

  private static boolean punctuation(int point) {
    return point < 128
        ? point > 32 && !Character.isLetterOrDigit(point)
        : switch (Character.getType(point)) {
          case Character.CONNECTOR_PUNCTUATION,
              Character.DASH_PUNCTUATION,
              Character.START_PUNCTUATION,
              Character.END_PUNCTUATION,
              Character.INITIAL_QUOTE_PUNCTUATION,
              Character.FINAL_QUOTE_PUNCTUATION,
              Character.OTHER_PUNCTUATION ->
              true;
          default -> false;
        };
  }

  private static boolean chinese(int point) {
    Character.UnicodeBlock block = Character.UnicodeBlock.of(point);
    return block != null && IDEOGRAPHS.contains(block);
  }
}
