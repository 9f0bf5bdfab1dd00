package chat.magpie.admin;

import chat.magpie.api.Fields;
import chat.magpie.kernel.ErrorCode;
import chat.magpie.kernel.MagpieException;
import chat.magpie.knowledge.Document;
import chat.magpie.knowledge.Documents;
import chat.magpie.knowledge.Faq;
import chat.magpie.knowledge.FaqEntry;
import chat.magpie.knowledge.ImportJob;
import chat.magpie.knowledge.Imports;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/// What the routes about documents take and give.
public final class KnowledgeViews {
  private KnowledgeViews() {}

  /// Ids without repetition; none where they are not given.
  static Optional<Set<String>> characters(@Nullable List<@Nullable String> ids) {
    if (ids == null) {
      return Optional.empty();
    }
    Set<String> given = new LinkedHashSet<>();
    for (@Nullable String id : ids) {
      given.add(Fields.required("character_ids", id));
    }
    return Optional.of(given);
  }

  /// A document.
  ///
  /// @param kind `document` or `faq`
  /// @param characterIds the characters that answer from it; all of them if empty
  /// @param version the number of the version that counts
  public record DocumentView(
      String id,
      String kind,
      String title,
      @Nullable String language,
      List<String> characterIds,
      boolean enabled,
      long version,
      String contentHash,
      String source,
      String origin,
      String format,
      long bytes,
      String createdBy,
      Instant createdAt,
      Instant updatedAt) {
    static DocumentView of(Document document) {
      return new DocumentView(
          document.id(),
          document.faq() ? "faq" : "document",
          document.title(),
          document.language().orElse(null),
          document.characterIds().stream().sorted().toList(),
          document.enabled(),
          document.current().number(),
          document.current().contentHash(),
          word(document.current().source()),
          document.current().origin(),
          document.current().format(),
          document.current().bytes(),
          document.createdBy(),
          document.createdAt(),
          document.updatedAt());
    }
  }

  /// A part of the list.
  public record DocumentList(List<DocumentView> items, @Nullable String nextCursor) {}

  /// A version.
  ///
  /// @param label how citations name it
  public record VersionView(
      long version,
      String label,
      String contentHash,
      String source,
      String origin,
      String format,
      long bytes,
      String createdBy,
      Instant createdAt) {
    static VersionView of(Document.Version version) {
      return new VersionView(
          version.number(),
          version.label(),
          version.contentHash(),
          word(version.source()),
          version.origin(),
          version.format(),
          version.bytes(),
          version.createdBy(),
          version.createdAt());
    }
  }

  /// All versions that are kept, newest first.
  public record VersionList(List<VersionView> items) {}

  /// What a version says.
  ///
  /// @param text Markdown
  /// @param entries questions with their answers, where it has such
  public record TextView(
      String id, String title, VersionView version, String text, List<FaqView> entries) {
    static TextView of(Documents.Content content) {
      return new TextView(
          content.document().id(),
          content.document().title(),
          VersionView.of(content.version()),
          content.text(),
          content.entries().stream().map(FaqView::of).toList());
    }
  }

  /// An answer with the questions it is for.
  public record FaqView(List<String> questions, String answer) {
    static FaqView of(Faq faq) {
      return new FaqView(faq.questions(), faq.answer());
    }
  }

  /// What shall be different.
  ///
  /// @param version the number of the version that shall count
  @Schema(examples = "{\"version\": 1, \"enabled\": true}")
  public record DocumentChange(
      @Nullable String title,
      @Nullable Boolean enabled,
      @Nullable List<@Nullable String> characterIds,
      @Nullable Long version) {
    Documents.Change change() {
      return new Documents.Change(
          Optional.ofNullable(title),
          Optional.ofNullable(enabled),
          characters(characterIds),
          Optional.ofNullable(version));
    }
  }

  /// A document to be fetched.
  ///
  /// @param id of the document that it becomes, also in place of one that is there
  @Schema(
      examples =
          "{\"url\": \"https://shop.example.com/help/returns\", \"id\": \"returns\", \"language\": \"en\"}")
  public record UrlRequest(
      @Nullable String url,
      @Nullable String id,
      @Nullable String title,
      @Nullable String language,
      @Nullable List<@Nullable String> characterIds,
      @Nullable Boolean enabled) {
    Imports.Order order() {
      return new Imports.Order(
          Optional.ofNullable(id),
          "",
          Optional.empty(),
          Optional.ofNullable(title),
          Optional.ofNullable(language),
          characters(characterIds),
          Optional.ofNullable(enabled));
    }
  }

  /// Entries to be written.
  @Schema(
      examples =
          "{\"entries\": [{\"id\": \"shipping\", \"language\": \"zh\", \"questions\": [\"多久发货？\", \"什么时候发货\"],"
              + " \"answer\": \"当天 16:00 前付款的当天发出。\"}]}")
  public record FaqRequest(@Nullable List<@Nullable FaqEntryRequest> entries) {
    List<FaqEntry> all() {
      List<FaqEntry> all = new ArrayList<>();
      for (@Nullable FaqEntryRequest entry : Fields.required("entries", entries)) {
        FaqEntryRequest given = Fields.required("entries", entry);
        all.add(given.entry(Fields.required("id", given.id())));
      }
      return all;
    }
  }

  /// An entry to be written.
  ///
  /// @param id not looked at where the path has it
  /// @param questions phrasings of the question, the best one first
  @Schema(
      examples =
          "{\"id\": \"shipping\", \"language\": \"zh\", \"questions\": [\"多久发货？\", \"什么时候发货\"],"
              + " \"answer\": \"当天 16:00 前付款的当天发出。\"}")
  public record FaqEntryRequest(
      @Nullable String id,
      @Nullable String language,
      @Nullable List<@Nullable String> questions,
      @Nullable String answer,
      @Nullable List<@Nullable String> characterIds) {
    FaqEntry entry(String entryId) {
      List<String> asked = new ArrayList<>();
      for (@Nullable String question : Fields.required("questions", questions)) {
        asked.add(Fields.required("questions", question));
      }
      return new FaqEntry(
          entryId,
          Optional.ofNullable(language),
          asked,
          Fields.required("answer", answer),
          characters(characterIds).orElse(Set.of()));
    }
  }

  /// An entry.
  public record FaqEntryView(
      String id,
      @Nullable String language,
      List<String> questions,
      String answer,
      List<String> characterIds,
      boolean enabled,
      long version,
      Instant updatedAt) {
    static FaqEntryView of(Documents.Content content) {
      Document document = content.document();
      if (!document.faq() || content.entries().isEmpty()) {
        throw new MagpieException(ErrorCode.NOT_FOUND, "There is no entry with this id.");
      }
      return new FaqEntryView(
          document.id(),
          document.language().orElse(null),
          content.entries().getFirst().questions(),
          content.entries().getFirst().answer(),
          document.characterIds().stream().sorted().toList(),
          document.enabled(),
          content.version().number(),
          document.updatedAt());
    }
  }

  /// What became of entries.
  public record WrittenView(int created, int changed, int unchanged) {}

  /// A document on its way in.
  ///
  /// @param failure why it failed
  /// @param version the number of the version that it has become
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record JobView(
      String id,
      String documentId,
      String source,
      String origin,
      String status,
      String stage,
      long done,
      long total,
      @Nullable String failure,
      @Nullable Long version,
      String createdBy,
      Instant createdAt,
      Instant updatedAt) {
    static JobView of(ImportJob job) {
      return new JobView(
          job.id(),
          job.documentId(),
          word(job.source()),
          job.origin(),
          word(job.status()),
          word(job.stage()),
          job.done(),
          job.total(),
          job.failure().orElse(null),
          job.version().orElse(null),
          job.createdBy(),
          job.createdAt(),
          job.updatedAt());
    }
  }

  /// The newest jobs, newest first.
  public record JobList(List<JobView> items) {}

  private static String word(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }
}
