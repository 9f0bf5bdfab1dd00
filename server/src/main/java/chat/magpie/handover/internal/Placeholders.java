package chat.magpie.handover.internal;

import chat.magpie.handover.CannedReply.Placeholder;
import chat.magpie.kernel.ErrorCode;
import chat.magpie.kernel.MagpieException;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// The `{{…}}` of canned replies.
final class Placeholders {
  private static final Pattern ANY = Pattern.compile("\\{\\{([^{}]*)}}");

  private Placeholders() {}

  /// `INVALID_FIELD` where something stands in braces that is no placeholder.
  static void check(String content) {
    Matcher found = ANY.matcher(content);
    while (found.find()) {
      if (named(found.group(1)).isEmpty()) {
        throw new MagpieException(
            ErrorCode.INVALID_FIELD,
            "content: only these can be filled in: "
                + Arrays.stream(Placeholder.values())
                    .map(one -> "{{" + word(one) + "}}")
                    .collect(Collectors.joining(", ")));
      }
    }
  }

  /// The text with the values in place, which are not looked at for placeholders again. One without
  /// a value stays.
  static String fill(String content, Map<Placeholder, String> values) {
    return ANY.matcher(content)
        .replaceAll(found ->
            Matcher.quoteReplacement(
                named(found.group(1))
                    .flatMap(one -> Optional.ofNullable(values.get(one)))
                    .orElse(found.group())));
  }

  private static Optional<Placeholder> named(String inside) {
    String name = inside.strip();
    return Arrays.stream(Placeholder.values()).filter(one -> word(one).equals(name)).findFirst();
  }

  private static String word(Placeholder placeholder) {
    return placeholder.name().toLowerCase(Locale.ROOT);
  }
}
