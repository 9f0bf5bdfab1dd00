package chat.magpie.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.tokenattributes.CharTermAttribute;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("M-06")
class PinyinTest {
  @Test
  void whatIsReadTheSameIsEqual() {
    assertThat(Pinyin.of("注销账号")).isEqualTo("zhu xiao zhang hao").isEqualTo(Pinyin.of("柱销帐号"));
    assertThat(Pinyin.of("发票")).isEqualTo("fa piao").isNotEqualTo(Pinyin.of("发货"));
  }

  @Test
  void whatHasNoReadingStandsForItself() {
    assertThat(Pinyin.of("aあ😀")).isEqualTo("a あ 😀");
    assertThat(Pinyin.of("")).isEmpty();
  }

  @Test
  void onlyPairsOfChineseCharactersSound() throws IOException {
    assertThat(sounds("Plus 会员卡, 1 张 あい")).containsExactly("hui yuan", "yuan ka");
    assertThat(sounds("no Chinese at all 好")).isEmpty();
  }

  private static List<String> sounds(String text) throws IOException {
    List<String> sounds = new ArrayList<>();
    try (SoundAnalyzer analyzer = new SoundAnalyzer();
        TokenStream stream = analyzer.tokenStream("", text)) {
      CharTermAttribute term = stream.addAttribute(CharTermAttribute.class);
      stream.reset();
      while (stream.incrementToken()) {
        sounds.add(term.toString());
      }
      stream.end();
    }
    return sounds;
  }
}
