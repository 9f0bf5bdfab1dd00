package chat.magpie.knowledge.internal;

import chat.magpie.knowledge.Passage;
import chat.magpie.text.BilingualAnalyzer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.document.BinaryDocValuesField;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.FieldType;
import org.apache.lucene.document.StringField;
import org.apache.lucene.index.BinaryDocValues;
import org.apache.lucene.index.DocValues;
import org.apache.lucene.index.IndexOptions;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.PostingsEnum;
import org.apache.lucene.index.ReaderUtil;
import org.apache.lucene.index.SerialMergeScheduler;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.BooleanClause.Occur;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.BoostQuery;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.SearcherManager;
import org.apache.lucene.search.TermQuery;
import org.apache.lucene.store.ByteBuffersDirectory;
import org.apache.lucene.util.BytesRef;

/// The passages of one tenant in memory, found by Lucene: how rare a word is, and with it every
/// score, has nothing to do with what other tenants write. Any number of threads write and search.
final class TenantIndex implements AutoCloseable {
  private static final int CANDIDATES = 20;
  private static final String FOR_ALL = "for_all";
  private static final String CHARACTER = "character";
  private static final String ID = "id";
  private static final String TITLE = "title";
  private static final String SECTION = "section";
  private static final String VERSION = "version";
  private static final String TEXT = "text";
  private static final FieldType TERMS = new FieldType();

  static {
    TERMS.setIndexOptions(IndexOptions.DOCS_AND_FREQS);
    TERMS.setTokenized(true);
    TERMS.freeze();
  }

  private final Analyzer analyzer = new BilingualAnalyzer();
  private final ByteBuffersDirectory directory = new ByteBuffersDirectory();
  private final IndexWriter writer;
  private final SearcherManager searchers;

  TenantIndex() {
    try {
      writer =
          new IndexWriter(
              directory,
              new IndexWriterConfig(analyzer)
                  .setRAMBufferSizeMB(8)
                  .setMergeScheduler(new SerialMergeScheduler()));
      searchers = new SearcherManager(writer, null);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void put(IndexedDocument indexed) {
    String documentId = indexed.documentId();
    Splitter.Split document = indexed.content();
    List<Document> passages = new ArrayList<>(document.pieces().size());
    for (Splitter.Piece piece : document.pieces()) {
      String head = document.title() + "\n" + piece.section();
      Document passage = new Document();
      passage.add(new StringField(ID, documentId, Field.Store.NO));
      passage.add(kept(ID, documentId));
      passage.add(kept(TITLE, document.title()));
      passage.add(kept(SECTION, piece.section()));
      passage.add(kept(VERSION, indexed.version()));
      passage.add(kept(TEXT, piece.text()));
      String questions = String.join("\n", piece.questions());
      passage.add(new Field("head", head + "\n" + questions, TERMS));
      passage.add(new Field("body", head + "\n" + questions + "\n" + piece.text(), TERMS));
      if (indexed.characterIds().isEmpty()) {
        passage.add(new StringField(FOR_ALL, "", Field.Store.NO));
      }
      for (String characterId : indexed.characterIds()) {
        passage.add(new StringField(CHARACTER, characterId, Field.Store.NO));
      }
      passages.add(passage);
    }
    try {
      writer.updateDocuments(new Term(ID, documentId), passages);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void remove(String documentId) {
    try {
      writer.deleteDocuments(new Term(ID, documentId));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void refresh() {
    try {
      searchers.maybeRefreshBlocking();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  int passages() {
    return withSearcher(searcher -> searcher.getIndexReader().numDocs());
  }

  List<PassageIndex.Hit> search(Optional<String> characterId, String text, int limit) {
    Question question = Question.of(text, analyzer);
    if (question.isEmpty() || limit <= 0) {
      return List.of();
    }
    return withSearcher(searcher -> search(searcher, characterId, question, limit));
  }

  private List<PassageIndex.Hit> search(
      IndexSearcher searcher, Optional<String> characterId, Question question, int limit)
      throws IOException {
    Map<String, Double> rarities = new HashMap<>();
    for (String term : question.terms()) {
      rarities.put(term, rarity(searcher, term));
    }
    ScoreDoc[] found =
        searcher.search(query(question, characterId), Math.max(limit, CANDIDATES)).scoreDocs;
    Map<Integer, Set<String>> present = present(searcher, question, found);
    List<Scored> scored = new ArrayList<>(found.length);
    for (ScoreDoc doc : found) {
      double coverage =
          question.coverage(
              present.getOrDefault(doc.doc, Set.of()), term -> rarities.getOrDefault(term, 0.0));
      scored.add(new Scored(doc.doc, (float) (doc.score * coverage * coverage), coverage));
    }
    scored.sort(Comparator.comparingDouble(doc -> -doc.score()));
    List<PassageIndex.Hit> hits = new ArrayList<>(Math.min(limit, scored.size()));
    for (Scored doc : scored.subList(0, Math.min(limit, scored.size()))) {
      hits.add(new PassageIndex.Hit(passage(searcher, doc), doc.coverage()));
    }
    return hits;
  }

  private static Passage passage(IndexSearcher searcher, Scored doc) throws IOException {
    List<LeafReaderContext> leaves = searcher.getIndexReader().leaves();
    LeafReaderContext leaf = leaves.get(ReaderUtil.subIndex(doc.doc(), leaves));
    int at = doc.doc() - leaf.docBase;
    return new Passage(
        kept(leaf, ID, at),
        kept(leaf, TITLE, at),
        kept(leaf, SECTION, at),
        kept(leaf, VERSION, at),
        kept(leaf, TEXT, at),
        doc.score());
  }

  /// As a doc value: a stored field would be unpacked together with its neighbours at each search.
  private static Field kept(String name, String value) {
    return new BinaryDocValuesField(name, new BytesRef(value));
  }

  private static String kept(LeafReaderContext leaf, String name, int at) throws IOException {
    BinaryDocValues values = DocValues.getBinary(leaf.reader(), name);
    if (!values.advanceExact(at)) {
      throw new IllegalStateException("A passage has no " + name);
    }
    return values.binaryValue().utf8ToString();
  }

  private record Scored(int doc, float score, double coverage) {}

  /// Which terms of the question are in which of the documents.
  private static Map<Integer, Set<String>> present(
      IndexSearcher searcher, Question question, ScoreDoc[] found) throws IOException {
    int[] docs = Arrays.stream(found).mapToInt(doc -> doc.doc).sorted().toArray();
    Map<Integer, Set<String>> present = new HashMap<>();
    Set<String> terms = question.terms();
    terms.addAll(question.pairs());
    for (LeafReaderContext leaf : searcher.getIndexReader().leaves()) {
      for (String term : terms) {
        PostingsEnum postings = leaf.reader().postings(new Term("body", term), PostingsEnum.NONE);
        for (int i = 0; postings != null && i < docs.length; i++) {
          int doc = docs[i] - leaf.docBase;
          if (doc >= 0 && postings.docID() < doc) {
            postings.advance(doc);
          }
          if (postings.docID() == doc) {
            present.computeIfAbsent(docs[i], d -> new HashSet<>()).add(term);
          }
        }
      }
    }
    return present;
  }

  /// Terms only, so that nothing in a question is syntax.
  private static Query query(Question question, Optional<String> characterId) {
    BooleanQuery.Builder query = new BooleanQuery.Builder();
    Set<String> strong = new HashSet<>(question.lone());
    strong.addAll(question.pairs());
    Set<String> all = new HashSet<>(question.terms());
    all.addAll(strong);
    for (String term : all) {
      float boost = strong.contains(term) ? 1f : 0.25f;
      query.add(new BoostQuery(new TermQuery(new Term("body", term)), boost), Occur.SHOULD);
      query.add(new BoostQuery(new TermQuery(new Term("head", term)), boost), Occur.SHOULD);
    }
    BooleanQuery.Builder forCharacter = new BooleanQuery.Builder();
    forCharacter.add(new TermQuery(new Term(FOR_ALL, "")), Occur.SHOULD);
    characterId.ifPresent(
        id -> forCharacter.add(new TermQuery(new Term(CHARACTER, id)), Occur.SHOULD));
    return query.setMinimumNumberShouldMatch(1).add(forCharacter.build(), Occur.FILTER).build();
  }

  private static double rarity(IndexSearcher searcher, String term) throws IOException {
    double passages = searcher.getIndexReader().numDocs();
    double with = Math.min(passages, searcher.getIndexReader().docFreq(new Term("body", term)));
    return Math.log(1 + (passages - with + 0.5) / (with + 0.5));
  }

  private <T> T withSearcher(Search<T> search) {
    try {
      IndexSearcher searcher = searchers.acquire();
      try {
        return search.on(searcher);
      } finally {
        searchers.release(searcher);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @FunctionalInterface
  private interface Search<T> {
    T on(IndexSearcher searcher) throws IOException;
  }

  @Override
  public void close() {
    try (directory;
        analyzer;
        writer;
        searchers) {
      // closed in reverse order
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
