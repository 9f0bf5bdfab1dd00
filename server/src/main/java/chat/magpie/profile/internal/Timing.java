package chat.magpie.profile.internal;

import chat.magpie.profile.Slot;
import chat.magpie.profile.SpokenDays;
import chat.magpie.profile.SpokenDays.Span;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Says on which day something was said, and since when it is so.
///
/// @param zone of those of whom no other is known
record Timing(ZoneId zone, SpokenDays spoken) {
  /// A longer time than this dates nothing to a day.
  private static final int LONGEST = 31;

  /// What tells of a change, which the days beside it date.
  private static final Pattern CHANGE =
      Pattern.compile(
          "\\b(?:moved|started|quit|left|joined|stopped|g[ai]ven? up|bought|adopted|got|broke|split|since|switched"
              + "|diagnosed|retired|married|began|became|turned|gone|went|off|cancelled|pulled out|put me on)\\b"
              + "|搬|换|入职|离职|辞|开始|停|戒|分手|分了|离婚|领|养|买|改|确诊|查出|在一起|结婚|退休|不再|不吃|不喝|不去|上班第一天",
          Pattern.CASE_INSENSITIVE);

  /// The day of a moment where somebody is.
  ///
  /// @param named the zone's name; null or unknown for the one that holds otherwise
  String day(long millis, @Nullable String named) {
    return LocalDate.ofInstant(Instant.ofEpochMilli(millis), zone(named)).toString();
  }

  private ZoneId zone(@Nullable String named) {
    try {
      return named == null ? zone : ZoneId.of(named);
    } catch (DateTimeException e) {
      return zone; // of an older list of zones
    }
  }

  /// The first day on which a claim is known to hold: the one that its sentence names where it
  /// tells of a change, else the day on which it was said. Never after that.
  String since(Claim claim, String said) {
    boolean ahead = claim.slot() == Slot.PLANS && !claim.negated();
    if (ahead || !CHANGE.matcher(claim.sentence()).find()) {
      return said;
    }
    LocalDate day = LocalDate.parse(said);
    List<Span> past =
        spoken.in(claim.sentence(), day).stream()
            .filter(span -> !span.first().isAfter(day))
            .distinct()
            .toList();
    if (past.size() != 1
        || !past.getFirst().first().plusDays(LONGEST).isAfter(past.getFirst().last())) {
      return said;
    }
    LocalDate last = past.getFirst().last();
    return (last.isAfter(day) ? day : last).toString();
  }
}
