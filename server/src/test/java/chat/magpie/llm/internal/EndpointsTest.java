package chat.magpie.llm.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import chat.magpie.kernel.Secret;
import chat.magpie.llm.LlmConfig;
import chat.magpie.llm.PrefixMode;
import chat.magpie.llm.internal.TestConfig.TestProvider;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EndpointsTest {
  private static SequencedMap<String, Endpoint> endpoints(
      TestConfig config, Map<String, String> environment) {
    return Endpoints.of(config, name -> Optional.ofNullable(environment.get(name)));
  }

  private static LlmConfig.Provider provider(String url) {
    return new TestProvider(url, Optional.empty(), Optional.of("m"));
  }

  private static final TestConfig NONE = TestConfig.of(Map.of());

  @Test
  void withoutAnythingThereIsNoProvider() {
    assertThat(endpoints(NONE, Map.of())).isEmpty();
    assertThat(
            endpoints(
                NONE,
                Map.of(
                    "OPENAI_API_KEY",
                    "",
                    "OPENAI_BASE_URL",
                    "  ",
                    "DASHSCOPE_API_KEY",
                    "",
                    "OPENAI_MODEL",
                    "x")))
        .isEmpty();
  }

  @Test
  void plainNamesMakeProviders() {
    SequencedMap<String, Endpoint> found =
        endpoints(NONE, Map.of("OPENAI_API_KEY", " k1 ", "DASHSCOPE_API_KEY", "k2"));
    assertThat(found.sequencedKeySet()).containsExactly("openai", "dashscope");
    Endpoint openai = found.firstEntry().getValue();
    assertThat(openai.tls()).isTrue();
    assertThat(openai.host()).isEqualTo("api.openai.com");
    assertThat(openai.port()).isEqualTo(443);
    assertThat(openai.path()).isEqualTo("/v1/chat/completions");
    assertThat(openai.apiKey().map(Secret::reveal)).contains("k1");
    Endpoint dashscope = found.lastEntry().getValue();
    assertThat(dashscope.host()).isEqualTo("dashscope.aliyuncs.com");
    assertThat(dashscope.path()).isEqualTo("/compatible-mode/v1/chat/completions");
    assertThat(dashscope.model()).contains("qwen-plus");
    assertThat(dashscope.prefixMode()).isEqualTo(PrefixMode.PARTIAL);
    assertThat(openai.prefixMode()).isEqualTo(PrefixMode.NONE);
    assertThat(found.toString()).doesNotContain("k1").doesNotContain("k2");
  }

  @Test
  void aBaseUrlAloneIsEnough() {
    Endpoint local =
        endpoints(NONE, Map.of("OPENAI_BASE_URL", "http://[::1]:9000/v1/", "OPENAI_MODEL", "llama"))
            .firstEntry()
            .getValue();
    assertThat(local.tls()).isFalse();
    assertThat(local.host()).isEqualTo("::1");
    assertThat(local.port()).isEqualTo(9000);
    assertThat(local.path()).isEqualTo("/v1/chat/completions");
    assertThat(local.apiKey()).isEmpty();
    assertThat(local.model()).contains("llama");
  }

  @Test
  void theConfigurationWinsOverTheEnvironment() {
    TestConfig config =
        TestConfig.of(
            Map.of(
                "openai",
                provider("http://mine/v1"),
                "a",
                provider("https://a:8443"),
                "z",
                provider("http://z")));
    Map<String, String> environment = Map.of("OPENAI_API_KEY", "k", "DASHSCOPE_API_KEY", "d");
    SequencedMap<String, Endpoint> found = endpoints(config, environment);
    assertThat(found.sequencedKeySet()).containsExactly("openai", "a", "dashscope", "z");
    assertThat(found.firstEntry().getValue().host()).isEqualTo("mine");
    assertThat(found.firstEntry().getValue().apiKey()).isEmpty();
    assertThat(endpoints(config.withDefault("z"), environment).firstEntry().getKey())
        .isEqualTo("z");
    assertThat(
            endpoints(
                    TestConfig.of(Map.of("b", provider("http://b"), "a", provider("http://a"))),
                    Map.of())
                .sequencedKeySet())
        .containsExactly("a", "b");
  }

  @Test
  void anUnknownDefaultStopsTheStart() {
    assertThatThrownBy(() -> endpoints(NONE.withDefault("nobody"), Map.of("OPENAI_API_KEY", "k")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("magpie.llm.default_provider")
        .hasMessageContaining("nobody")
        .hasMessageContaining("openai");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "api.openai.com/v1",
        "ftp://x/v1",
        "http://",
        "http:///v1",
        "http://a b/",
        "https://user:pw@x/v1",
        "http://x/v1?key=s3cret",
        "http://x/v1#f",
        "http://x:99999/",
        "http://x:0/",
        "http://x/v1/chat/completions",
        "http://exa_mple/v1"
      })
  void aBadUrlStopsTheStart(String url) {
    assertThatThrownBy(() -> endpoints(NONE, Map.of("OPENAI_BASE_URL", url)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("OPENAI_BASE_URL")
        .hasMessageNotContainingAny("pw", "s3cret");
    assertThatThrownBy(() -> endpoints(TestConfig.of(Map.of("one", provider(url))), Map.of()))
        .hasMessageContaining("magpie.llm.providers.one.base_url");
  }

  @Test
  void aKeyThatNoHeaderCanCarryStopsTheStart() {
    assertThatThrownBy(() -> endpoints(NONE, Map.of("OPENAI_API_KEY", "k\r\nx: y")))
        .hasMessageContaining("OPENAI_API_KEY")
        .hasMessageNotContaining("x: y");
  }
}
