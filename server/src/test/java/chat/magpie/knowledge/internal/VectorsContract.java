package chat.magpie.knowledge.internal;

import static org.assertj.core.api.Assertions.assertThat;

import chat.magpie.kernel.Ids;
import chat.magpie.knowledge.Vectors;
import chat.magpie.sql.Database;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// What every store of vectors promises.
@Tag("C-09")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class VectorsContract {
  private Database database;
  private Vectors vectors;

  abstract Database open();

  @BeforeAll
  void start() {
    database = open();
    vectors = new SqlVectors(database, InstantSource.system());
  }

  @AfterAll
  void stop() {
    database.close();
  }

  @Test
  void aVectorComesBackExactlyInItsTenantAndSpaceAlone() {
    String tenant = Ids.next();
    float[] vector = {0.5f, -1f, Float.MIN_VALUE, 0f, (float) Math.PI};
    vectors.put(tenant, "zh", Map.of("a", vector));
    assertThat(vectors.find(tenant, "zh", List.of("a", "b")).get("a")).containsExactly(vector);
    assertThat(vectors.find(tenant, "zh", List.of("b"))).isEmpty();
    assertThat(vectors.find(tenant, "en", List.of("a"))).isEmpty();
    assertThat(vectors.find(Ids.next(), "zh", List.of("a"))).isEmpty();
    assertThat(vectors.find(tenant, "zh", List.of())).isEmpty();
  }

  @Test
  void manyAreKeptAtOnceAndTheFirstStays() {
    String tenant = Ids.next();
    Map<String, float[]> many = new HashMap<>();
    for (int i = 0; i < 1_203; i++) {
      many.put("h" + i, new float[] {i});
    }
    vectors.put(tenant, "zh", many);
    vectors.put(tenant, "zh", Map.of("h7", new float[] {-1}));
    Map<String, float[]> found = vectors.find(tenant, "zh", many.keySet());
    assertThat(found).hasSize(many.size());
    assertThat(found.get("h7")).containsExactly(7f);
  }
}
