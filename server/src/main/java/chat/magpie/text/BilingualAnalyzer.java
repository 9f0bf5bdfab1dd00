package chat.magpie.text;

import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.CharArraySet;
import org.apache.lucene.analysis.LowerCaseFilter;
import org.apache.lucene.analysis.StopFilter;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.cjk.CJKBigramFilter;
import org.apache.lucene.analysis.cjk.CJKWidthFilter;
import org.apache.lucene.analysis.en.EnglishPossessiveFilter;
import org.apache.lucene.analysis.en.PorterStemFilter;
import org.apache.lucene.analysis.standard.StandardTokenizer;
import org.jspecify.annotations.Nullable;

/// Cuts text into terms: stemmed English words without stop words, and every pair of neighbouring
/// Chinese, Japanese or Korean characters as well as every single one.
public final class BilingualAnalyzer extends Analyzer {
  private static final int ALL_SCRIPTS =
      CJKBigramFilter.HAN
          | CJKBigramFilter.HIRAGANA
          | CJKBigramFilter.KATAKANA
          | CJKBigramFilter.HANGUL;

  /// Makes the parts anew for each text: keeping them would be per thread, and threads are virtual
  /// here.
  static final ReuseStrategy FRESH =
      new ReuseStrategy() {
        @Override
        public @Nullable TokenStreamComponents getReusableComponents(
            Analyzer analyzer, String field) {
          return null;
        }

        @Override
        public void setReusableComponents(
            Analyzer analyzer, String field, TokenStreamComponents components) {}
      };

  private static final CharArraySet STOP_WORDS =
      CharArraySet.unmodifiableSet(new CharArraySet(StopWords.ENGLISH, false));

  public BilingualAnalyzer() {
    super(FRESH);
  }

  @Override
  protected TokenStreamComponents createComponents(String field) {
    StandardTokenizer source = new StandardTokenizer();
    TokenStream terms =
        new EnglishPossessiveFilter(new LowerCaseFilter(new CJKWidthFilter(source)));
    terms = new CJKBigramFilter(terms, ALL_SCRIPTS, true);
    return new TokenStreamComponents(
        source, new PorterStemFilter(new StopFilter(terms, STOP_WORDS)));
  }
}
