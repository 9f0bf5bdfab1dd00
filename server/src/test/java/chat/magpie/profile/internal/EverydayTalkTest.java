package chat.magpie.profile.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Whether the rules understand what people say in words that they were not made for.
class EverydayTalkTest {
  private final Rules rules = new Rules();

  @ParameterizedTest
  @CsvSource({"open, .95, .95", "blind, .95, .90"})
  void whatIsLearntIsSoAndMostIsLearnt(String part, double precision, double recall)
      throws IOException {
    int expected = 0;
    int found = 0;
    int claimed = 0;
    int right = 0;
    List<String> notes = new ArrayList<>();
    for (String[] line : lines(part)) {
      List<Claim> claims = rules.claims(line[1].strip());
      List<String> facts =
          Stream.of(line[2].split(",", -1)).map(String::strip).filter(f -> !f.isEmpty()).toList();
      long wrong =
          claims.stream().filter(claim -> facts.stream().noneMatch(f -> fits(claim, f))).count();
      long seen =
          facts.stream().filter(f -> claims.stream().anyMatch(claim -> fits(claim, f))).count();
      expected += facts.size();
      found += (int) seen;
      claimed += claims.size();
      right += claims.size() - (int) wrong;
      if (wrong > 0 || seen < facts.size()) {
        notes.add(line[1].strip() + " -> " + claims);
      }
    }
    assertThat(expected).isGreaterThan(50);
    assertThat((double) right / claimed)
        .as("precision %s", notes)
        .isGreaterThanOrEqualTo(precision);
    assertThat((double) found / expected).as("recall %s", notes).isGreaterThanOrEqualTo(recall);
  }

  private static List<String[]> lines(String part) throws IOException {
    try (InputStream file = EverydayTalkTest.class.getResourceAsStream("/profile/said.txt")) {
      assertThat(file).isNotNull();
      return new String(file.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .map(line -> line.split("\\|", -1))
          .filter(line -> line[0].strip().equals(part))
          .toList();
    }
  }

  /// Whether a claim is one of the facts between slashes: of the same or a near slot, said or
  /// denied alike, with the word.
  private static boolean fits(Claim claim, String fact) {
    return Arrays.stream(fact.split("/", -1))
        .map(String::strip)
        .anyMatch(one -> {
          boolean negated = one.startsWith("not ");
          String[] words = (negated ? one.substring(4) : one).split(" ", 2);
          return claim.negated() == negated
              && claim.slot().word().equals(words[0])
              && claim.value().toLowerCase(Locale.ROOT).contains(words[1].toLowerCase(Locale.ROOT));
        });
  }
}
