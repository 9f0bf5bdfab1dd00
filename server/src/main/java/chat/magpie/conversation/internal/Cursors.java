package chat.magpie.conversation.internal;

import chat.magpie.kernel.ErrorCode;
import chat.magpie.kernel.MagpieException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/// Writes and reads the opaque cursors of pages.
final class Cursors {
  private static final int MAX_LENGTH = 200;

  private Cursors() {}

  /// After the message with this seq.
  static String ofMessage(long seq) {
    return encode("m" + seq);
  }

  static long message(String cursor) {
    String text = decode(cursor);
    if (!text.startsWith("m")) {
      throw bad();
    }
    return number(text.substring(1));
  }

  /// After the conversation with this id, last touched then.
  static String ofConversation(ConversationPlace place) {
    return encode("c" + place.updatedAt() + "." + place.id());
  }

  static ConversationPlace conversation(String cursor) {
    String text = decode(cursor);
    int dot = text.indexOf('.');
    if (!text.startsWith("c") || dot < 0 || !Storable.isId(text.substring(dot + 1))) {
      throw bad();
    }
    return new ConversationPlace(number(text.substring(1, dot)), text.substring(dot + 1));
  }

  /// After the conversation with this id.
  static String ofId(String id) {
    return encode("i" + id);
  }

  static String id(String cursor) {
    String text = decode(cursor);
    if (!text.startsWith("i") || !Storable.isId(text.substring(1))) {
      throw bad();
    }
    return text.substring(1);
  }

  /// A place in the list of a user's conversations.
  record ConversationPlace(long updatedAt, String id) {}

  static MagpieException bad() {
    return new MagpieException(ErrorCode.BAD_CURSOR, "the cursor is not one of this list");
  }

  private static String encode(String text) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(text.getBytes(StandardCharsets.US_ASCII));
  }

  private static String decode(String cursor) {
    if (cursor.length() > MAX_LENGTH) {
      throw bad();
    }
    try {
      String text = new String(Base64.getUrlDecoder().decode(cursor), StandardCharsets.US_ASCII);
      if (encode(text).equals(cursor)) {
        return text;
      }
    } catch (IllegalArgumentException e) {
      // Not Base64 at all: refused below like everything else.
    }
    throw bad();
  }

  /// A number as we write it: digits only, no leading zeros.
  private static long number(String text) {
    try {
      long number = Long.parseLong(text);
      if (number >= 0 && Long.toString(number).equals(text)) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Refused below like everything else.
    }
    throw bad();
  }
}
