package chat.magpie.api;

import io.quarkus.arc.Unremovable;
import io.quarkus.smallrye.openapi.runtime.OpenApiConstants;
import io.quarkus.smallrye.openapi.runtime.OpenApiDocumentService;
import io.smallrye.openapi.runtime.io.Format;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Alternative;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/// Serves the API's description as the build has stored it.
///
/// The framework would read and write it anew at every start, in both formats, for filters that run
/// at that time. There are none, so that the outcome would be the same document.
@Alternative
@Priority(1)
@Unremovable
@ApplicationScoped
public class StoredDescription extends OpenApiDocumentService {

  /// Keeps the framework from preparing documents; to be called before it starts.
  public static void skipPreparation() {
    // The framework looks for the stored document there and prepares nothing where there is none.
    OpenApiConstants.classLoader = ClassLoader.getPlatformClassLoader();
  }

  /// The document, read from the packaged server.
  @Override
  public byte[] getDocument(@Nullable String name, Format format) {
    String resource = OpenApiConstants.BASE_NAME + "." + format;
    try (@Nullable InputStream stored =
        StoredDescription.class.getClassLoader().getResourceAsStream(resource)) {
      if (stored == null) {
        throw new IllegalStateException("The build has stored no " + resource);
      }
      return stored.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
