package chat.magpie.conformance.faults;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/// A TCP link to one loopback port that can be made slow, thin, deaf or cut while it is in use.
///
/// Both ways are copied by a virtual thread each. What a setting says holds from the next bytes on,
/// on open connections too. Everything it does to a link is counted, so that a test can tell a
/// fault that happened from one that was only meant.
public final class FaultProxy implements AutoCloseable {
  /// The directions of a link.
  public enum Way {
    /// From whoever connected to the target.
    THERE,
    /// From the target to whoever connected.
    BACK
  }

  /// What happened on the link so far.
  ///
  /// @param connections that were made through it
  /// @param refused connections that were not let through
  /// @param cuts connections that were reset
  /// @param delayed pieces that were held back
  /// @param sliced pieces that were cut into smaller writes
  /// @param swallowed bytes that never arrived
  public record Counts(
      long connections, long refused, long cuts, long delayed, long sliced, long swallowed) {}

  private static final int BUFFER = 16 * 1024;
  private static final int NEVER = Integer.MAX_VALUE;

  private final int target;
  private final ServerSocket server;
  private final Set<Link> links = ConcurrentHashMap.newKeySet();
  private final AtomicLong connections = new AtomicLong();
  private final AtomicLong refused = new AtomicLong();
  private final AtomicLong cuts = new AtomicLong();
  private final AtomicLong delayed = new AtomicLong();
  private final AtomicLong sliced = new AtomicLong();
  private final AtomicLong swallowed = new AtomicLong();
  private volatile long delayMillis;
  private volatile int sliceBytes = NEVER;
  private volatile boolean down;
  private volatile boolean deafThere;
  private volatile boolean deafBack;
  private volatile CutPlan plan = CutPlan.NEVER;

  /// When connections are cut: after how many bytes of an answer.
  private record CutPlan(Random random, long least, long most) {
    static final CutPlan NEVER = new CutPlan(new Random(0), Long.MAX_VALUE, Long.MAX_VALUE);

    long next() {
      synchronized (random) {
        return least == most ? least : random.nextLong(least, most);
      }
    }
  }

  private FaultProxy(int target, ServerSocket server) {
    this.target = target;
    this.server = server;
  }

  /// A faultless link to the port.
  public static FaultProxy to(int target) {
    try {
      ServerSocket server = new ServerSocket();
      server.setReuseAddress(true);
      server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 4096);
      FaultProxy proxy = new FaultProxy(target, server);
      Thread.ofVirtual().name("proxy-" + target).start(proxy::accept);
      return proxy;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Where to connect to.
  public int port() {
    return server.getLocalPort();
  }

  /// How many connections are open.
  public int open() {
    return links.size();
  }

  public Counts counts() {
    return new Counts(
        connections.get(), refused.get(), cuts.get(), delayed.get(), sliced.get(), swallowed.get());
  }

  /// Holds every piece of both ways back for so long.
  public void delay(Duration each) {
    delayMillis = each.toMillis();
  }

  /// Passes on at most so many bytes per write; 1 cuts within every character that has more.
  public void slice(int bytes) {
    sliceBytes = bytes;
  }

  /// Swallows whatever goes this way; connections stay open.
  public void blackHole(Way way) {
    switch (way) {
      case THERE -> deafThere = true;
      case BACK -> deafBack = true;
    }
  }

  /// Resets every open connection.
  public void cut() {
    links.forEach(this::cut);
  }

  /// Resets every open and later connection once so many bytes have come back on it.
  public void cutAfter(long bytes) {
    plan(new CutPlan(new Random(0), bytes, bytes));
  }

  /// Resets every open and later connection after a random number of bytes below twice the mean.
  public void cutRandomly(long seed, long meanBytes) {
    plan(new CutPlan(new Random(seed), 1, 2 * meanBytes));
  }

  private void plan(CutPlan next) {
    plan = next;
    links.forEach(link -> link.bytesLeft = next.next());
  }

  /// Resets every open connection and lets no new one through, as a host that is gone.
  public void takeDown() {
    down = true;
    cut();
  }

  /// Ends every fault. What was swallowed stays lost, so links that lost something are reset.
  public void restore() {
    delayMillis = 0;
    sliceBytes = NEVER;
    plan(CutPlan.NEVER);
    down = false;
    deafThere = false;
    deafBack = false;
    links.stream().filter(link -> link.torn).forEach(this::cut);
  }

  @Override
  public void close() {
    try {
      server.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    links.forEach(Link::close);
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket near = server.accept();
        Thread.ofVirtual().start(() -> open(near));
      } catch (IOException e) {
        // Closed, or out of file descriptors for a moment, with thousands that come back at once.
        LockSupport.parkNanos(10_000_000);
      }
    }
  }

  private void open(Socket near) {
    if (down) {
      refused.incrementAndGet();
      reset(near);
      return;
    }
    Socket far;
    try {
      far = new Socket(InetAddress.getLoopbackAddress(), target);
      near.setTcpNoDelay(true);
      far.setTcpNoDelay(true);
    } catch (IOException away) {
      refused.incrementAndGet();
      reset(near);
      return;
    }
    connections.incrementAndGet();
    Link link = new Link(near, far, plan.next());
    links.add(link);
    if (down || server.isClosed()) {
      cut(link);
    }
    Thread.ofVirtual().start(() -> copy(link, Way.THERE));
    copy(link, Way.BACK);
  }

  private void copy(Link link, Way way) {
    Socket from = way == Way.THERE ? link.near : link.far;
    Socket to = way == Way.THERE ? link.far : link.near;
    byte[] buffer = new byte[BUFFER];
    try {
      for (int read = from.getInputStream().read(buffer);
          read >= 0;
          read = from.getInputStream().read(buffer)) {
        if (!pass(link, way, buffer, read, to)) {
          return;
        }
      }
      to.shutdownOutput();
      link.half(way);
    } catch (IOException gone) {
      // The other end is told the same way.
      reset(link.near);
      reset(link.far);
    }
    if (link.over()) {
      links.remove(link);
      link.close();
    }
  }

  /// Passes a piece on as the settings say; false once the connection is cut.
  private boolean pass(Link link, Way way, byte[] piece, int length, Socket to) throws IOException {
    if (delayMillis > 0) {
      delayed.incrementAndGet();
      hold(delayMillis);
    }
    if (way == Way.THERE ? deafThere : deafBack) {
      link.torn = true;
      swallowed.addAndGet(length);
      return true;
    }
    int slice = sliceBytes;
    if (length > slice) {
      sliced.incrementAndGet();
    }
    for (int from = 0; from < length; ) {
      int size = Math.min(slice, length - from);
      boolean last = false;
      long left = link.bytesLeft;
      if (way == Way.BACK && left != Long.MAX_VALUE) {
        last = left <= size;
        size = (int) Math.min(size, left);
        link.bytesLeft = left - size;
      }
      to.getOutputStream().write(piece, from, size);
      if (last) {
        to.getOutputStream().flush();
        cut(link);
        return false;
      }
      from += size;
    }
    return true;
  }

  private static void hold(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void cut(Link link) {
    if (links.remove(link)) {
      cuts.incrementAndGet();
      reset(link.near);
      reset(link.far);
    }
  }

  /// Closes with RST, so that what was not yet sent is lost, as with a host that goes.
  private static void reset(Socket socket) {
    try {
      socket.setSoLinger(true, 0);
      socket.close();
    } catch (IOException closedAlready) {
      return;
    }
  }

  /// One connection through the proxy.
  private static final class Link {
    private final Socket near;
    private final Socket far;
    private volatile long bytesLeft;
    private volatile boolean torn;
    private volatile boolean thereEnded;
    private volatile boolean backEnded;

    Link(Socket near, Socket far, long bytesLeft) {
      this.near = near;
      this.far = far;
      this.bytesLeft = bytesLeft;
    }

    void half(Way way) {
      switch (way) {
        case THERE -> thereEnded = true;
        case BACK -> backEnded = true;
      }
    }

    boolean over() {
      return (thereEnded && backEnded) || near.isClosed() || far.isClosed();
    }

    void close() {
      try (near) {
        far.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
