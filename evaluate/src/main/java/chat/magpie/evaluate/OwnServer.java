package chat.magpie.evaluate;

import chat.magpie.conformance.client.Api;
import chat.magpie.conformance.server.MagpieProcess;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// A server that is started to be measured, with a new data folder, which goes with it.
final class OwnServer implements AutoCloseable {
  private static final Pattern ONE_TIME =
      Pattern.compile("login +(\\S+)[\\s\\S]*?password +(\\S+)");

  private final MagpieProcess process;
  private final String token;

  private OwnServer(MagpieProcess process, String token) {
    this.process = process;
    this.token = token;
  }

  /// @param mode of its embeddings
  static OwnServer start(String mode) {
    MagpieProcess process =
        MagpieProcess.start(
            Map.of(
                "MAGPIE_EMBEDDINGS_MODE", mode,
                "MAGPIE_KNOWLEDGE_OWN_DOCUMENTS", "never",
                "MAGPIE_IDENTITY_ACCESS_TOKEN_TTL", "12h",
                "MAGPIE_API_REQUESTS_PER_SECOND", "0",
                "MAGPIE_API_KEY_REQUESTS_PER_SECOND", "0",
                "MAGPIE_API_ADDRESS_REQUESTS_PER_SECOND", "0"));
    return new OwnServer(process, administrator(process));
  }

  /// Signs in with the password that is printed at the first start and replaces it.
  private static String administrator(MagpieProcess process) {
    Matcher printed = ONE_TIME.matcher(process.output());
    if (!printed.find()) {
      throw new CouldNotMeasure("The server printed no password:\n" + process.output());
    }
    Api anybody = Api.anonymous(process.uri("/"));
    JsonNode first =
        Wire.ok(
            "POST /auth/login",
            anybody.post(
                "/auth/login", Map.of("login", printed.group(1), "password", printed.group(2))));
    return Wire.ok(
            "POST /auth/password",
            anybody
                .withToken(first.path("access_token").asText())
                .post(
                    "/auth/password",
                    Map.of(
                        "current_password",
                        printed.group(2),
                        "new_password",
                        UUID.randomUUID().toString())))
        .path("access_token")
        .asText();
  }

  Wire wire() {
    return new Wire(process.uri("/"), token);
  }

  @Override
  public void close() {
    process.close();
    try (Stream<Path> files = Files.walk(process.folder())) {
      List<Path> all = files.sorted(Comparator.reverseOrder()).toList();
      for (Path file : all) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
