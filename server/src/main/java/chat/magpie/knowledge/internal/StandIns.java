package chat.magpie.knowledge.internal;

import chat.magpie.text.Pinyin;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.lucene.index.IndexReader;
import org.apache.lucene.index.MultiTerms;
import org.apache.lucene.index.Term;
import org.apache.lucene.index.Terms;
import org.apache.lucene.search.FuzzyTermsEnum;
import org.apache.lucene.util.BytesRef;
import org.jspecify.annotations.Nullable;

/// What is looked for in place of those words of a question that no passage has, since they may be
/// written wrongly: words that differ in a letter or two, and for a pair of Chinese characters all
/// pairs that sound the same.
final class StandIns {
  /// What a stand-in counts for, beside 1 for the word itself.
  static final double WORTH = 0.7;

  /// The field of the words of a passage, and that of how its pairs sound.
  static final String WORDS = "body";

  static final String SOUNDS = "sound";

  /// Words with fewer letters have no stand-ins; others may differ in one letter, long ones in two
  /// if none differs in one.
  private static final int SHORTEST = 5;

  private static final int LONG = 8;

  /// Words that are looked into, and stand-ins for each, at most: each look costs.
  private static final int MOST_WORDS = 6;

  private static final int MOST = 8;

  private final Map<String, List<Term>> standIns = new HashMap<>();
  private final Map<String, Integer> frequencies = new HashMap<>();

  private StandIns() {}

  static StandIns of(Question question, IndexReader reader) throws IOException {
    StandIns made = new StandIns();
    @Nullable Terms words = MultiTerms.getTerms(reader, WORDS);
    int looked = 0;
    for (String term : question.terms()) {
      if (made.count(term, reader) == 0
          && words != null
          && looked < MOST_WORDS
          && term.length() >= SHORTEST
          && term.chars().allMatch(c -> c >= 'a' && c <= 'z')) {
        looked++;
        made.put(term, alike(term, words));
      }
    }
    for (String pair : question.pairs()) {
      made.count(pair, reader);
    }
    for (String pair : question.doubtful(made::known)) {
      Term sound = new Term(SOUNDS, Pinyin.of(pair));
      made.put(pair, reader.docFreq(sound) > 0 ? List.of(sound) : List.of());
    }
    return made;
  }

  private int count(String term, IndexReader reader) throws IOException {
    int frequency = reader.docFreq(new Term(WORDS, term));
    frequencies.put(term, frequency);
    return frequency;
  }

  private void put(String term, List<Term> found) {
    if (!found.isEmpty()) {
      standIns.put(term, found);
    }
  }

  private static List<Term> alike(String word, Terms words) throws IOException {
    List<Term> found = new ArrayList<>();
    int most = word.length() < LONG ? 1 : 2;
    for (int edits = 1; edits <= most && found.isEmpty(); edits++) {
      FuzzyTermsEnum alike = new FuzzyTermsEnum(words, new Term(WORDS, word), edits, 1, true);
      for (BytesRef term = alike.next(); term != null && found.size() < MOST; term = alike.next()) {
        if (term.length >= SHORTEST - 1) {
          found.add(new Term(WORDS, BytesRef.deepCopyOf(term)));
        }
      }
    }
    return found;
  }

  /// Where a word or pair of the question is looked for: as it is, or by what stands in for it.
  List<Term> of(String term) {
    List<Term> instead = standIns.get(term);
    return instead == null ? List.of(new Term(WORDS, term)) : instead;
  }

  /// What it counts for where a passage has it, or what stands in for it.
  double worth(String term) {
    return standIns.containsKey(term) ? WORTH : 1;
  }

  /// Whether any passage has it, or what stands in for it.
  boolean known(String term) {
    return standIns.containsKey(term) || frequencies.getOrDefault(term, 0) > 0;
  }
}
