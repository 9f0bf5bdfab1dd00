package chat.magpie.memory.internal;

import chat.magpie.conversation.Message;
import chat.magpie.kernel.MagpieException;
import chat.magpie.llm.Tokens;
import chat.magpie.memory.Compression;
import chat.magpie.memory.Digests;
import chat.magpie.memory.Earlier;
import chat.magpie.memory.MemoryConfig;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jboss.logging.Logger;

/// Digests of sentences that are picked from the conversation, or from what a model has made of a
/// part of it.
///
/// What was picked is compared with what is stored before it is given away: a sentence whose
/// message or summary has gone or changed since, on whichever node, is in no digest. The sentences
/// of the conversations that were used last are kept, a bounded number of them in all.
public final class ExcerptDigests implements Digests {
  private static final Logger LOG = Logger.getLogger(ExcerptDigests.class);
  private static final int PAGE = 200;

  /// Sentences that all conversations together keep.
  private static final int KEPT = 50_000;

  /// Blocks that are looked back for what has not been summed up.
  private static final int LOOK_BACK = 3;

  /// What a line takes beside its sentence: day and speaker.
  private static final int LINE_TOKENS = 8;

  private final StoredMessages messages;
  private final SqlSummaries summaries;
  private final Summarizer summarizer;
  private final MemoryConfig config;
  private final Tokens tokens;
  private final Map<String, Kept> kept = new LinkedHashMap<>(16, 0.75f, true);
  private final Set<String> growing = ConcurrentHashMap.newKeySet();
  private final Set<Thread> threads = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  public ExcerptDigests(
      StoredMessages messages,
      SqlSummaries summaries,
      Summarizer summarizer,
      MemoryConfig config,
      Tokens tokens) {
    this.messages = messages;
    this.summaries = summaries;
    this.summarizer = summarizer;
    this.config = config;
    this.tokens = tokens;
  }

  @Override
  public Earlier of(String tenantId, String conversationId, long beforeSeq) {
    if (config.compression() != Compression.SUMMARIZE || config.maxDigestTokens() == 0) {
      return Earlier.NONE;
    }
    extended(conversationId, beforeSeq - 1);
    return (seq, maxTokens, quoted) ->
        lines(conversationId, Math.min(seq, beforeSeq), maxTokens, quoted);
  }

  @Override
  public void grew(String tenantId, String conversationId, long seq) {
    if (closed
        || config.compression() != Compression.SUMMARIZE
        || config.maxDigestTokens() == 0
        || seq <= config.maxContextMessages()
        || !growing.add(conversationId)) {
      return;
    }
    Thread thread =
        Thread.ofVirtual()
            .name("digest-" + conversationId)
            .unstarted(() -> grow(conversationId, seq));
    threads.add(thread);
    thread.start();
  }

  private void grow(String conversationId, long seq) {
    try {
      long settled = extended(conversationId, seq);
      if (config.summaries() && settled > 0) {
        sumUp(conversationId, settled);
      }
    } catch (MagpieException e) {
      LOG.infof("A digest is not up to date: %s", e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // the node leaves; whoever is asked next makes it
    } finally {
      growing.remove(conversationId);
      threads.remove(Thread.currentThread());
    }
  }

  @Override
  public void forget(Collection<String> conversationIds) {
    synchronized (kept) {
      kept.keySet().removeAll(Set.copyOf(conversationIds));
    }
    summaries.forget(conversationIds);
  }

  @Override
  public void close() {
    closed = true;
    threads.forEach(Thread::interrupt);
  }

  /// Brings the conversation up to this message; returns the last one that is settled.
  private long extended(String conversationId, long throughSeq) {
    Kept entry = entry(conversationId);
    entry.lock.lock();
    try {
      Excerpts excerpts = entry.excerpts;
      long settled = excerpts.settledThrough();
      if (excerpts.loaded() == 0 && throughSeq > 0) {
        summaries.of(conversationId).forEach(excerpts::add);
      }
      while (excerpts.loaded() < throughSeq) {
        long after = excerpts.loaded();
        long to = Math.min(throughSeq, after + PAGE);
        messages.before(conversationId, to + 1, PAGE).stream()
            .filter(message -> message.seq() > after)
            .forEach(excerpts::add);
        if (excerpts.loaded() < to) {
          excerpts.pass(to); // of what is no more, nothing is known
        }
      }
      if (settled > 0 && excerpts.settledThrough() > settled) {
        summaries.of(conversationId).forEach(excerpts::add); // another node may have made some
      }
      entry.size = excerpts.size();
      return excerpts.settledThrough();
    } finally {
      entry.lock.unlock();
      shrink();
    }
  }

  private List<Earlier.Line> lines(
      String conversationId, long seq, int maxTokens, Set<Long> quoted) {
    List<Excerpt> picked = picked(conversationId, seq, maxTokens, quoted);
    List<Excerpt> stored = stored(conversationId, picked);
    if (stored.size() < picked.size()) {
      synchronized (kept) {
        kept.remove(conversationId);
      }
      extended(conversationId, seq - 1);
      stored = stored(conversationId, picked(conversationId, seq, maxTokens, quoted));
    }
    return stored.stream()
        .map(excerpt ->
            new Earlier.Line(
                excerpt.seq(), excerpt.at(), excerpt.said(), excerpt.speaker(), excerpt.text()))
        .toList();
  }

  private List<Excerpt> picked(String conversationId, long seq, int maxTokens, Set<Long> quoted) {
    Kept entry = entry(conversationId);
    List<Excerpt> candidates;
    entry.lock.lock();
    try {
      candidates =
          entry.excerpts.before(seq).stream()
              .filter(excerpt ->
                  excerpt.speaker().equals(Excerpt.SUMMARY) || !quoted.contains(excerpt.seq()))
              .toList();
    } finally {
      entry.lock.unlock();
    }
    return Selection.within(
        candidates, maxTokens, excerpt -> tokens.count(excerpt.text()) + LINE_TOKENS);
  }

  /// Those that still stand where they are from.
  private List<Excerpt> stored(String conversationId, List<Excerpt> picked) {
    Set<Long> seqs = new HashSet<>();
    boolean summed = false;
    for (Excerpt excerpt : picked) {
      if (excerpt.speaker().equals(Excerpt.SUMMARY)) {
        summed = true;
      } else {
        seqs.add(excerpt.seq());
      }
    }
    Map<Long, String> said = new HashMap<>();
    if (!seqs.isEmpty()) {
      for (Message message : messages.at(conversationId, seqs)) {
        said.put(message.seq(), message.content());
      }
    }
    Map<Long, String> made = new HashMap<>();
    if (summed) {
      summaries.of(conversationId).forEach(summary -> made.put(summary.fromSeq(), summary.text()));
    }
    List<Excerpt> stored = new ArrayList<>(picked.size());
    for (Excerpt excerpt : picked) {
      Map<Long, String> where = excerpt.speaker().equals(Excerpt.SUMMARY) ? made : said;
      if (where.getOrDefault(excerpt.seq(), "").contains(excerpt.text())) {
        stored.add(excerpt);
      }
    }
    return stored;
  }

  /// Has the oldest of the last few blocks summed up that is not: what a node that died or a model
  /// that failed has left is made up for, but no long past.
  private void sumUp(String conversationId, long settled) throws InterruptedException {
    long block = config.summaryMessages();
    if (closed || unsummed(conversationId, settled) == 0) {
      return;
    }
    List<Summary> made = summaries.of(conversationId); // other nodes make some, too
    made.forEach(summary -> use(conversationId, summary));
    long from = unsummed(conversationId, settled);
    if (from > 0) {
      summarizer
          .sumUp(conversationId, from, from + block - 1)
          .ifPresent(summary -> use(conversationId, summary));
    }
  }

  /// Where that block begins; 0 where there is none.
  private long unsummed(String conversationId, long settled) {
    Kept entry = entry(conversationId);
    long block = config.summaryMessages();
    entry.lock.lock();
    try {
      for (long from = Math.max(1, settled + 1 - LOOK_BACK * block);
          from < settled;
          from += block) {
        if (!entry.excerpts.sumsUp(from)) {
          return from;
        }
      }
      return 0;
    } finally {
      entry.lock.unlock();
    }
  }

  private void use(String conversationId, Summary summary) {
    Kept entry = entry(conversationId);
    entry.lock.lock();
    try {
      entry.excerpts.add(summary);
    } finally {
      entry.lock.unlock();
    }
  }

  private Kept entry(String conversationId) {
    synchronized (kept) {
      return kept.computeIfAbsent(
          conversationId,
          _ -> new Kept(new Excerpts(config.maxContextMessages(), config.summaryMessages())));
    }
  }

  private void shrink() {
    synchronized (kept) {
      long sentences = kept.values().stream().mapToLong(entry -> entry.size + 1L).sum();
      Iterator<Kept> eldest = kept.values().iterator();
      while (sentences > KEPT && kept.size() > 1) {
        sentences -= eldest.next().size + 1L;
        eldest.remove();
      }
    }
  }

  private static final class Kept {
    private final ReentrantLock lock = new ReentrantLock();
    private final Excerpts excerpts;
    private volatile int size;

    private Kept(Excerpts excerpts) {
      this.excerpts = excerpts;
    }
  }
}
