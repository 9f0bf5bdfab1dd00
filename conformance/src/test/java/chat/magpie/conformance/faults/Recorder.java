package chat.magpie.conformance.faults;

import chat.magpie.conformance.client.Api;
import chat.magpie.conformance.faults.Journal.Ack;
import chat.magpie.conformance.faults.Journal.Afterwards;
import chat.magpie.conformance.faults.Journal.Ending;
import chat.magpie.conformance.faults.Journal.Read;
import chat.magpie.conformance.faults.Journal.Sent;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/// A user whose every act goes to whichever node the supplier names, who sends again what was not
/// answered, comes back to a stream that broke, and notes all of it.
public final class Recorder {
  private static final ObjectMapper JSON = new ObjectMapper();

  /// Three missed heartbeats and more: the stream is dead.
  private static final Duration SILENCE = Duration.ofSeconds(3);

  private static final Duration ONE_ANSWER = Duration.ofSeconds(15);
  private static final int ABSENT = 404;

  private final Journal journal;
  private final IntSupplier node;
  private final Duration patience;
  private final String token;
  private final String user;

  private Recorder(
      Journal journal, IntSupplier node, Duration patience, String token, String user) {
    this.journal = journal;
    this.node = node;
    this.patience = patience;
    this.token = token;
    this.user = user;
  }

  /// A new guest.
  ///
  /// @param node gives the port for the next connection
  /// @param patience how long it goes on trying one thing
  public static Recorder guest(Journal journal, IntSupplier node, Duration patience) {
    long deadline = System.nanoTime() + patience.toNanos();
    while (true) {
      try {
        Wire.Answer answer =
            Wire.exchange(node.getAsInt(), SILENCE, "POST", "/auth/guest", null, null);
        if (answer.status() == 200) {
          JsonNode json = answer.json();
          return new Recorder(
              journal,
              node,
              patience,
              json.path("access_token").asText(),
              json.path("user_id").asText());
        }
      } catch (IOException away) {
        // Another node, or the same one later.
      }
      pause(deadline, 50);
    }
  }

  /// The same user at another device.
  public Recorder elsewhere(IntSupplier otherNode) {
    return new Recorder(journal, otherNode, patience, token, user);
  }

  public String user() {
    return user;
  }

  public String token() {
    return token;
  }

  /// Sends a message until it is acknowledged or refused for good, and notes it.
  public Sent say(String key, String text) {
    return say(key, text, Optional.empty());
  }

  /// As [#say(String, String)], in a conversation.
  public Sent say(String key, String text, Optional<String> conversation) {
    String body =
        json(
            conversation.isPresent()
                ? Map.of(
                    "message", text, "client_msg_id", key, "conversation_id", conversation.get())
                : Map.of("message", text, "client_msg_id", key));
    long begun = System.currentTimeMillis();
    long deadline = System.nanoTime() + patience.toNanos();
    while (System.nanoTime() < deadline) {
      try {
        Wire.Answer answer = Wire.exchange(node.getAsInt(), SILENCE, "POST", "/chat", token, body);
        if (answer.status() == 202) {
          return note(key, text, List.of(ack(answer.json())), Optional.empty(), begun);
        }
        if (answer.status() < 500 && answer.status() != 429) {
          return note(key, text, List.of(), Optional.of(answer.status()), begun);
        }
      } catch (IOException away) {
        // Nobody knows whether it was accepted: sent again with the same key.
      }
      pause(deadline, 50);
    }
    return note(key, text, List.of(), Optional.of(0), begun);
  }

  /// Sends a message once; 0 where no answer came.
  public Wire.Answer sendOnce(String key, String text) {
    String body = json(Map.of("message", text, "client_msg_id", key));
    try {
      return Wire.exchange(node.getAsInt(), ONE_ANSWER, "POST", "/chat", token, body);
    } catch (IOException away) {
      return new Wire.Answer(0, String.valueOf(away.getMessage()));
    }
  }

  /// What a 202 says.
  public static Ack ack(JsonNode json) {
    return new Ack(
        json.path("conversation_id").asText(),
        json.path("turn_id").asText(),
        json.path("reply_id").asText());
  }

  private Sent note(
      String key, String text, List<Ack> acks, Optional<Integer> refusal, long begun) {
    Sent sent = new Sent(user, key, text, acks, refusal, begun, System.currentTimeMillis());
    journal.add(sent);
    return sent;
  }

  /// Reads a reply to its end, however often the stream breaks, and notes it.
  public Read follow(String reader, String reply) {
    return follow(reader, reply, Optional.empty(), _ -> {});
  }

  /// As [#follow(String, String)]; goes away by itself after a random number of events.
  ///
  /// @param cuts when to go; without, only others cut
  /// @param eventCount told how many events have come
  public Read follow(
      String reader, String reply, Optional<Random> cuts, Consumer<Integer> eventCount) {
    long deadline = System.nanoTime() + patience.toNanos();
    Reading reading = new Reading(reply, cuts, eventCount, deadline);
    while (reading.ending == Ending.NONE
        && reading.problem.isEmpty()
        && System.nanoTime() < deadline) {
      try {
        reading.connect();
      } catch (IOException broken) {
        // Resumed behind the last event.
      }
      if (reading.ending == Ending.NONE) {
        pause(deadline, 20);
      }
    }
    Read read = reading.read(reader);
    journal.add(read);
    return read;
  }

  private Optional<Afterwards> afterwards(String reply) {
    try {
      Wire.Answer answer =
          Wire.exchange(node.getAsInt(), SILENCE, "GET", "/replies/" + reply, token, null);
      if (answer.status() == 200) {
        JsonNode json = answer.json();
        return Optional.of(
            new Afterwards(
                json.path("status").asText(), json.path("message").path("content").asText("")));
      }
      return answer.status() == ABSENT
          ? Optional.of(new Afterwards("absent", ""))
          : Optional.empty();
    } catch (IOException unknown) {
      return Optional.empty();
    }
  }

  private static String json(Object value) {
    try {
      return JSON.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(e);
    }
  }

  /// Gives a node that is away a moment.
  private static void pause(long deadline, long millis) {
    if (System.nanoTime() > deadline) {
      return;
    }
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /// One reader's way through one reply.
  private final class Reading {
    private final String reply;
    private final Optional<Random> cuts;
    private final Consumer<Integer> eventCount;
    private final long deadline;
    private final List<String> ids = new ArrayList<>();
    private final Set<String> sinceReset = new HashSet<>();
    private final List<String> again = new ArrayList<>();
    private final StringBuilder text = new StringBuilder();
    private Ending ending = Ending.NONE;
    private Optional<Afterwards> afterwards = Optional.empty();
    private int connections;
    private int resets;
    private String problem = "";
    private long lastEvent = System.nanoTime();
    private long longestSilence;

    Reading(String reply, Optional<Random> cuts, Consumer<Integer> eventCount, long deadline) {
      this.reply = reply;
      this.cuts = cuts;
      this.eventCount = eventCount;
      this.deadline = deadline;
    }

    Read read(String reader) {
      return new Read(
          reader,
          reply,
          List.copyOf(ids),
          List.copyOf(again),
          text.toString(),
          ending,
          afterwards,
          connections,
          resets,
          longestSilence / 1_000_000,
          problem);
    }

    void connect() throws IOException {
      @Nullable String last = ids.isEmpty() ? null : ids.getLast();
      String path = "/chat/stream/" + user + "?reply_id=" + reply;
      try (Wire wire = Wire.open(node.getAsInt(), SILENCE, "GET", path, token, last, null)) {
        connections++;
        if (wire.status() == 200) {
          events(wire);
        } else if (wire.status() < 500 && wire.status() != 429) {
          problem = wire.status() + " after " + last + " " + wire.line();
        }
      }
    }

    private void events(Wire wire) throws IOException {
      int until = cuts.map(random -> 1 + random.nextInt(20)).orElse(Integer.MAX_VALUE);
      String name = "message";
      String id = "";
      StringBuilder data = new StringBuilder();
      for (String line = wire.line(); line != null; line = wire.line()) {
        if (System.nanoTime() > deadline) {
          // A stream that is only kept alive.
          return;
        }
        if (line.startsWith("event:")) {
          name = line.substring(6).strip();
        } else if (line.startsWith("id:")) {
          id = line.substring(3).strip();
        } else if (line.startsWith("data:")) {
          data.append(line.substring(5));
        } else if (line.isEmpty() && !data.isEmpty()) {
          event(name, id, Api.parse(data.toString()));
          if (ending != Ending.NONE) {
            return;
          }
          if (--until == 0) {
            wire.cut();
            return;
          }
          name = "message";
          data.setLength(0);
        }
      }
    }

    private void event(String name, String id, JsonNode data) {
      longestSilence = Math.max(longestSilence, System.nanoTime() - lastEvent);
      lastEvent = System.nanoTime();
      ids.add(id);
      if (name.equals("reset")) {
        sinceReset.clear();
      }
      if (!sinceReset.add(id)) {
        again.add(id);
      }
      switch (name) {
        case "delta" -> text.append(data.path("content").asText());
        case "reset" -> {
          resets++;
          text.setLength(0);
          text.append(data.path("content").asText());
        }
        case "done" -> {
          ending = Ending.DONE;
          afterwards = afterwards(reply);
        }
        case "error" -> {
          ending = Ending.ERROR;
          afterwards = afterwards(reply);
        }
        default -> {}
      }
      eventCount.accept(ids.size());
    }
  }
}
