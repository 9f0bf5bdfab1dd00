package chat.magpie.profile.internal;

import static chat.magpie.profile.internal.ProfileTables.*;

import chat.magpie.profile.Fact;
import chat.magpie.profile.Fact.Method;
import chat.magpie.profile.Slot;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;
import org.jooq.Field;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;

/// A fact as it is stored, without its sources.
///
/// @param saidAt when it was said, in milliseconds since the epoch
/// @param from ISO day
/// @param to ISO day; null while it holds
record FactRow(
    String id,
    Slot slot,
    String value,
    String sentence,
    boolean negated,
    long saidAt,
    String from,
    @Nullable String to,
    @Nullable String supersededBy,
    int percent,
    Method method) {
  static final List<Field<?>> COLUMNS =
      List.of(
          FACT_ID,
          FACT_SLOT,
          FACT_CONTENT,
          FACT_SENTENCE,
          FACT_NEGATED,
          FACT_SAID,
          FACT_FROM,
          FACT_TO,
          FACT_SUPERSEDED,
          FACT_CONFIDENCE,
          FACT_METHOD);

  static FactRow of(Record row) {
    return new FactRow(
        row.get(FACT_ID),
        Slot.of(row.get(FACT_SLOT)).orElse(Slot.OTHER),
        row.get(FACT_CONTENT),
        row.get(FACT_SENTENCE),
        row.get(FACT_NEGATED) != 0,
        row.get(FACT_SAID),
        row.get(FACT_FROM),
        row.get(FACT_TO),
        row.get(FACT_SUPERSEDED),
        row.get(FACT_CONFIDENCE),
        Method.valueOf(row.get(FACT_METHOD)));
  }

  boolean holds() {
    return to == null;
  }

  FactRow closed(String day, @Nullable String by) {
    return new FactRow(id, slot, value, sentence, negated, saidAt, from, day, by, percent, method);
  }

  FactRow saidFirst(long at, String day) {
    return new FactRow(
        id, slot, value, sentence, negated, at, day, to, supersededBy, percent, method);
  }

  Fact fact(List<String> sources) {
    return new Fact(
        id,
        slot,
        value,
        sentence,
        negated,
        sources,
        LocalDate.parse(from),
        Optional.ofNullable(to).map(LocalDate::parse),
        Optional.ofNullable(supersededBy),
        percent / 100.0,
        method);
  }
}
