package chat.magpie.evaluate;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A JSON value that knows on which line of which file it begins, so that what is wrong with it can
/// be told.
///
/// @param file as it is shown to people
/// @param line from 1
/// @param text of a string, or a number or boolean as it is written; else empty
/// @param fields of an object; else empty
/// @param items of an array; else empty
record Located(
    String file,
    int line,
    Kind kind,
    String text,
    Map<String, Located> fields,
    List<Located> items) {
  private static final JsonFactory JSON =
      JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  enum Kind {
    OBJECT,
    ARRAY,
    TEXT,
    NUMBER,
    BOOLEAN,
    NULL
  }

  /// One JSON value that is the whole of a text.
  ///
  /// @param firstLine the line of the file on which the text begins
  /// @throws Malformed if it is none, with the line
  static Located parse(String file, int firstLine, String text) throws Malformed {
    try (JsonParser parser = JSON.createParser(text)) {
      int offset = firstLine - 1;
      if (parser.nextToken() == null) {
        throw new Malformed(firstLine, "there is no JSON here");
      }
      Located value = value(file, offset, parser);
      if (parser.nextToken() != null) {
        throw new Malformed(
            offset + parser.currentTokenLocation().getLineNr(),
            "there is more than one JSON value");
      }
      return value;
    } catch (JsonProcessingException e) {
      int line = e.getLocation() == null ? 1 : e.getLocation().getLineNr();
      throw new Malformed(firstLine - 1 + line, "this is no JSON: " + e.getOriginalMessage());
    } catch (IOException e) {
      throw new Malformed(firstLine, "this is no JSON: " + e.getMessage());
    }
  }

  private static Located value(String file, int offset, JsonParser parser) throws IOException {
    int line = offset + parser.currentTokenLocation().getLineNr();
    JsonToken token = parser.currentToken();
    if (token == JsonToken.START_OBJECT) {
      Map<String, Located> fields = new LinkedHashMap<>();
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        String name = parser.currentName();
        parser.nextToken();
        fields.put(name, value(file, offset, parser));
      }
      return new Located(file, line, Kind.OBJECT, "", fields, List.of());
    }
    if (token == JsonToken.START_ARRAY) {
      List<Located> items = new ArrayList<>();
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        items.add(value(file, offset, parser));
      }
      return new Located(file, line, Kind.ARRAY, "", Map.of(), items);
    }
    Kind kind =
        switch (token) {
          case VALUE_STRING -> Kind.TEXT;
          case VALUE_TRUE, VALUE_FALSE -> Kind.BOOLEAN;
          case VALUE_NULL -> Kind.NULL;
          default -> Kind.NUMBER;
        };
    String text = kind == Kind.NULL ? "" : parser.getText();
    return new Located(file, line, kind, text, Map.of(), List.of());
  }

  boolean isNull() {
    return kind == Kind.NULL;
  }

  /// Text that is no JSON.
  static final class Malformed extends Exception {
    private static final long serialVersionUID = 1L;
    private final int line;

    Malformed(int line, String message) {
      super(message);
      this.line = line;
    }

    int line() {
      return line;
    }
  }
}
