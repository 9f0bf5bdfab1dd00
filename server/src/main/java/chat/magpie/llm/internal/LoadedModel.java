package chat.magpie.llm.internal;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// A model that is in memory while it is used: read by a thread of its own when first asked for,
/// and released by it when nobody has used it for a while. What cannot be read is not tried again.
final class LoadedModel implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(LoadedModel.class);

  private final OnnxModel model;
  private final int threads;
  private final Duration releaseAfter;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  private State state = State.EMPTY;
  private @Nullable OnnxEncoder encoder;
  private @Nullable IOException failure;
  private int users;
  private long used;

  private enum State {
    EMPTY,
    LOADING,
    READY,
    BROKEN,
    CLOSED
  }

  /// What is done with the encoder while it cannot go away.
  @FunctionalInterface
  interface Use<T> {
    T of(OnnxEncoder encoder) throws IOException;
  }

  LoadedModel(OnnxModel model, int threads, Duration releaseAfter) {
    this.model = model;
    this.threads = threads;
    this.releaseAfter = releaseAfter;
  }

  OnnxModel model() {
    return model;
  }

  boolean broken() {
    lock.lock();
    try {
      return state == State.BROKEN;
    } finally {
      lock.unlock();
    }
  }

  boolean ready() {
    lock.lock();
    try {
      return state == State.READY;
    } finally {
      lock.unlock();
    }
  }

  /// Uses the model if it is there; else has it read and gives nothing.
  ///
  /// @throws IOException if it fails
  <T> Optional<T> ifReady(Use<T> use) throws IOException {
    OnnxEncoder taken;
    lock.lock();
    try {
      load();
      if (state != State.READY || encoder == null) {
        return Optional.empty();
      }
      users++;
      taken = encoder;
    } finally {
      lock.unlock();
    }
    return Optional.of(used(taken, use));
  }

  /// Uses the model, when it has been read.
  ///
  /// @throws IOException if it fails or cannot be read
  <T> T whenReady(Use<T> use) throws IOException, InterruptedException {
    OnnxEncoder taken;
    lock.lockInterruptibly();
    try {
      load();
      while (state == State.LOADING) {
        changed.await();
      }
      if (state != State.READY || encoder == null) {
        throw new IOException("The model " + model.space() + " cannot be used", failure);
      }
      users++;
      taken = encoder;
    } finally {
      lock.unlock();
    }
    return used(taken, use);
  }

  private <T> T used(OnnxEncoder taken, Use<T> use) throws IOException {
    try {
      return use.of(taken);
    } finally {
      lock.lock();
      try {
        users--;
        used = System.nanoTime();
        changed.signalAll();
      } finally {
        lock.unlock();
      }
    }
  }

  private void load() {
    if (state == State.EMPTY) {
      state = State.LOADING;
      Thread.ofPlatform().daemon().name("model " + model.space()).start(this::live);
    }
  }

  private void live() {
    OnnxEncoder read;
    try {
      read = OnnxEncoder.open(model, threads);
    } catch (IOException | RuntimeException e) {
      LOG.errorf(e, "The model %s cannot be loaded; searches go by words alone", model.space());
      lock.lock();
      try {
        state = state == State.CLOSED ? State.CLOSED : State.BROKEN;
        failure = e instanceof IOException io ? io : new IOException(e);
        changed.signalAll();
      } finally {
        lock.unlock();
      }
      return;
    }
    LOG.debugf("The model %s is loaded", model.space());
    keep(read);
    try {
      read.close();
    } catch (IOException e) {
      LOG.warnf(e, "The model %s", model.space());
    }
    LOG.debugf("The model %s is released", model.space());
  }

  /// Returns when it is to be released.
  private void keep(OnnxEncoder read) {
    lock.lock();
    try {
      if (state == State.LOADING) {
        state = State.READY;
        encoder = read;
        used = System.nanoTime();
        changed.signalAll();
      }
      while (users > 0 || state == State.READY) {
        long left = releaseAfter.toNanos() - (System.nanoTime() - used);
        if (users > 0) {
          changed.awaitUninterruptibly();
        } else if (left > 0) {
          var _ = changed.await(left, TimeUnit.NANOSECONDS);
        } else {
          state = State.EMPTY;
        }
      }
      encoder = null;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      lock.unlock();
    }
  }

  /// Releases it when nobody uses it any more.
  @Override
  public void close() {
    lock.lock();
    try {
      state = State.CLOSED;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
