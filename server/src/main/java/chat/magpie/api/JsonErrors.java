package chat.magpie.api;

import chat.magpie.kernel.ErrorCode;
import chat.magpie.kernel.MagpieException;
import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Says what is wrong with a JSON body: which field and what it has to be, never what it held.
final class JsonErrors {
  private static final int MAX_NAME = 64;

  private JsonErrors() {}

  static MagpieException explain(JacksonException error) {
    for (Throwable cause = error.getCause(); cause != null; cause = cause.getCause()) {
      if (cause instanceof MagpieException ours) {
        return ours;
      }
    }
    return switch (error) {
      case UnrecognizedPropertyException unknown ->
          new MagpieException(ErrorCode.INVALID_FIELD, unknownField(unknown), error);
      case MismatchedInputException trailing
          when String.valueOf(trailing.getOriginalMessage()).startsWith("Trailing token") ->
          new MagpieException(
              ErrorCode.BAD_REQUEST, "The body is not valid JSON: something follows it.", error);
      case MismatchedInputException mismatch when !mismatch.getPath().isEmpty() ->
          new MagpieException(
              ErrorCode.INVALID_FIELD,
              "The field '" + path(mismatch) + "' must be " + expected(mismatch) + ".",
              error);
      case MismatchedInputException mismatch ->
          new MagpieException(
              ErrorCode.BAD_REQUEST, "The body must be " + expected(mismatch) + ".", error);
      case JsonMappingException mapping when !mapping.getPath().isEmpty() ->
          new MagpieException(
              ErrorCode.INVALID_FIELD,
              "The field '" + path(mapping) + "' cannot be read" + place(error) + ".",
              error);
      default ->
          new MagpieException(
              ErrorCode.BAD_REQUEST, "The body is not valid JSON" + place(error) + ".", error);
    };
  }

  private static String unknownField(UnrecognizedPropertyException unknown) {
    Collection<Object> known = unknown.getKnownPropertyIds();
    String allowed =
        known == null
            ? ""
            : known.stream().map(Object::toString).sorted().collect(Collectors.joining(", "));
    return "There is no field '"
        + path(unknown)
        + "'"
        + (allowed.isEmpty() ? "." : "; the fields are " + allowed + ".");
  }

  private static String path(JsonMappingException error) {
    StringBuilder path = new StringBuilder();
    for (JsonMappingException.Reference step : error.getPath()) {
      String name = step.getFieldName();
      if (name == null) {
        path.append('[').append(step.getIndex()).append(']');
      } else {
        path.append(path.isEmpty() ? "" : ".").append(printable(name));
      }
    }
    return path.toString();
  }

  private static String printable(String name) {
    String clean = name.replaceAll("[^\\p{L}\\p{N}_.-]", "?");
    if (clean.codePointCount(0, clean.length()) <= MAX_NAME) {
      return clean;
    }
    return clean.substring(0, clean.offsetByCodePoints(0, MAX_NAME)) + "…";
  }

  private static String expected(MismatchedInputException error) {
    Class<?> type = error.getTargetType();
    return type == null ? "something else" : describe(type);
  }

  private static String describe(Class<?> type) {
    if (type == String.class) {
      return "a string";
    }
    if (type == boolean.class || type == Boolean.class) {
      return "true or false";
    }
    if (type == double.class || type == float.class || type == Double.class) {
      return "a number";
    }
    if (type.isPrimitive() || Number.class.isAssignableFrom(type)) {
      return "a whole number within range";
    }
    if (type == Instant.class) {
      return "a time such as 2026-01-31T12:00:00Z";
    }
    if (type.isEnum()) {
      return "one of "
          + Arrays.stream(type.getEnumConstants())
              .map(Object::toString)
              .map(name -> name.toLowerCase(Locale.ROOT))
              .collect(Collectors.joining(", "));
    }
    if (Collection.class.isAssignableFrom(type) || type.isArray()) {
      return "a list";
    }
    return Map.class.isAssignableFrom(type) || type.isRecord() ? "an object" : "something else";
  }

  private static String place(JacksonException error) {
    @Nullable JsonLocation at = error.getLocation();
    return at == null || at.getLineNr() < 1
        ? ""
        : " (line " + at.getLineNr() + ", column " + at.getColumnNr() + ")";
  }
}
