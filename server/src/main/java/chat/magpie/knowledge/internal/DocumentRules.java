package chat.magpie.knowledge.internal;

import chat.magpie.identity.Permission;
import chat.magpie.identity.Principal;
import chat.magpie.kernel.ErrorCode;
import chat.magpie.kernel.MagpieException;
import chat.magpie.kernel.WellFormed;
import chat.magpie.knowledge.Documents;
import chat.magpie.knowledge.FaqEntry;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Collection;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/// What documents may be called and say, and who may touch them.
final class DocumentRules {
  static final int TITLE = 300;
  private static final int QUESTIONS = 50;
  private static final int QUESTION = 1_000;
  private static final int ANSWER = 20_000;
  private static final int CHARACTERS = 50;
  private static final int CHARACTER = 64;
  private static final int CURSOR = 200;

  /// No dot and no colon, so that none is taken for a file of the folder or of the product.
  private static final Pattern ID = Pattern.compile("[A-Za-z0-9_-]{1,64}");

  private static final Pattern LANGUAGE = Pattern.compile("[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8}){0,2}");

  private DocumentRules() {}

  static void require(Principal caller) {
    if (!caller.may(Permission.MANAGE_KNOWLEDGE)) {
      throw new MagpieException(ErrorCode.FORBIDDEN, ErrorCode.FORBIDDEN.english());
    }
  }

  /// The id of something new.
  static void id(String id) {
    if (!ID.matcher(id).matches()) {
      throw invalid("id: 1 to 64 letters, digits, - and _");
    }
  }

  /// An id that may be that of something.
  static void known(String id) {
    if (!ID.matcher(id).matches()) {
      throw absent();
    }
  }

  static void characters(Collection<String> ids) {
    if (ids.size() > CHARACTERS) {
      throw invalid("character_ids: at most " + CHARACTERS);
    }
    ids.forEach(id -> WellFormed.requireFilled("character_ids", id, CHARACTER));
  }

  static void language(Optional<String> language) {
    if (language.isPresent()
        && (language.get().length() > 16 || !LANGUAGE.matcher(language.get()).matches())) {
      throw invalid("language: must be a language tag such as zh or en-GB");
    }
  }

  static void check(List<FaqEntry> entries) {
    if (entries.isEmpty() || entries.size() > Documents.BULK) {
      throw invalid("entries: 1 to " + Documents.BULK);
    }
    Set<String> ids = new HashSet<>();
    for (FaqEntry entry : entries) {
      id(entry.id());
      if (!ids.add(entry.id())) {
        throw invalid("entries: the id " + entry.id() + " is there twice");
      }
      language(entry.language());
      characters(entry.characterIds());
      if (entry.questions().isEmpty() || entry.questions().size() > QUESTIONS) {
        throw invalid("questions: 1 to " + QUESTIONS);
      }
      entry.questions().forEach(q -> WellFormed.requireFilled("questions", q, QUESTION));
      WellFormed.requireFilled("answer", entry.answer(), ANSWER);
    }
  }

  static String hash(byte[] content) {
    return HexFormat.of().formatHex(sha256().digest(content));
  }

  static String hash(String content) {
    return hash(content.getBytes(StandardCharsets.UTF_8));
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /// A text that fits a title.
  static String title(String text) {
    String clean = Escapes.storable(text).strip().replaceAll("\\s+", " ");
    int end = Math.min(clean.length(), TITLE - 1);
    if (end < clean.length() && Character.isHighSurrogate(clean.charAt(end - 1))) {
      end--;
    }
    return end < clean.length() ? clean.substring(0, end) + "…" : clean;
  }

  static String cursor(String id) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(("k" + id).getBytes(StandardCharsets.US_ASCII));
  }

  static String decode(String cursor) {
    if (cursor.length() <= CURSOR) {
      try {
        String text = new String(Base64.getUrlDecoder().decode(cursor), StandardCharsets.US_ASCII);
        if (text.startsWith("k")
            && ID.matcher(text.substring(1)).matches()
            && cursor(text.substring(1)).equals(cursor)) {
          return text.substring(1);
        }
      } catch (IllegalArgumentException e) {
        // Not Base64 at all: refused below like everything else.
      }
    }
    throw new MagpieException(ErrorCode.BAD_CURSOR, "the cursor is not one of this list");
  }

  static MagpieException invalid(String what) {
    return new MagpieException(ErrorCode.INVALID_FIELD, what);
  }

  static MagpieException absent() {
    return new MagpieException(ErrorCode.NOT_FOUND, "There is no document with this id.");
  }
}
