package chat.magpie.text;

import java.io.IOException;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.TokenFilter;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.cjk.CJKBigramFilter;
import org.apache.lucene.analysis.cjk.CJKWidthFilter;
import org.apache.lucene.analysis.standard.StandardTokenizer;
import org.apache.lucene.analysis.tokenattributes.CharTermAttribute;
import org.apache.lucene.analysis.tokenattributes.TypeAttribute;

/// Cuts text into the sounds of its pairs of neighbouring Chinese characters ([Pinyin#of]), and
/// leaves out everything else. The pairs are those of [BilingualAnalyzer].
public final class SoundAnalyzer extends Analyzer {
  public SoundAnalyzer() {
    super(BilingualAnalyzer.FRESH);
  }

  @Override
  protected TokenStreamComponents createComponents(String field) {
    StandardTokenizer source = new StandardTokenizer();
    TokenStream pairs = new CJKBigramFilter(new CJKWidthFilter(source), CJKBigramFilter.HAN, false);
    return new TokenStreamComponents(source, new Sounds(pairs));
  }

  private static final class Sounds extends TokenFilter {
    private final CharTermAttribute term = addAttribute(CharTermAttribute.class);
    private final TypeAttribute type = addAttribute(TypeAttribute.class);

    Sounds(TokenStream pairs) {
      super(pairs);
    }

    @Override
    public boolean incrementToken() throws IOException {
      while (input.incrementToken()) {
        if (type.type().equals(CJKBigramFilter.DOUBLE_TYPE)) {
          String sound = Pinyin.of(term.toString());
          term.setEmpty().append(sound);
          return true;
        }
      }
      return false;
    }
  }
}
