package chat.magpie.identity.internal;

import static org.jooq.impl.DSL.field;
import static org.jooq.impl.DSL.name;
import static org.jooq.impl.DSL.table;

import chat.magpie.kernel.Ids;
import chat.magpie.sql.Database;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Base64;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jooq.Field;
import org.jooq.Record;
import org.jooq.Table;
import org.jooq.impl.SQLDataType;
import org.jose4j.keys.HmacKey;

/// The keys of nodes that share a database: rows of the table `signing_key`, and the files of this
/// node's key folder, which is how a key is shared that must not be in the database. To rotate, add
/// a row; to make all tokens of a key worthless, remove its row and restart the nodes.
final class SharedSigningKeys implements SigningKeys {
  private static final Table<Record> KEY = table(name("signing_key"));
  private static final Field<String> ID = field(name("signing_key", "id"), SQLDataType.VARCHAR);
  private static final Field<String> SECRET =
      field(name("signing_key", "secret"), SQLDataType.VARCHAR);
  private static final Field<Long> CREATED_AT =
      field(name("signing_key", "created_at"), SQLDataType.BIGINT);

  private final Database database;
  private final KeyFolder files;
  private final InstantSource clock;

  SharedSigningKeys(Database database, KeyFolder files, InstantSource clock) {
    this.database = database;
    this.files = files;
    this.clock = clock;
  }

  @Override
  public NavigableMap<String, HmacKey> load() {
    NavigableMap<String, HmacKey> keys = files.read();
    keys.putAll(stored());
    if (keys.isEmpty()) {
      begin();
      keys.putAll(stored());
    }
    return keys;
  }

  private NavigableMap<String, HmacKey> stored() {
    return database.read(sql -> {
      NavigableMap<String, HmacKey> found = new TreeMap<>();
      sql.select(ID, SECRET)
          .from(KEY)
          .forEach(row ->
              found.put(row.get(ID), KeyFolder.key(row.get(SECRET), "signing_key " + row.get(ID))));
      return found;
    });
  }

  /// Nodes that start at the same time each add a key, and all of them accept each; the one whose
  /// id sorts last signs in the end.
  private void begin() {
    byte[] secret = new byte[KeyFolder.BYTES];
    new SecureRandom().nextBytes(secret);
    String text = Base64.getUrlEncoder().withoutPadding().encodeToString(secret);
    long now = clock.millis();
    database.write(sql ->
        sql.insertInto(KEY).set(ID, Ids.next()).set(SECRET, text).set(CREATED_AT, now).execute());
  }
}
