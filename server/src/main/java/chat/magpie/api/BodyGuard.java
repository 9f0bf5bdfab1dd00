package chat.magpie.api;

import chat.magpie.kernel.ErrorCode;
import chat.magpie.kernel.MagpieException;
import jakarta.inject.Inject;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.ext.Provider;
import jakarta.ws.rs.ext.ReaderInterceptor;
import jakarta.ws.rs.ext.ReaderInterceptorContext;
import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/// Reads a request body whole, up to the configured size, and lets only text through that
/// [StrictText] accepts. A missing body is refused here, so that resources never see null. Files
/// are neither read here nor looked at.
@Provider
public final class BodyGuard implements ReaderInterceptor {
  private final ApiConfig config;

  @Inject
  BodyGuard(ApiConfig config) {
    this.config = config;
  }

  @Override
  public Object aroundReadFrom(ReaderInterceptorContext context) throws IOException {
    if (context.getType() == InputStream.class) {
      // a file: whoever takes it measures it as it comes
      context.setInputStream(new Coming(context.getInputStream()));
      return context.proceed();
    }
    int limit = (int) Math.min(config.maxBodyBytes(), Integer.MAX_VALUE - 16);
    byte[] body = read(context, limit + 1);
    if (body.length > limit) {
      throw new MagpieException(
          ErrorCode.TOO_LARGE, "The body may have " + config.maxBodyBytes() + " bytes at most.");
    }
    if (body.length == 0) {
      throw new MagpieException(ErrorCode.BAD_REQUEST, "The request needs a body.");
    }
    MediaType type = context.getMediaType();
    if (type == null || type.getSubtype().endsWith("json")) {
      StrictText.checkJson(body);
    }
    context.setInputStream(new ByteArrayInputStream(body));
    Object read = context.proceed();
    if (read == null) {
      throw new MagpieException(ErrorCode.BAD_REQUEST, "The body must not be null.");
    }
    return read;
  }

  private static byte[] read(ReaderInterceptorContext context, int most) throws CallerGone {
    try {
      return context.getInputStream().readNBytes(most);
    } catch (IOException e) {
      throw new CallerGone(e);
    }
  }

  /// A body that is read as it comes.
  private static final class Coming extends FilterInputStream {
    Coming(InputStream in) {
      super(in);
    }

    @Override
    public int read() throws CallerGone {
      try {
        return super.read();
      } catch (IOException e) {
        throw new CallerGone(e);
      }
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws CallerGone {
      try {
        return super.read(bytes, offset, length);
      } catch (IOException e) {
        throw new CallerGone(e);
      }
    }
  }
}
