package chat.magpie.knowledge;

import java.util.List;

/// An answer and the questions it is the answer to, in several phrasings.
public record Faq(List<String> questions, String answer) {
  public Faq {
    questions = List.copyOf(questions);
  }
}
