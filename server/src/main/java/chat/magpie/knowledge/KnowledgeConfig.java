package chat.magpie.knowledge;

import chat.magpie.kernel.Setting;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.Optional;

/// Where knowledge comes from.
public interface KnowledgeConfig {
  @Setting("Folder of documents that answers come from; `knowledge` in the data folder if absent.")
  Optional<String> folder();

  @Setting("How often the folder is looked through for changes.")
  @WithDefault("2s")
  Duration scanInterval();

  @Setting("Size of a file at most, in bytes; larger ones are refused.")
  @WithDefault("5000000")
  long maxFileBytes();

  @Setting(
      "When the product's own documentation is part of the default tenant's knowledge base. auto: as"
          + " long as there is nothing else in it.")
  @WithDefault("auto")
  OwnDocumentation ownDocuments();

  @Setting("Passages that reach a prompt at most.")
  @WithDefault("4")
  int promptPassages();

  @Setting("Size of an uploaded or fetched document at most, in bytes.")
  @WithDefault("20000000")
  long maxUploadBytes();

  @Setting("Size of a packed document (Word, Excel) at most once it is unpacked, in bytes.")
  @WithDefault("200000000")
  long maxUnpackedBytes();

  @Setting(value = "Pages of a PDF at most.", min = 1, max = 1_000_000)
  @WithDefault("5000")
  int maxPages();

  @Setting(value = "Characters of text that a document may hold.", min = 1_000, max = 100_000_000)
  @WithDefault("4000000")
  int maxTextCharacters();

  @Setting("How long reading one document may take.")
  @WithDefault("2m")
  Duration extractTimeout();

  @Setting(
      value = "Memory of the process that reads PDF, Word, Excel and HTML, in megabytes.",
      min = 64,
      max = 100_000)
  @WithDefault("256")
  int extractMegabytes();

  @Setting("How long fetching a document from its address may take.")
  @WithDefault("30s")
  Duration urlTimeout();

  @Setting(
      "Hosts of private networks that documents may be fetched from, with commas between them, such"
          + " as wiki.internal; all others have to be public.")
  Optional<String> urlPrivateHosts();

  @Setting(value = "Versions of a document that are kept.", min = 1, max = 10_000)
  @WithDefault("50")
  int versionsKept();

  @Setting("How long an import of a node that is gone waits before another one takes it.")
  @WithDefault("30s")
  Duration importLease();
}
