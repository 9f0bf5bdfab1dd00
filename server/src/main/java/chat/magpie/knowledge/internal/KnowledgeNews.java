package chat.magpie.knowledge.internal;

import chat.magpie.knowledge.ImportJob;
import chat.magpie.redis.Redis;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// What nodes tell each other, and themselves, about documents: that there are changes, and how
/// imports get on. Any of it may get lost on its way to another node; nodes look now and then
/// anyway.
public final class KnowledgeNews implements AutoCloseable {
  private static final String CHANNEL = "magpie:knowledge";
  private static final String CHANGED = "changed";
  private static final JsonMapper JSON =
      JsonMapper.builder().addModule(new Jdk8Module()).addModule(new JavaTimeModule()).build();

  private final Optional<Redis> redis;
  private final String node;
  private final List<Runnable> changes = new CopyOnWriteArrayList<>();
  private final List<Consumer<ImportJob>> jobs = new CopyOnWriteArrayList<>();
  private Redis.@Nullable Subscription subscription;

  /// @param redis between the nodes; empty where there is only this one
  /// @param node names this one, so that it does not listen to itself
  public KnowledgeNews(Optional<Redis> redis, String node) {
    this.redis = redis;
    this.node = node;
    subscription = redis.map(r -> r.subscribe(CHANNEL, this::heard)).orElse(null);
  }

  /// Documents of a tenant have changed.
  public void changed(String tenantId) {
    changes.forEach(Runnable::run);
    redis.ifPresent(r -> r.publish(CHANNEL, node + " " + CHANGED));
  }

  void progress(ImportJob job) {
    jobs.forEach(listener -> listener.accept(job));
    redis.ifPresent(r -> r.publish(CHANNEL, node + " " + write(job)));
  }

  /// Runs it, quickly, whenever documents may have changed.
  public void onChange(Runnable listener) {
    changes.add(listener);
  }

  void onProgress(Consumer<ImportJob> listener) {
    jobs.add(listener);
  }

  private void heard(String text) {
    int space = text.indexOf(' ');
    if (space < 0 || text.substring(0, space).equals(node)) {
      return;
    }
    String news = text.substring(space + 1);
    if (news.equals(CHANGED)) {
      changes.forEach(Runnable::run);
    } else {
      read(news).ifPresent(job -> jobs.forEach(listener -> listener.accept(job)));
    }
  }

  private static String write(ImportJob job) {
    try {
      return JSON.writeValueAsString(job);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Optional<ImportJob> read(String news) {
    try {
      return Optional.of(JSON.readValue(news, ImportJob.class));
    } catch (JsonProcessingException e) {
      return Optional.empty(); // from a node of another release
    }
  }

  @Override
  public void close() {
    if (subscription != null) {
      subscription.close();
    }
  }
}
