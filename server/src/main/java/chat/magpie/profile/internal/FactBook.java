package chat.magpie.profile.internal;

import static chat.magpie.profile.internal.ProfileTables.*;

import chat.magpie.kernel.Ids;
import chat.magpie.profile.Fact.Method;
import chat.magpie.profile.Slot;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jooq.DSLContext;
import org.jspecify.annotations.Nullable;

/// The facts about one user inside of one transaction that holds the profile: nobody else changes
/// it meanwhile. How a claim changes what is known is decided here.
final class FactBook {
  static final int MOST_FACTS = 500;
  private static final int MOST_SOURCES = 20;

  /// Where that something is no longer so is worth knowing only of what was so.
  private static final Set<Slot> ENDING =
      Set.of(Slot.PLANS, Slot.MEDICATION, Slot.POSSESSIONS, Slot.PLACE, Slot.WORKPLACE);

  /// Stands for whatever value holds.
  private static final String ALL = "*";

  private final DSLContext sql;
  private final String tenantId;
  private final String userId;
  private final long now;
  private final Timing timing;
  private final List<FactRow> rows;

  private FactBook(
      DSLContext sql, String tenantId, String userId, long now, Timing timing, List<FactRow> rows) {
    this.sql = sql;
    this.tenantId = tenantId;
    this.userId = userId;
    this.now = now;
    this.timing = timing;
    this.rows = rows;
  }

  /// Holds the profile until the end of the transaction, counts its revision up and reads it.
  static FactBook hold(DSLContext sql, String tenantId, String userId, long now, Timing timing) {
    sql.insertInto(PROFILE)
        .set(PROFILE_TENANT, tenantId)
        .set(PROFILE_USER, userId)
        .set(PROFILE_REVISION, 0L)
        .set(PROFILE_UPDATED, now)
        .onConflictDoNothing()
        .execute();
    sql.update(PROFILE)
        .set(PROFILE_REVISION, PROFILE_REVISION.plus(1))
        .set(PROFILE_UPDATED, now)
        .where(PROFILE_TENANT.eq(tenantId), PROFILE_USER.eq(userId))
        .execute();
    return new FactBook(sql, tenantId, userId, now, timing, read(sql, tenantId, userId));
  }

  static List<FactRow> read(DSLContext sql, String tenantId, String userId) {
    return new ArrayList<>(
        sql.select(FactRow.COLUMNS)
            .from(FACT)
            .where(FACT_TENANT.eq(tenantId), FACT_USER.eq(userId))
            .orderBy(FACT_ID)
            .fetch(FactRow::of));
  }

  /// Where a claim comes from.
  ///
  /// @param day on which it was said, where the user was
  record Source(String messageId, String conversationId, long saidAt, String day) {}

  private String today() {
    return timing.day(now, null);
  }

  Optional<FactRow> find(String factId) {
    return rows.stream().filter(row -> row.id().equals(factId)).findFirst();
  }

  /// Whether there is room for one more, after what does not hold any more has made room.
  boolean hasRoom() {
    if (rows.size() < MOST_FACTS) {
      return true;
    }
    Optional<FactRow> oldest =
        rows.stream()
            .filter(row -> !row.holds() && row.method() != Method.USER)
            .min(Comparator.comparingLong(FactRow::saidAt));
    oldest.ifPresent(row -> remove(List.of(row.id())));
    return oldest.isPresent();
  }

  /// Takes over what is claimed, as far as the user has not said otherwise.
  ///
  /// @param sources the messages that say it, the one that counts as the time first
  void learn(Claim claim, List<Source> sources, Method method) {
    if (sources.isEmpty() || settledByUser(claim)) {
      return;
    }
    Source first = sources.getFirst();
    if (claim.negated() && ENDING.contains(claim.slot())) {
      putToAnEnd(claim, first);
      return;
    }
    Optional<FactRow> known =
        rows.stream().filter(row -> isSame(row, claim) && heldAt(row, first.day())).findFirst();
    if (known.isPresent()) {
      confirm(known.get(), first);
      addSources(known.get().id(), sources);
      return;
    }
    if (!hasRoom()) {
      return;
    }
    String since = timing.since(claim, first.day());
    FactRow added = place(Ids.next(), claim, first.saidAt(), since, method, claim.percent());
    addSources(added.id(), sources);
  }

  /// What the user states; ends what it contradicts.
  FactRow state(Claim claim) {
    return place(Ids.next(), claim, now, today(), Method.USER, 100);
  }

  /// What the user corrects a fact to: the fact keeps its id and since when it holds.
  FactRow correct(FactRow before, Claim claim) {
    refuse(before);
    return place(before.id(), claim, now, before.from(), Method.USER, 100);
  }

  /// Ends what the claim says is no longer so.
  private void putToAnEnd(Claim claim, Source source) {
    for (FactRow row : List.copyOf(rows)) {
      if (row.holds()
          && !row.negated()
          && row.saidAt() <= source.saidAt()
          && row.slot() == claim.slot()
          && (claim.value().equals(ALL) || Likeness.overlap(row.value(), claim.value()))) {
        String day = timing.since(claim, source.day());
        replace(row.closed(later(day, row.from()), null));
      }
    }
  }

  private boolean settledByUser(Claim claim) {
    return rows.stream()
        .filter(row -> row.method() == Method.USER)
        .anyMatch(row ->
            (row.holds() && Likeness.exclude(row.slot(), row.value(), claim.slot(), claim.value()))
                || (Likeness.touching(row.slot(), claim.slot())
                    && Likeness.overlap(row.value(), claim.value())));
  }

  private static boolean isSame(FactRow row, Claim claim) {
    if (row.negated() != claim.negated() || !Likeness.near(row.slot(), claim.slot())) {
      return false;
    }
    return Likeness.plain(row.value()).equals(Likeness.plain(claim.value()))
        || (row.slot() == claim.slot()
            && row.slot().single()
            && Likeness.overlap(row.value(), claim.value()));
  }

  private static boolean heldAt(FactRow row, String day) {
    String to = row.to();
    return to == null || (row.from().compareTo(day) <= 0 && day.compareTo(to) < 0);
  }

  private void confirm(FactRow row, Source source) {
    if (source.saidAt() < row.saidAt() && row.method() != Method.USER) {
      replace(row.saidFirst(source.saidAt(), source.day()));
    }
  }

  /// Adds the fact at its place in time: it ends what it contradicts of before, and ends itself
  /// where something later contradicts it.
  private FactRow place(
      String id, Claim claim, long saidAt, String day, Method method, int percent) {
    FactRow open =
        new FactRow(
            id,
            claim.slot(),
            claim.value(),
            claim.sentence().isBlank() ? claim.value() : claim.sentence(),
            claim.negated(),
            saidAt,
            day,
            null,
            null,
            percent,
            method);
    Optional<FactRow> later =
        rows.stream()
            .filter(row -> row.saidAt() > saidAt && contradict(row, open))
            .min(Comparator.comparingLong(FactRow::saidAt));
    FactRow added = later.map(row -> open.closed(later(day, row.from()), row.id())).orElse(open);
    insert(added);
    for (FactRow row : List.copyOf(rows)) {
      boolean held = row.holds() || day.compareTo(orNever(row.to())) < 0;
      if (row.saidAt() <= saidAt && held && contradict(row, added)) {
        replace(row.closed(later(day, row.from()), added.id()));
      }
    }
    rows.add(added);
    return added;
  }

  private static String later(String one, String other) {
    return one.compareTo(other) < 0 ? other : one;
  }

  private static String orNever(@Nullable String day) {
    return day == null ? "9999-12-31" : day;
  }

  private static boolean contradict(FactRow one, FactRow other) {
    if (one.negated() && other.negated()) {
      return false;
    }
    if (one.negated() || other.negated()) {
      return Likeness.touching(one.slot(), other.slot())
          && Likeness.overlap(one.value(), other.value());
    }
    return Likeness.exclude(one.slot(), one.value(), other.slot(), other.value())
        || (Likeness.opposed(one.slot(), other.slot())
            && Likeness.plain(one.value()).equals(Likeness.plain(other.value())));
  }

  private void insert(FactRow row) {
    sql.insertInto(FACT)
        .set(FACT_ID, row.id())
        .set(FACT_TENANT, tenantId)
        .set(FACT_USER, userId)
        .set(FACT_SLOT, row.slot().word())
        .set(FACT_CONTENT, row.value())
        .set(FACT_SENTENCE, row.sentence())
        .set(FACT_NEGATED, row.negated() ? 1 : 0)
        .set(FACT_SAID, row.saidAt())
        .set(FACT_FROM, row.from())
        .set(FACT_TO, row.to())
        .set(FACT_SUPERSEDED, row.supersededBy())
        .set(FACT_CONFIDENCE, row.percent())
        .set(FACT_METHOD, row.method().name())
        .set(FACT_CREATED, now)
        .execute();
  }

  private void replace(FactRow row) {
    sql.update(FACT)
        .set(FACT_SAID, row.saidAt())
        .set(FACT_FROM, row.from())
        .set(FACT_TO, row.to())
        .set(FACT_SUPERSEDED, row.supersededBy())
        .where(FACT_ID.eq(row.id()))
        .execute();
    rows.replaceAll(before -> before.id().equals(row.id()) ? row : before);
  }

  /// Ends a fact, or lets it hold again.
  FactRow end(FactRow row, boolean ended) {
    FactRow changed =
        new FactRow(
            row.id(),
            row.slot(),
            row.value(),
            row.sentence(),
            row.negated(),
            row.saidAt(),
            row.from(),
            ended ? today() : null,
            null,
            row.percent(),
            row.method());
    replace(changed);
    return changed;
  }

  private void addSources(String factId, List<Source> sources) {
    int there = sql.fetchCount(SOURCE, SOURCE_FACT.eq(factId));
    for (Source source : sources) {
      if (there >= MOST_SOURCES) {
        return;
      }
      there +=
          sql.insertInto(SOURCE)
              .set(SOURCE_FACT, factId)
              .set(SOURCE_MESSAGE, source.messageId())
              .set(SOURCE_CONVERSATION, source.conversationId())
              .onConflictDoNothing()
              .execute();
    }
  }

  /// Erases a fact and sees to it that nothing is learnt from its messages again. What other facts
  /// keep of these messages is cut down to their values.
  void refuse(FactRow row) {
    List<Source> sources =
        sql.select(SOURCE_MESSAGE, SOURCE_CONVERSATION)
            .from(SOURCE)
            .where(SOURCE_FACT.eq(row.id()))
            .orderBy(SOURCE_MESSAGE)
            .fetch(found ->
                new Source(found.get(SOURCE_MESSAGE), found.get(SOURCE_CONVERSATION), 0, ""));
    for (Source source : sources) {
      refuse(source.messageId(), source.conversationId());
    }
    List<String> messages = sources.stream().map(Source::messageId).toList();
    Set<String> sharing =
        sql.select(SOURCE_FACT)
            .from(SOURCE)
            .where(SOURCE_MESSAGE.in(messages))
            .fetchSet(SOURCE_FACT);
    sql.update(FACT)
        .set(FACT_SENTENCE, FACT_CONTENT)
        .where(FACT_ID.in(sharing), FACT_TENANT.eq(tenantId), FACT_USER.eq(userId))
        .execute();
    remove(List.of(row.id()));
  }

  private void refuse(String messageId, String conversationId) {
    sql.insertInto(REFUSED)
        .set(REFUSED_MESSAGE, messageId)
        .set(REFUSED_TENANT, tenantId)
        .set(REFUSED_USER, userId)
        .set(REFUSED_CONVERSATION, conversationId)
        .onConflictDoNothing()
        .execute();
  }

  /// Those of the messages that nothing is to be learnt from.
  static Set<String> refused(DSLContext sql, List<String> messageIds) {
    return sql.select(REFUSED_MESSAGE)
        .from(REFUSED)
        .where(REFUSED_MESSAGE.in(messageIds))
        .fetchSet(REFUSED_MESSAGE);
  }

  void remove(List<String> factIds) {
    sql.deleteFrom(SOURCE).where(SOURCE_FACT.in(factIds)).execute();
    sql.deleteFrom(FACT).where(FACT_ID.in(factIds)).execute();
    sql.update(FACT)
        .setNull(FACT_SUPERSEDED)
        .where(FACT_TENANT.eq(tenantId), FACT_USER.eq(userId), FACT_SUPERSEDED.in(factIds))
        .execute();
    rows.removeIf(row -> factIds.contains(row.id()));
  }

  /// Takes a conversation away from the sources of these facts, and what is left without a source
  /// with it. What stays keeps no words of it but its value.
  void loseSources(List<String> factIds, String conversationId) {
    sql.deleteFrom(SOURCE).where(SOURCE_CONVERSATION.eq(conversationId)).execute();
    keepSourced(factIds);
  }

  private void keepSourced(List<String> factIds) {
    Set<String> left =
        sql.selectDistinct(SOURCE_FACT)
            .from(SOURCE)
            .where(SOURCE_FACT.in(factIds))
            .fetchSet(SOURCE_FACT);
    remove(factIds.stream().filter(id -> !left.contains(id)).toList());
    sql.update(FACT).set(FACT_SENTENCE, FACT_CONTENT).where(FACT_ID.in(left)).execute();
  }

  /// Takes these messages away from the sources of facts, as [#loseSources] does; nothing is learnt
  /// from them any more, also not by whoever has read them already.
  void loseMessages(String conversationId, Collection<String> messageIds) {
    for (String messageId : messageIds) {
      refuse(messageId, conversationId);
    }
    List<String> facts =
        sql.selectDistinct(SOURCE_FACT)
            .from(SOURCE)
            .where(SOURCE_MESSAGE.in(messageIds))
            .fetch(SOURCE_FACT);
    sql.deleteFrom(SOURCE).where(SOURCE_MESSAGE.in(messageIds)).execute();
    keepSourced(facts);
  }

  /// Erases all facts.
  void clear() {
    remove(rows.stream().map(FactRow::id).toList());
  }
}
