package chat.magpie.knowledge.internal;

import chat.magpie.knowledge.internal.Candidate.Meaning;
import chat.magpie.text.BilingualAnalyzer;
import chat.magpie.text.SoundAnalyzer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.ToDoubleFunction;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.miscellaneous.PerFieldAnalyzerWrapper;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.FieldType;
import org.apache.lucene.document.NumericDocValuesField;
import org.apache.lucene.document.StringField;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.DocValues;
import org.apache.lucene.index.IndexOptions;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.NumericDocValues;
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
import org.apache.lucene.search.TermQuery;
import org.apache.lucene.store.ByteBuffersDirectory;
import org.jspecify.annotations.Nullable;

/// The passages of one tenant in memory, found by Lucene and by their vectors: how rare a word is,
/// and with it every score, has nothing to do with what other tenants write. Any number of threads
/// write and search.
final class TenantIndex implements AutoCloseable {
  /// So many of the best by words, and as many of the best by meaning, are looked at closely.
  static final int CANDIDATES = 50;

  private static final String FOR_ALL = "for_all";
  private static final String CHARACTER = "character";
  private static final String ID = "id";
  private static final String NUMBER = "number";

  /// Among fewer passages than these it says little that a word is in none of them.
  private static final int FEW_PASSAGES = 20;

  private static final FieldType TERMS = field(IndexOptions.DOCS_AND_FREQS);
  private static final FieldType SOUNDS = field(IndexOptions.DOCS);

  private final Analyzer analyzer = new BilingualAnalyzer();
  private final ByteBuffersDirectory directory = new ByteBuffersDirectory();
  private final IndexWriter writer;
  private final Map<String, List<IndexedPassage>> documents = new HashMap<>();
  private int numbers;
  private volatile View view;

  /// What searches see: the words and the passages of one moment.
  private record View(
      DirectoryReader reader, IndexSearcher searcher, Map<Integer, IndexedPassage> passages) {}

  /// What may answer a question, in no order.
  ///
  /// @param unknown how much of the question is about what no passage mentions, 0 to 1; less the
  ///   fewer passages there are to mention it
  record Found(List<Candidate> candidates, double unknown) {
    static final Found NOTHING = new Found(List.of(), 0);
  }

  TenantIndex() {
    try {
      writer =
          new IndexWriter(
              directory,
              new IndexWriterConfig(
                      new PerFieldAnalyzerWrapper(
                          analyzer, Map.of(StandIns.SOUNDS, new SoundAnalyzer())))
                  .setRAMBufferSizeMB(8)
                  .setMergeScheduler(new SerialMergeScheduler()));
      view = view(DirectoryReader.open(writer), Map.of());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static FieldType field(IndexOptions options) {
    FieldType field = new FieldType();
    field.setIndexOptions(options);
    field.setTokenized(true);
    field.setOmitNorms(options == IndexOptions.DOCS);
    field.freeze();
    return field;
  }

  private static View view(DirectoryReader reader, Map<Integer, IndexedPassage> passages) {
    IndexSearcher searcher = new IndexSearcher(reader);
    searcher.setQueryCache(null);
    return new View(reader, searcher, passages);
  }

  /// Puts a document in, in place of what it was before; its passages are returned.
  synchronized List<IndexedPassage> put(IndexedDocument document) {
    List<IndexedPassage> passages = new ArrayList<>(document.content().pieces().size());
    List<Document> written = new ArrayList<>(document.content().pieces().size());
    for (Splitter.Piece piece : document.content().pieces()) {
      IndexedPassage passage = new IndexedPassage(numbers++, document, piece);
      passages.add(passage);
      written.add(written(passage));
    }
    try {
      writer.updateDocuments(new Term(ID, document.documentId()), written);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    documents.put(document.documentId(), passages);
    return passages;
  }

  private static Document written(IndexedPassage passage) {
    IndexedDocument document = passage.document();
    Document written = new Document();
    written.add(new StringField(ID, document.documentId(), Field.Store.NO));
    written.add(new NumericDocValuesField(NUMBER, passage.number()));
    written.add(new Field("head", passage.head(), TERMS));
    String all = passage.head() + "\n" + passage.text();
    written.add(new Field(StandIns.WORDS, all, TERMS));
    if (!passage.questions().isEmpty()) {
      // In long texts any two characters sound like some word.
      written.add(new Field(StandIns.SOUNDS, passage.head(), SOUNDS));
    }
    if (document.characterIds().isEmpty()) {
      written.add(new StringField(FOR_ALL, "", Field.Store.NO));
    }
    for (String characterId : document.characterIds()) {
      written.add(new StringField(CHARACTER, characterId, Field.Store.NO));
    }
    return written;
  }

  synchronized void remove(String documentId) {
    try {
      writer.deleteDocuments(new Term(ID, documentId));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    documents.remove(documentId);
  }

  synchronized void refresh() {
    try {
      View before = view;
      @Nullable DirectoryReader reader = DirectoryReader.openIfChanged(before.reader(), writer);
      if (reader == null) {
        return;
      }
      Map<Integer, IndexedPassage> passages = new HashMap<>();
      documents.values().forEach(all -> all.forEach(one -> passages.put(one.number(), one)));
      view = view(reader, passages);
      before.reader().decRef();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  int passages() {
    return view.passages().size();
  }

  /// The passages that searches see.
  Collection<IndexedPassage> seen() {
    return view.passages().values();
  }

  /// What may answer the question: the best by words and the best by meaning.
  Found candidates(Optional<String> characterId, String text, Meant meant) {
    Question question = Question.of(text, analyzer);
    if (question.isEmpty()) {
      return Found.NOTHING;
    }
    View seen = acquire();
    try {
      return candidates(seen, characterId, question, meant);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      release(seen);
    }
  }

  private View acquire() {
    View seen = view;
    while (!seen.reader().tryIncRef()) {
      seen = view;
    }
    return seen;
  }

  private static void release(View seen) {
    try {
      seen.reader().decRef();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Found candidates(
      View seen, Optional<String> characterId, Question question, Meant meant) throws IOException {
    IndexSearcher searcher = seen.searcher();
    StandIns standIns = StandIns.of(question, searcher.getIndexReader());
    Map<String, Double> rarities = new HashMap<>();
    ToDoubleFunction<String> rarity =
        term -> rarities.computeIfAbsent(term, one -> rarity(searcher, standIns.of(one)));
    ScoreDoc[] found =
        searcher.search(query(question, standIns, characterId), CANDIDATES).scoreDocs;
    Map<Integer, Set<String>> present = present(searcher, question, standIns, found);
    Map<IndexedPassage, Candidate> candidates = new HashMap<>();
    for (ScoreDoc doc : found) {
      IndexedPassage passage = seen.passages().get(number(searcher, doc.doc));
      if (passage != null) {
        double coverage =
            question.coverage(present.getOrDefault(doc.doc, Set.of()), standIns::worth, rarity);
        candidates.put(
            passage, new Candidate(passage, doc.score, coverage, meaning(passage, meant)));
      }
    }
    if (!meant.vectors().isEmpty()) {
      for (IndexedPassage passage : nearest(seen, characterId, meant.vectors())) {
        candidates.computeIfAbsent(
            passage, near -> new Candidate(near, 0, 0, meaning(near, meant)));
      }
    }
    double passages = searcher.getIndexReader().numDocs();
    return new Found(
        List.copyOf(candidates.values()),
        question.unknown(standIns::known, rarity) * passages / (passages + FEW_PASSAGES));
  }

  private static Meaning meaning(IndexedPassage passage, Meant question) {
    IndexedPassage.Vectors vectors = passage.vectors();
    for (Map.Entry<String, CompactVector> one : question.vectors().entrySet()) {
      List<CompactVector> said = vectors.said().getOrDefault(one.getKey(), List.of());
      if (!said.isEmpty()) {
        double first = 0;
        double second = 0;
        for (CompactVector asked : vectors.questions().getOrDefault(one.getKey(), List.of())) {
          double cosine = asked.cosine(one.getValue());
          second = Math.max(second, Math.min(first, cosine));
          first = Math.max(first, cosine);
        }
        return new Meaning.Known(
            first,
            second == 0 ? first : (first + second) / 2,
            said.getFirst().cosine(one.getValue()),
            said.getLast().cosine(one.getValue()),
            !one.getKey().equals(question.own()));
      }
    }
    return new Meaning.Unknown();
  }

  private static List<IndexedPassage> nearest(
      View seen, Optional<String> characterId, Map<String, CompactVector> meaning) {
    record Near(IndexedPassage passage, double similarity) {}
    PriorityQueue<Near> nearest =
        new PriorityQueue<>(
            CANDIDATES + 1, (one, other) -> Double.compare(one.similarity(), other.similarity()));
    Consumer<IndexedPassage> compare =
        passage -> {
          double similarity = nearness(passage.vectors(), meaning);
          if (similarity > 0
              && (nearest.size() < CANDIDATES || similarity > nearest.element().similarity())) {
            nearest.add(new Near(passage, similarity));
            if (nearest.size() > CANDIDATES) {
              nearest.remove();
            }
          }
        };
    for (IndexedPassage passage : seen.passages().values()) {
      if (passage.isFor(characterId)) {
        compare.accept(passage);
      }
    }
    return nearest.stream().map(Near::passage).toList();
  }

  private static double nearness(
      IndexedPassage.Vectors vectors, Map<String, CompactVector> question) {
    double best = 0;
    for (Map.Entry<String, CompactVector> one : question.entrySet()) {
      for (CompactVector vector : vectors.questions().getOrDefault(one.getKey(), List.of())) {
        best = Math.max(best, vector.cosine(one.getValue()));
      }
      for (CompactVector vector : vectors.said().getOrDefault(one.getKey(), List.of())) {
        best = Math.max(best, vector.cosine(one.getValue()));
      }
    }
    return best;
  }

  private static int number(IndexSearcher searcher, int doc) throws IOException {
    List<LeafReaderContext> leaves = searcher.getIndexReader().leaves();
    LeafReaderContext leaf = leaves.get(ReaderUtil.subIndex(doc, leaves));
    NumericDocValues numbers = DocValues.getNumeric(leaf.reader(), NUMBER);
    return numbers.advanceExact(doc - leaf.docBase) ? (int) numbers.longValue() : -1;
  }

  /// Which terms of the question, or their stand-ins, are in which of the documents.
  private static Map<Integer, Set<String>> present(
      IndexSearcher searcher, Question question, StandIns standIns, ScoreDoc[] found)
      throws IOException {
    int[] docs = Arrays.stream(found).mapToInt(doc -> doc.doc).sorted().toArray();
    Map<Integer, Set<String>> present = new HashMap<>();
    Set<String> terms = question.terms();
    terms.addAll(question.pairs());
    for (LeafReaderContext leaf : searcher.getIndexReader().leaves()) {
      for (String term : terms) {
        for (Term looked : standIns.of(term)) {
          PostingsEnum postings = leaf.reader().postings(looked, PostingsEnum.NONE);
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
    }
    return present;
  }

  /// Terms only, so that nothing in a question is syntax.
  private static Query query(Question question, StandIns standIns, Optional<String> characterId) {
    BooleanQuery.Builder query = new BooleanQuery.Builder();
    Set<String> strong = new HashSet<>(question.lone());
    strong.addAll(question.pairs());
    Set<String> all = new HashSet<>(question.terms());
    all.addAll(strong);
    for (String term : all) {
      List<Term> looked = standIns.of(term);
      double weight = standIns.worth(term) / Math.sqrt(looked.size());
      float boost = (float) (strong.contains(term) ? weight : 0.25 * weight);
      for (Term one : looked) {
        query.add(new BoostQuery(new TermQuery(one), boost), Occur.SHOULD);
        if (one.field().equals(StandIns.WORDS)) {
          query.add(
              new BoostQuery(new TermQuery(new Term("head", one.bytes())), boost), Occur.SHOULD);
        }
      }
    }
    BooleanQuery.Builder forCharacter = new BooleanQuery.Builder();
    forCharacter.add(new TermQuery(new Term(FOR_ALL, "")), Occur.SHOULD);
    characterId.ifPresent(
        id -> forCharacter.add(new TermQuery(new Term(CHARACTER, id)), Occur.SHOULD));
    return query.setMinimumNumberShouldMatch(1).add(forCharacter.build(), Occur.FILTER).build();
  }

  private static double rarity(IndexSearcher searcher, List<Term> terms) {
    try {
      int there = searcher.getIndexReader().numDocs();
      double passages = Math.max(FEW_PASSAGES, there);
      double with = passages;
      for (Term term : terms) {
        with = Math.min(with, searcher.getIndexReader().docFreq(term));
      }
      with = there < FEW_PASSAGES ? Math.max(1, with) : with;
      return Math.log(1 + (passages - with + 0.5) / (with + 0.5));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public synchronized void close() {
    try (directory;
        analyzer;
        writer) {
      view.reader().decRef();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
