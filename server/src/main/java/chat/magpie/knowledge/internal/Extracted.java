package chat.magpie.knowledge.internal;

import chat.magpie.knowledge.Faq;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// What a document says.
///
/// @param heading what it calls itself; empty where it does not say
/// @param text Markdown
/// @param entries its questions and answers where it is a sheet of them, else empty
record Extracted(String heading, String text, List<Faq> entries) {
  Extracted {
    entries = List.copyOf(entries);
  }

  Extracted(String heading, String text) {
    this(heading, text, List.of());
  }

  void write(DataOutputStream out) throws IOException {
    write(out, heading);
    write(out, text);
    out.writeInt(entries.size());
    for (Faq entry : entries) {
      write(out, entry.answer());
      out.writeInt(entry.questions().size());
      for (String question : entry.questions()) {
        write(out, question);
      }
    }
  }

  static Extracted read(DataInputStream in) throws IOException {
    String heading = text(in);
    String text = text(in);
    List<Faq> entries = new ArrayList<>();
    for (int left = in.readInt(); left > 0; left--) {
      String answer = text(in);
      List<String> questions = new ArrayList<>();
      for (int more = in.readInt(); more > 0; more--) {
        questions.add(text(in));
      }
      entries.add(new Faq(questions, answer));
    }
    return new Extracted(heading, text, entries);
  }

  private static void write(DataOutputStream out, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  private static String text(DataInputStream in) throws IOException {
    byte[] bytes = in.readNBytes(in.readInt());
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
