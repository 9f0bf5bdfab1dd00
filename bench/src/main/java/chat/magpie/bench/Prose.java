package chat.magpie.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/// Text of invented words, of which few are frequent and many rare; the same for the same seed. Not
/// safe for threads.
final class Prose {
  private static final int WORDS = 4_000;

  private final Random random;
  private final List<String> words = new ArrayList<>();

  Prose(long seed) {
    random = new Random(seed);
    for (int i = 0; i < WORDS; i++) {
      StringBuilder word = new StringBuilder();
      for (int k = 2 + random.nextInt(3); k > 0; k--) {
        word.append("bdfgklmnprst".charAt(random.nextInt(12)))
            .append("aeiou".charAt(random.nextInt(5)));
      }
      words.add(word.toString());
    }
  }

  String sentence(int length) {
    StringBuilder sentence = new StringBuilder();
    for (int i = 0; i < length; i++) {
      double place = Math.pow(random.nextDouble(), 3);
      sentence.append(i == 0 ? "" : " ").append(words.get((int) (place * words.size())));
    }
    return sentence.toString();
  }
}
