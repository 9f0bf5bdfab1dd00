package chat.magpie.conformance.client;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Reads one stream of server-sent events as the HTML Living Standard (9.2.6) says.
public final class SseReader implements AutoCloseable {
  private final HttpResponse<InputStream> response;
  private final BufferedReader lines;
  private int comments;

  private SseReader(HttpResponse<InputStream> response) {
    this.response = response;
    this.lines =
        new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8), 256);
  }

  static SseReader open(HttpClient client, HttpRequest request) {
    try {
      return new SseReader(client.send(request, HttpResponse.BodyHandlers.ofInputStream()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /// One event.
  public record Event(String name, @Nullable String id, String data) {
    public JsonNode json() {
      return Api.parse(data);
    }
  }

  public int status() {
    return response.statusCode();
  }

  public String header(String name) {
    return response.headers().firstValue(name).orElse("");
  }

  /// How many comments, which are heartbeats, were read.
  public int comments() {
    return comments;
  }

  /// The whole body of an answer that is no stream, such as a problem.
  public JsonNode problem() {
    try {
      return Api.parse(new String(response.body().readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// The next event, or empty at the end of the stream, also where the connection broke.
  public Optional<Event> next() {
    @Nullable String name = null;
    @Nullable String id = null;
    StringBuilder data = new StringBuilder();
    boolean hasData = false;
    try {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.isEmpty()) {
          if (hasData) {
            return Optional.of(new Event(name == null ? "message" : name, id, data.toString()));
          }
          name = null;
        } else if (line.startsWith(":")) {
          comments++;
        } else {
          int colon = line.indexOf(':');
          String field = colon < 0 ? line : line.substring(0, colon);
          String value = colon < 0 ? "" : line.substring(colon + 1);
          value = value.startsWith(" ") ? value.substring(1) : value;
          switch (field) {
            case "event" -> name = value;
            case "id" -> id = value;
            case "data" -> {
              if (hasData) {
                data.append('\n');
              }
              hasData = true;
              data.append(value);
            }
            default -> {}
          }
        }
      }
    } catch (IOException broken) {
      return Optional.empty();
    }
    return Optional.empty();
  }

  /// The next events, at most so many.
  public List<Event> next(int count) {
    List<Event> events = new ArrayList<>();
    while (events.size() < count) {
      Optional<Event> event = next();
      if (event.isEmpty()) {
        break;
      }
      events.add(event.get());
    }
    return events;
  }

  /// All events until the end of the stream.
  public List<Event> rest() {
    return next(Integer.MAX_VALUE);
  }

  @Override
  public void close() {
    try {
      response.body().close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
