package chat.magpie.handover.internal;

import chat.magpie.conversation.Message;
import chat.magpie.handover.Briefing.Mood;
import chat.magpie.handover.DeskSettings;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/// Tells how a customer sounds by counting in their last five messages: 2 points for a word of
/// anger, 1 for a word of annoyance (each word once, two of these at most), 1 for three exclamation
/// marks in a row or a message in capitals, 1 for saying the same again; 1 off for a word of
/// thanks. Three points are angry, one is annoyed, less than none is pleased.
final class Moods {
  private static final int LAST = 5;
  private static final int ANGRY = 3;
  private static final int MOST_ANNOYANCE = 2;
  private static final int SHORTEST_SHOUT = 8;

  private static final List<String> ANGER =
      List.of(
          "fraud",
          "scam",
          "sue",
          "lawyer",
          "outrageous",
          "disgusting",
          "liar",
          "liars",
          "骗子",
          "投诉",
          "律师",
          "起诉",
          "曝光",
          "垃圾",
          "滚蛋",
          "消协",
          "12315",
          "工商局");
  private static final List<String> ANNOYANCE =
      List.of(
          "useless",
          "ridiculous",
          "terrible",
          "awful",
          "unacceptable",
          "still not",
          "again and again",
          "waste of time",
          "frustrated",
          "annoyed",
          "disappointed",
          "worst",
          "失望",
          "太差",
          "没用",
          "浪费时间",
          "生气",
          "烦死",
          "还没",
          "到底",
          "怎么回事",
          "敷衍",
          "无语",
          "等了");
  private static final List<String> THANKS =
      List.of("thank you", "thanks", "great", "perfect", "awesome", "谢谢", "感谢", "太好了", "不错", "满意");

  private Moods() {}

  /// @param said what the customer said, oldest first
  static Mood of(List<Message> said) {
    List<String> texts =
        said.stream().skip(Math.max(0, said.size() - LAST)).map(Message::content).toList();
    List<String> evidence = new ArrayList<>();
    int points = 2 * found(ANGER, texts, evidence);
    points += Math.min(MOST_ANNOYANCE, found(ANNOYANCE, texts, evidence));
    if (texts.stream().anyMatch(Moods::shouts)) {
      points++;
      evidence.add("!!!");
    }
    if (new HashSet<>(texts).size() < texts.size()) {
      points++;
      evidence.add("×2");
    }
    if (found(THANKS, texts, evidence) > 0) {
      points--;
    }
    Mood.Level level =
        points >= ANGRY
            ? Mood.Level.ANGRY
            : points > 0
                ? Mood.Level.ANNOYED
                : points < 0 ? Mood.Level.PLEASED : Mood.Level.NEUTRAL;
    return new Mood(level, List.copyOf(evidence));
  }

  private static int found(List<String> words, List<String> texts, List<String> evidence) {
    Set<String> found = new HashSet<>();
    for (String word : words) {
      Keywords looking =
          new Keywords(
              List.of(new DeskSettings.Keyword(word, Optional.empty(), 0, Optional.empty())));
      if (texts.stream().anyMatch(text -> looking.find("", text).isPresent()) && found.add(word)) {
        evidence.add(word);
      }
    }
    return found.size();
  }

  private static boolean shouts(String text) {
    long letters = text.chars().filter(c -> c < 128 && Character.isLetter(c)).count();
    return text.replace('！', '!').contains("!!!")
        || (letters >= SHORTEST_SHOUT && text.toUpperCase(Locale.ROOT).equals(text));
  }
}
