package chat.magpie.identity.internal;

import chat.magpie.identity.Account;
import chat.magpie.identity.Principal;
import chat.magpie.identity.Role;
import chat.magpie.sql.Database;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Optional;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.Record;
import org.jooq.Table;
import org.jooq.impl.DSL;

/// Tenants and accounts in SQL.
final class SqlAccounts {
  private static final Table<Record> TENANT = DSL.table(DSL.name("tenant"));
  private static final Table<Record> ACCOUNT = DSL.table(DSL.name("account"));
  private static final Field<String> ID = field("id", String.class);
  private static final Field<String> TENANT_ID = field("tenant_id", String.class);
  private static final Field<String> LOGIN = field("login", String.class);
  private static final Field<String> DISPLAY_NAME = field("display_name", String.class);
  private static final Field<String> ROLE = field("role", String.class);
  private static final Field<String> PASSWORD_HASH = field("password_hash", String.class);
  private static final Field<Integer> MUST_CHANGE = field("must_change_password", Integer.class);
  private static final Field<Integer> DISABLED = field("disabled", Integer.class);
  private static final Field<Long> CREATED_AT = field("created_at", Long.class);
  private static final Field<Long> UPDATED_AT = field("updated_at", Long.class);

  private final Database database;
  private final InstantSource clock;

  SqlAccounts(Database database, InstantSource clock) {
    this.database = database;
    this.clock = clock;
  }

  /// Whether the tenant has been created.
  static boolean tenantExists(DSLContext sql, String tenantId) {
    return sql.fetchExists(
        sql.selectOne()
            .from(TENANT)
            .where(DSL.field(DSL.name("tenant", "id"), String.class).eq(tenantId)));
  }

  /// Creates the tenant; false where it exists. Waits for another transaction that is creating it.
  static boolean insertTenant(DSLContext sql, String tenantId, long now) {
    return sql.insertInto(TENANT)
            .columns(
                DSL.field(DSL.name("tenant", "id"), String.class),
                DSL.field(DSL.name("tenant", "name"), String.class),
                DSL.field(DSL.name("tenant", "created_at"), Long.class))
            .values(tenantId, tenantId, now)
            .onConflictDoNothing()
            .execute()
        == 1;
  }

  static void insert(DSLContext sql, Account account, String passwordHash, long now) {
    sql.insertInto(ACCOUNT)
        .columns(
            ID,
            TENANT_ID,
            LOGIN,
            DISPLAY_NAME,
            ROLE,
            PASSWORD_HASH,
            MUST_CHANGE,
            DISABLED,
            CREATED_AT,
            UPDATED_AT)
        .values(
            account.id(),
            account.tenantId(),
            account.login(),
            account.displayName(),
            account.role().name(),
            passwordHash,
            account.mustChangePassword() ? 1 : 0,
            0,
            now,
            now)
        .execute();
  }

  /// The account that is not disabled and has this login, in any case.
  Optional<WithHash> byLogin(String tenantId, String login) {
    return find(TENANT_ID.eq(tenantId).and(LOGIN.eq(normal(login))));
  }

  /// The caller's account, if it has one that is not disabled.
  Optional<WithHash> of(Principal caller) {
    return find(TENANT_ID.eq(caller.tenantId()).and(ID.eq(caller.userId())));
  }

  /// Sets a password that need not be changed; false where it has changed in the meantime.
  boolean replacePassword(WithHash before, String newHash) {
    return database.write(sql ->
        sql.update(ACCOUNT)
                .set(PASSWORD_HASH, newHash)
                .set(MUST_CHANGE, 0)
                .set(UPDATED_AT, clock.millis())
                .where(ID.eq(before.account().id()), PASSWORD_HASH.eq(before.passwordHash()))
                .execute()
            == 1);
  }

  /// A login as it is stored.
  static String normal(String login) {
    return login.strip().toLowerCase(Locale.ROOT);
  }

  private Optional<WithHash> find(Condition condition) {
    return database.read(sql ->
        sql.select(ID, TENANT_ID, LOGIN, DISPLAY_NAME, ROLE, PASSWORD_HASH, MUST_CHANGE)
            .from(ACCOUNT)
            .where(condition, DISABLED.eq(0))
            .fetchOptional(SqlAccounts::read));
  }

  private static WithHash read(Record row) {
    return new WithHash(
        new Account(
            row.get(ID),
            row.get(TENANT_ID),
            row.get(LOGIN),
            row.get(DISPLAY_NAME),
            Role.valueOf(row.get(ROLE)),
            row.get(MUST_CHANGE) != 0),
        row.get(PASSWORD_HASH));
  }

  private static <T> Field<T> field(String name, Class<T> type) {
    return DSL.field(DSL.name("account", name), type);
  }

  /// An account and what its password is checked against.
  record WithHash(Account account, String passwordHash) {}
}
