package chat.magpie.conformance.faults;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/// What the clients of one run sent, were told and read, and which faults happened meanwhile. It is
/// all that the judge knows of the run beside what is stored at the end.
public final class Journal {
  /// What a 202 said.
  public record Ack(String conversation, String turn, String reply) {}

  /// One message that a client sent until it was acknowledged, refused or given up.
  ///
  /// @param key the client's own id of the message, unique per user
  /// @param text unique in the run
  /// @param acks every acknowledgement it got; more than one where it was sent again
  /// @param refusal the status that ended the sending without acknowledgement
  /// @param sentMillis when it was first sent
  /// @param ackMillis when it was first acknowledged, or given up
  public record Sent(
      String user,
      String key,
      String text,
      List<Ack> acks,
      Optional<Integer> refusal,
      long sentMillis,
      long ackMillis) {}

  /// How a reader's last stream ended.
  public enum Ending {
    DONE,
    ERROR,
    /// It saw no end.
    NONE
  }

  /// What the API gave for the reply right after the reader had seen its end.
  public record Afterwards(String status, String content) {}

  /// All that one reader got of one reply, over all its connections.
  ///
  /// @param ids of the events, in the order they came
  /// @param again ids that came again although no `reset` lay between
  /// @param text what the events fold to
  /// @param connections how often it connected
  /// @param longestSilenceMillis the longest time between two events
  /// @param problem what a connection was refused with that should not have been; else empty
  public record Read(
      String reader,
      String reply,
      List<String> ids,
      List<String> again,
      String text,
      Ending ending,
      Optional<Afterwards> afterwards,
      int connections,
      int resets,
      long longestSilenceMillis,
      String problem) {}

  /// A fault that happened.
  ///
  /// @param proof what shows that it did, such as a process's state or a proxy's counter
  public record Fault(String kind, String proof, long atMillis) {}

  private final Queue<Sent> sent = new ConcurrentLinkedQueue<>();
  private final Queue<Read> read = new ConcurrentLinkedQueue<>();
  private final Queue<Fault> faults = new ConcurrentLinkedQueue<>();

  public void add(Sent message) {
    sent.add(message);
  }

  public void add(Read reading) {
    read.add(reading);
  }

  /// Notes a fault, once it is proven that it happened.
  public void happened(String kind, String proof) {
    faults.add(new Fault(kind, proof, System.currentTimeMillis()));
  }

  public List<Sent> sent() {
    return List.copyOf(sent);
  }

  public List<Read> read() {
    return List.copyOf(read);
  }

  public List<Fault> faults() {
    return List.copyOf(faults);
  }

  /// Writes everything, one line each.
  public void dump(Path file) {
    List<Object> lines = new ArrayList<>(faults);
    lines.addAll(sent);
    lines.addAll(read);
    try {
      Files.write(file, lines.stream().map(Object::toString).toList());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
