package chat.magpie.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import chat.magpie.kernel.Secret;
import com.code_intelligence.jazzer.junit.FuzzTest;
import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.io.StringReader;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/// What operators write into their configuration.
class ConfigurationFuzzTest {
  private static final SmallRyeConfig CONFIG =
      new SmallRyeConfigBuilder().addDiscoveredConverters().build();
  private static final List<Class<?>> TYPES =
      List.of(
          int.class,
          long.class,
          boolean.class,
          Duration.class,
          String.class,
          Secret.class,
          Thread.State.class);

  /// A value that the check lets pass is one that the configuration can convert, a time one whose
  /// nanoseconds can be counted.
  @FuzzTest
  void values(byte[] data) {
    String value = new String(data, UTF_8);
    for (Class<?> type : TYPES) {
      if (SettingType.of(type, Integer.MIN_VALUE, Long.MAX_VALUE).accepts(value)
          && type != Secret.class) {
        Object converted = CONFIG.getConverter(type).orElseThrow().convert(value);
        assertThat(converted).as(type.getName()).isNotNull();
        if (converted instanceof Duration span) {
          assertThat(span.toNanos()).isNotNegative();
        }
      }
    }
  }

  /// A file is read, or what is wrong with it is said in so many lines; secrets are not among it.
  @FuzzTest
  void files(byte[] data) {
    YamlFile file = YamlText.parse("config.yaml", new StringReader(new String(data, UTF_8)));
    List<String> problems = ConfigurationCheck.problems(Map.of(), Map.of(), file);
    assertThat(problems).allSatisfy(problem -> assertThat(problem).isNotBlank());
    assertThat(file.entries().values()).allSatisfy(entry -> assertThat(entry.line()).isPositive());
  }
}
