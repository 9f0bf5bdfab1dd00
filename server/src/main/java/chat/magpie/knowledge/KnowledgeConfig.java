package chat.magpie.knowledge;

import chat.magpie.kernel.Setting;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.Optional;

/// Where knowledge comes from.
public interface KnowledgeConfig {
  @Setting(
      "Folder of Markdown and text files that answers come from; `knowledge` in the data folder if absent.")
  Optional<String> folder();

  @Setting("How often the folder is looked through for changes.")
  @WithDefault("2s")
  Duration scanInterval();

  @Setting("Size of a file at most, in bytes; larger ones are refused.")
  @WithDefault("5000000")
  long maxFileBytes();

  @Setting("Whether the product's own documentation is part of the knowledge base.")
  @WithDefault("true")
  boolean ownDocuments();

  @Setting("Passages that reach a prompt at most.")
  @WithDefault("4")
  int promptPassages();
}
