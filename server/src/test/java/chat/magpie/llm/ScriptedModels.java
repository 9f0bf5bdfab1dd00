package chat.magpie.llm;

import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/// Models that say what a test wants.
public final class ScriptedModels implements Models {
  private final boolean available;
  private final boolean failing;
  private final @Nullable String answer;
  private final List<ModelRequest> asked = new CopyOnWriteArrayList<>();

  private ScriptedModels(boolean available, boolean failing, @Nullable String answer) {
    this.available = available;
    this.failing = failing;
    this.answer = answer;
  }

  public static ScriptedModels answering(String answer) {
    return new ScriptedModels(true, false, answer);
  }

  public static ScriptedModels broken() {
    return new ScriptedModels(true, true, null);
  }

  public static ScriptedModels unavailable() {
    return new ScriptedModels(false, true, null);
  }

  /// Goes on for ever.
  public static ScriptedModels endless() {
    return new ScriptedModels(true, false, null);
  }

  public List<ModelRequest> asked() {
    return asked;
  }

  @Override
  public boolean available() {
    return available;
  }

  @Override
  public ModelStream ask(ModelRequest request) {
    asked.add(request);
    Queue<ModelEvent> events = new ArrayDeque<>();
    if (answer != null) {
      if (!answer.isEmpty()) {
        events.add(new ModelEvent.Text("a false start"));
        events.add(new ModelEvent.Restarted());
        events.add(new ModelEvent.Text(answer.substring(0, answer.length() / 2 + 1)));
        events.add(new ModelEvent.Text(answer.substring(answer.length() / 2 + 1)));
      }
      events.add(new ModelEvent.Usage(1, 2));
      events.add(new ModelEvent.Finished("stop"));
    }
    return new ModelStream() {
      @Override
      public ModelEvent next() {
        if (failing) {
          throw new ModelFailure(ModelFailure.Kind.UNREACHABLE, "nobody there");
        }
        ModelEvent next = events.poll();
        return next == null ? new ModelEvent.Text("and on and on ") : next;
      }

      @Override
      public @Nullable ModelEvent poll() {
        return null;
      }

      @Override
      public void close() {}

      @Override
      public String provider() {
        return "fake";
      }

      @Override
      public String model() {
        return "model";
      }
    };
  }

  @Override
  public List<String> providers() {
    return available ? List.of("fake") : List.of();
  }

  @Override
  public List<String> failing() {
    return List.of();
  }
}
