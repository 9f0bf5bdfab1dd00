package chat.magpie.sql;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import chat.magpie.kernel.ErrorCode;
import chat.magpie.kernel.MagpieException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.Record;
import org.jooq.Result;
import org.jooq.Table;
import org.jooq.exception.DataAccessException;
import org.jooq.exception.SQLStateClass;
import org.jooq.impl.DSL;
import org.jooq.impl.SQLDataType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// What every [Database] does.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class DatabaseContract {
  static final Table<?> TENANT = DSL.table(DSL.name("tenant"));
  static final Field<String> ID = DSL.field(DSL.name("tenant", "id"), SQLDataType.VARCHAR);
  static final Field<String> NAME = DSL.field(DSL.name("tenant", "name"), SQLDataType.VARCHAR);
  static final Field<Long> CREATED =
      DSL.field(DSL.name("tenant", "created_at"), SQLDataType.BIGINT);

  Database database;

  /// A new, empty database.
  abstract Database open();

  @BeforeAll
  void openDatabase() {
    database = open();
  }

  @AfterAll
  void closeDatabase() {
    database.close();
  }

  @BeforeEach
  void empty() {
    database.write(sql -> sql.deleteFrom(TENANT).execute());
  }

  static int insert(DSLContext sql, String id, String name) {
    return sql.insertInto(TENANT, ID, NAME, CREATED).values(id, name, 1L).execute();
  }

  List<String> ids() {
    return database.read(sql -> sql.select(ID).from(TENANT).orderBy(ID).fetch(ID));
  }

  String name(String id) {
    return requireNonNull(
        database.<@Nullable String>read(
            sql -> sql.select(NAME).from(TENANT).where(ID.eq(id)).fetchSingle(NAME)));
  }

  /// Runs all at once, each on a virtual thread, and returns the failures' messages.
  static List<String> together(List<Callable<Object>> calls) throws InterruptedException {
    List<String> failures = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Future<Object> future : threads.invokeAll(calls)) {
        try {
          future.get();
        } catch (ExecutionException e) {
          failures.add(requireNonNull(e.getCause()).toString());
        }
      }
    }
    return failures;
  }

  @Test
  void aStatementRenderedOnceTakesOtherValuesEachTime() {
    RenderedOnce insert =
        new RenderedOnce(DSL.insertInto(TENANT, ID, NAME, CREATED).values("", "", 0L));
    RenderedOnce read =
        new RenderedOnce(
            DSL.select(ID, CREATED)
                .from(TENANT)
                .where(NAME.eq(""), ID.ne(DSL.inline("it's")), CREATED.gt(0L))
                .orderBy(ID));

    for (String id : List.of("once-a", "it's", "once-b", "once-c")) {
      assertThat(
              database.<Integer>write(sql -> insert.execute(sql, id, "rendered ? {0}", 1L << 40)))
          .isEqualTo(1);
    }

    List<Field<?>> columns = List.of(ID, CREATED);
    Result<Record> found = database.read(sql -> read.fetch(sql, columns, "rendered ? {0}", 5L));
    assertThat(found.getValues(ID)).containsExactly("once-a", "once-b", "once-c");
    assertThat(found.getValues(CREATED)).containsOnly(1L << 40);
    found = database.read(sql -> read.fetch(sql, columns, "?", 5L));
    assertThat(found.size()).isZero();
    assertThatThrownBy(() -> database.read(sql -> read.fetch(sql, columns, "one")))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void returnsWhatTheWorkReturned() {
    assertThat(database.<Integer>write(sql -> insert(sql, "a", "x"))).isEqualTo(1);
    assertThat(database.<@Nullable String>write(sql -> null)).isNull();
    assertThat(database.<Integer>read(sql -> sql.fetchCount(TENANT))).isEqualTo(1);
  }

  @Test
  void aCommittedWriteIsSeenByEveryLaterRead() throws InterruptedException {
    List<Callable<Object>> calls = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      String id = "t" + i;
      calls.add(() -> {
        database.write(sql -> insert(sql, id, id));
        assertThat(name(id)).isEqualTo(id);
        return id;
      });
    }
    assertThat(together(calls)).isEmpty();
  }

  @Test
  void anExceptionUndoesTheWholeWorkAndComesThroughUnchanged() {
    MagpieException conflict = new MagpieException(ErrorCode.CONFLICT, "no");
    assertThatThrownBy(() ->
            database.write(sql -> {
              insert(sql, "a", "x");
              insert(sql, "b", "x");
              throw conflict;
            }))
        .isSameAs(conflict);
    assertThat(ids()).isEmpty();
    database.write(sql -> insert(sql, "a", "x"));
    assertThat(ids()).containsExactly("a");
  }

  @Test
  void anErrorOfTheWorkDoesNotHarmTheDatabase() {
    assertThatThrownBy(() ->
            database.write(sql -> {
              insert(sql, "a", "x");
              throw new AssertionError("broken");
            }))
        .isInstanceOf(AssertionError.class);
    database.write(sql -> insert(sql, "b", "x"));
    assertThat(ids()).containsExactly("b");
  }

  @Test
  void failingWorksAmongManyTakeNothingElseWithThem() throws InterruptedException {
    List<Callable<Object>> calls = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      String id = "t%03d".formatted(i);
      boolean fails = i % 5 == 0;
      calls.add(() ->
          database.write(sql -> {
            insert(sql, id, "1");
            insert(sql, id + "b", "2");
            if (fails) {
              throw new MagpieException(ErrorCode.CONFLICT, id);
            }
            return id;
          }));
    }
    List<String> failures = together(calls);
    assertThat(failures).hasSize(40).allMatch(failure -> failure.contains("MagpieException: t"));
    List<String> kept =
        IntStream.range(0, 200)
            .filter(i -> i % 5 != 0)
            .mapToObj("t%03d"::formatted)
            .flatMap(id -> Stream.of(id, id + "b"))
            .toList();
    assertThat(ids()).isEqualTo(kept);
  }

  @Test
  void aDuplicateKeyIsRecognisableAndUndoesTheWork() {
    database.write(sql -> insert(sql, "a", "first"));
    assertThatThrownBy(() ->
            database.write(sql -> {
              insert(sql, "b", "x");
              return insert(sql, "a", "second");
            }))
        .isInstanceOfSatisfying(
            DataAccessException.class,
            e ->
                assertThat(e.sqlStateClass())
                    .isEqualTo(SQLStateClass.C23_INTEGRITY_CONSTRAINT_VIOLATION));
    assertThat(ids()).containsExactly("a");
    assertThat(name("a")).isEqualTo("first");
  }

  @Test
  void aDuplicateCanBePassedOver() {
    database.write(sql -> insert(sql, "a", "first"));
    int inserted =
        database.write(sql ->
            sql.insertInto(TENANT, ID, NAME, CREATED)
                .values("a", "second", 1L)
                .onConflictDoNothing()
                .execute());
    assertThat(inserted).isZero();
    assertThat(name("a")).isEqualTo("first");
  }

  @Test
  void concurrentIncrementsAreAllCounted() throws InterruptedException {
    database.write(sql -> insert(sql, "counter", "x"));
    List<Callable<Object>> calls = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      calls.add(() ->
          database.write(sql ->
              sql.update(TENANT).set(CREATED, CREATED.plus(1L)).where(ID.eq("counter")).execute()));
    }
    assertThat(together(calls)).isEmpty();
    assertThat(database.<List<Long>>read(sql -> sql.select(CREATED).from(TENANT).fetch(CREATED)))
        .containsExactly(101L);
  }

  @Test
  void collidingTransactionsAreRepeatedUntilTheyFit() throws InterruptedException {
    database.write(sql -> insert(sql, "a", "x"));
    database.write(sql -> insert(sql, "b", "x"));
    List<Callable<Object>> calls = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      String first = i % 2 == 0 ? "a" : "b";
      String second = i % 2 == 0 ? "b" : "a";
      calls.add(() ->
          database.write(sql -> {
            sql.update(TENANT).set(CREATED, CREATED.plus(1L)).where(ID.eq(first)).execute();
            return sql.update(TENANT).set(CREATED, CREATED.plus(1L)).where(ID.eq(second)).execute();
          }));
    }
    assertThat(together(calls)).isEmpty();
    assertThat(database.<List<Long>>read(sql -> sql.select(CREATED).from(TENANT).fetch(CREATED)))
        .containsExactly(7L, 7L);
  }

  @Test
  void textComesBackAsItWas() {
    String text = "你好，世界 😀 👩‍👩‍👧 \u0301 é ' \" \\ % _ \t\r\n \u0001 \uFFFD";
    database.write(sql -> insert(sql, "a", text));
    assertThat(name("a")).isEqualTo(text);
  }

  @Test
  void textWithNulIsKeptExactlyOrRefused() {
    String text = "a\0b";
    try {
      database.write(sql -> insert(sql, "a", text));
    } catch (DataAccessException e) {
      assertThat(ids()).isEmpty();
      return;
    }
    assertThat(name("a")).isEqualTo(text);
  }

  @Test
  void idsCompareExactly() {
    database.write(sql -> {
      insert(sql, "a", "1");
      insert(sql, "A", "2");
      insert(sql, "á", "3");
      return insert(sql, "a ", "4");
    });
    assertThat(name("A")).isEqualTo("2");
    assertThat(ids()).hasSize(4);
  }

  @Test
  void aWorkCannotBeginATransactionOfItsOwn() {
    assertThatThrownBy(() ->
            database.write(
                sql -> sql.transactionResult(inner -> insert(DSL.using(inner), "a", "x"))))
        .isInstanceOf(UnsupportedOperationException.class);
    assertThat(ids()).isEmpty();
  }

  @Test
  void anUpdateCountsTheRowsItFound() {
    database.write(sql -> insert(sql, "a", "x"));
    assertThat(
            database.<Integer>write(
                sql -> sql.update(TENANT).set(NAME, "x").where(ID.eq("a")).execute()))
        .isEqualTo(1);
  }

  @Test
  void answersAProbe() {
    assertThat(database.probe()).isPositive();
  }
}
