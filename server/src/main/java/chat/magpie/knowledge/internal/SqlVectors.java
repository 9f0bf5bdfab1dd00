package chat.magpie.knowledge.internal;

import static org.jooq.impl.DSL.field;
import static org.jooq.impl.DSL.name;
import static org.jooq.impl.DSL.table;

import chat.magpie.knowledge.Vectors;
import chat.magpie.sql.Database;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jooq.Field;
import org.jooq.Record;
import org.jooq.Table;

/// Vectors in the SQL database, as floats in little endian.
public final class SqlVectors implements Vectors {
  private static final Table<Record> VECTORS = table(name("knowledge_vector"));
  private static final Field<String> TENANT = column("tenant_id", String.class);
  private static final Field<String> HASH = column("content_hash", String.class);
  private static final Field<String> SPACE = column("space", String.class);
  private static final Field<byte[]> VECTOR = column("vector", byte[].class);
  private static final Field<Long> CREATED_AT = column("created_at", Long.class);

  /// So many in one statement: SQLite and PostgreSQL bound the parameters of one.
  private static final int BATCH = 500;

  private final Database database;
  private final InstantSource clock;

  public SqlVectors(Database database, InstantSource clock) {
    this.database = database;
    this.clock = clock;
  }

  @Override
  public Map<String, float[]> find(
      String tenantId, String space, Collection<String> contentHashes) {
    Map<String, float[]> found = new HashMap<>();
    for (List<String> some : batches(contentHashes.stream().distinct().sorted().toList())) {
      database
          .read(sql ->
              sql.select(HASH, VECTOR)
                  .from(VECTORS)
                  .where(TENANT.eq(tenantId), SPACE.eq(space), HASH.in(some))
                  .fetch())
          .forEach(row -> found.put(row.value1(), floats(row.value2())));
    }
    return found;
  }

  @Override
  public void put(String tenantId, String space, Map<String, float[]> vectors) {
    long now = clock.millis();
    List<Map.Entry<String, float[]>> sorted =
        vectors.entrySet().stream().sorted(Map.Entry.comparingByKey()).toList();
    for (List<Map.Entry<String, float[]>> some : batches(sorted)) {
      database.write(sql -> {
        var insert = sql.insertInto(VECTORS, TENANT, HASH, SPACE, VECTOR, CREATED_AT);
        for (Map.Entry<String, float[]> one : some) {
          insert = insert.values(tenantId, one.getKey(), space, bytes(one.getValue()), now);
        }
        return insert.onConflictDoNothing().execute();
      });
    }
  }

  private static <T> List<List<T>> batches(List<T> all) {
    List<List<T>> batches = new ArrayList<>();
    for (int from = 0; from < all.size(); from += BATCH) {
      batches.add(all.subList(from, Math.min(all.size(), from + BATCH)));
    }
    return batches;
  }

  private static byte[] bytes(float[] vector) {
    ByteBuffer bytes =
        ByteBuffer.allocate(vector.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(vector);
    return bytes.array();
  }

  private static float[] floats(byte[] bytes) {
    float[] vector = new float[bytes.length / Float.BYTES];
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(vector);
    return vector;
  }

  private static <T> Field<T> column(String column, Class<T> type) {
    return field(name("knowledge_vector", column), type);
  }
}
