package chat.magpie.testing;

import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import io.smallrye.config.WithDefault;
import java.lang.reflect.Proxy;

/// A feature's configuration as it is when nobody sets anything, for tests that do not want to list
/// settings they do not care about. A setting without a default cannot be asked for.
public final class Defaults {
  private static final SmallRyeConfig CONFIG =
      new SmallRyeConfigBuilder().addDiscoveredConverters().build();

  private Defaults() {}

  public static <T> T of(Class<T> config) {
    Object proxy =
        Proxy.newProxyInstance(
            config.getClassLoader(),
            new Class<?>[] {config},
            (_, method, _) -> {
              WithDefault value = method.getAnnotation(WithDefault.class);
              if (value == null) {
                throw new UnsupportedOperationException(method.getName() + " has no default");
              }
              return CONFIG
                  .getConverter(method.getReturnType())
                  .orElseThrow()
                  .convert(value.value());
            });
    return config.cast(proxy);
  }
}
