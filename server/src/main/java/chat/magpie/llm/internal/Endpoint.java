package chat.magpie.llm.internal;

import chat.magpie.kernel.Secret;
import chat.magpie.llm.PrefixMode;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/// Where one provider is asked, checked.
///
/// @param provider its name in the configuration
/// @param path the path of its chat completions
/// @param tools whether it takes tools
record Endpoint(
    String provider,
    boolean tls,
    String host,
    int port,
    String path,
    Optional<Secret> apiKey,
    Optional<String> model,
    PrefixMode prefixMode,
    boolean tools) {
  private static final Pattern SENDABLE = Pattern.compile("[\\x21-\\x7E]+");

  /// Checks what the configuration says.
  ///
  /// @param urlSetting the setting that gave the URL, for the message
  /// @param keySetting the setting that gave the key, for the message
  /// @throws IllegalArgumentException if the URL or the key cannot be used; names the setting,
  ///   never the key
  static Endpoint of(
      String provider,
      String baseUrl,
      String urlSetting,
      Optional<Secret> apiKey,
      String keySetting,
      Optional<String> model,
      PrefixMode prefixMode,
      boolean tools) {
    URI uri;
    try {
      uri = new URI(baseUrl.strip());
    } catch (URISyntaxException e) {
      throw wrong(urlSetting, "is not a URL: " + e.getReason());
    }
    String scheme = String.valueOf(uri.getScheme()).toLowerCase(Locale.ROOT);
    if (!scheme.equals("http") && !scheme.equals("https")) {
      throw wrong(urlSetting, "must begin with http:// or https://");
    }
    if (uri.getRawUserInfo() != null) {
      throw wrong(urlSetting, "must not hold a user or password; give the key as API key");
    }
    if (uri.getHost() == null || uri.getPort() > 65535 || uri.getPort() == 0) {
      throw wrong(urlSetting, "names no valid host and port");
    }
    if (uri.getRawQuery() != null || uri.getRawFragment() != null) {
      throw wrong(urlSetting, "must not have a query or a fragment");
    }
    String path = uri.getRawPath().replaceAll("/+$", "");
    if (path.endsWith("/chat/completions")) {
      throw wrong(urlSetting, "must end before /chat/completions");
    }
    Optional<Secret> key = apiKey.filter(secret -> !secret.reveal().isBlank());
    if (key.isPresent() && !SENDABLE.matcher(key.get().reveal().strip()).matches()) {
      throw wrong(keySetting, "holds characters that cannot be sent in a header");
    }
    boolean tls = scheme.equals("https");
    int port = uri.getPort() > 0 ? uri.getPort() : tls ? 443 : 80;
    String host = uri.getHost().replaceAll("^\\[|]$", "");
    return new Endpoint(
        provider,
        tls,
        host,
        port,
        path + "/chat/completions",
        key.map(secret -> new Secret(secret.reveal().strip())),
        model.map(String::strip).filter(name -> !name.isEmpty()),
        prefixMode,
        tools);
  }

  private static IllegalArgumentException wrong(String setting, String what) {
    return new IllegalArgumentException("Configuration: " + setting + " " + what);
  }
}
