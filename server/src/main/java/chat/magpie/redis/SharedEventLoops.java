package chat.magpie.redis;

import io.lettuce.core.resource.DefaultEventLoopGroupProvider;
import io.lettuce.core.resource.EventLoopGroupProvider;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.EventExecutorGroup;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.ImmediateEventExecutor;
import java.util.concurrent.TimeUnit;

/// Lets Lettuce run on event loops that belong to somebody else and outlive it. Where they are of
/// another kind than it needs, it gets its own.
final class SharedEventLoops implements EventLoopGroupProvider {
  private final EventLoopGroup shared;
  private final EventLoopGroupProvider own = new DefaultEventLoopGroupProvider(2);

  SharedEventLoops(EventLoopGroup shared) {
    this.shared = shared;
  }

  @Override
  public <T extends EventLoopGroup> T allocate(Class<T> type) {
    return type.isInstance(shared) ? type.cast(shared) : own.allocate(type);
  }

  @Override
  public int threadPoolSize() {
    return own.threadPoolSize();
  }

  @Override
  public Future<Boolean> release(
      EventExecutorGroup group, long quietPeriod, long timeout, TimeUnit unit) {
    return group.equals(shared)
        ? ImmediateEventExecutor.INSTANCE.newSucceededFuture(true)
        : own.release(group, quietPeriod, timeout, unit);
  }

  @Override
  public Future<Boolean> shutdown(long quietPeriod, long timeout, TimeUnit unit) {
    return own.shutdown(quietPeriod, timeout, unit);
  }
}
