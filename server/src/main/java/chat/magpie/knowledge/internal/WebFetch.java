package chat.magpie.knowledge.internal;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.IDN;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ScheduledExecutorService;
import java.util.stream.Collectors;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;

/// Fetches a document from the public web, and from nowhere else: a name is resolved once, all its
/// addresses have to be public, and the connection goes to one of those very addresses. Each
/// redirect is checked like the first address. Nothing of ours is sent along: no cookies, no
/// credentials.
final class WebFetch {
  private static final int HOPS = 5;
  private static final int LINE = 8_192;
  private static final int HEADERS = 100;
  private static final int LONGEST = 2_000;

  private final Resolver resolver;
  private final Set<String> privateHosts;
  private final long maxBytes;
  private final Duration timeout;

  /// Finds the addresses of a host.
  @FunctionalInterface
  interface Resolver {
    InetAddress[] resolve(String host) throws UnknownHostException;
  }

  /// What was fetched.
  ///
  /// @param mediaType empty where the other side does not say
  record Fetched(URI from, String mediaType) {}

  /// @param privateHosts may be in private networks
  WebFetch(Resolver resolver, Optional<String> privateHosts, long maxBytes, Duration timeout) {
    this.resolver = resolver;
    this.privateHosts =
        Arrays.stream(privateHosts.orElse("").split(",", -1))
            .map(host -> host.strip().toLowerCase(Locale.ROOT))
            .filter(host -> !host.isEmpty())
            .collect(Collectors.toSet());
    this.maxBytes = maxBytes;
    this.timeout = timeout;
  }

  /// An address as it can be fetched; says what is wrong with it otherwise. Nothing is resolved.
  static URI check(String url) throws Unreadable {
    URI uri;
    try {
      uri = new URI(url.strip());
    } catch (URISyntaxException e) {
      throw new Unreadable("This is not an address.", e);
    }
    String scheme = String.valueOf(uri.getScheme()).toLowerCase(Locale.ROOT);
    if (url.length() > LONGEST || uri.getHost() == null) {
      throw new Unreadable("This is not an address that can be fetched.");
    }
    if (!scheme.equals("http") && !scheme.equals("https")) {
      throw new Unreadable("Only http and https addresses are fetched.");
    }
    if (uri.getRawUserInfo() != null) {
      throw new Unreadable("The address must not hold a user or password.");
    }
    int port = uri.getPort();
    if (port == 0 || port > 65_535 || (port > 0 && port < 1_024 && port != 80 && port != 443)) {
      throw new Unreadable("The address has a port that documents are not fetched from.");
    }
    return uri;
  }

  /// Writes what is at the address to the file.
  ///
  /// @param clock ends what takes too long
  Fetched fetch(String url, Path file, ScheduledExecutorService clock) throws Unreadable {
    long deadline = System.nanoTime() + timeout.toNanos();
    URI uri = check(url);
    for (int hop = 0; hop <= HOPS; hop++) {
      try (Socket socket = connect(uri, deadline)) {
        var end =
            clock.schedule(
                () -> close(socket),
                Math.max(0, deadline - System.nanoTime()),
                java.util.concurrent.TimeUnit.NANOSECONDS);
        try {
          ask(socket.getOutputStream(), uri);
          InputStream in = new BufferedInputStream(socket.getInputStream());
          Head head = Head.read(in);
          if (head.status() >= 300 && head.status() < 400 && head.has("location")) {
            uri = next(uri, head.get("location"));
            continue;
          }
          if (head.status() != 200) {
            throw new Unreadable("The address answers with status " + head.status() + ".");
          }
          save(in, head, file);
          return new Fetched(uri, head.get("content-type"));
        } finally {
          end.cancel(false);
        }
      } catch (IOException e) {
        throw System.nanoTime() >= deadline
            ? new Unreadable("Fetching it took longer than " + timeout.toSeconds() + " seconds.", e)
            : new Unreadable("It cannot be fetched: the connection failed.", e);
      }
    }
    throw new Unreadable("It is redirected more than " + HOPS + " times.");
  }

  private static URI next(URI from, String location) throws Unreadable {
    URI to;
    try {
      to = from.resolve(location.strip());
    } catch (IllegalArgumentException e) {
      throw new Unreadable("It is redirected to what is not an address.", e);
    }
    URI checked = check(to.toString());
    if (from.getScheme().equalsIgnoreCase("https") && !to.getScheme().equalsIgnoreCase("https")) {
      throw new Unreadable("It is redirected from https to http.");
    }
    return checked;
  }

  private Socket connect(URI uri, long deadline) throws Unreadable, IOException {
    String host = host(uri);
    boolean secure = uri.getScheme().equalsIgnoreCase("https");
    int port = uri.getPort() > 0 ? uri.getPort() : secure ? 443 : 80;
    int patience = (int) Math.max(1, (deadline - System.nanoTime()) / 1_000_000);
    InetAddress[] addresses = addresses(host);
    Socket socket = new Socket(java.net.Proxy.NO_PROXY);
    try {
      socket.setSoTimeout(patience);
      socket.connect(new InetSocketAddress(addresses[0], port), patience);
      if (!secure) {
        return socket;
      }
      SSLSocket over =
          (SSLSocket)
              ((SSLSocketFactory) SSLSocketFactory.getDefault())
                  .createSocket(socket, host, port, true);
      SSLParameters parameters = over.getSSLParameters();
      parameters.setEndpointIdentificationAlgorithm("HTTPS");
      over.setSSLParameters(parameters);
      over.startHandshake();
      return over;
    } catch (IOException | RuntimeException e) {
      socket.close();
      throw e;
    }
  }

  private InetAddress[] addresses(String host) throws Unreadable {
    InetAddress[] addresses;
    try {
      addresses = resolver.resolve(host);
    } catch (UnknownHostException e) {
      throw new Unreadable("There is no host " + host + ".", e);
    }
    if (addresses.length == 0) {
      throw new Unreadable("There is no host " + host + ".");
    }
    if (!privateHosts.contains(host) && !Arrays.stream(addresses).allMatch(PublicAddresses::test)) {
      throw new Unreadable(
          "The host "
              + host
              + " is not of the public web; see the setting knowledge.url_private_hosts.");
    }
    return addresses;
  }

  private static String host(URI uri) throws Unreadable {
    String host = uri.getHost();
    if (host == null) {
      throw new Unreadable("This is not an address that can be fetched.");
    }
    String bare = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    return bare.contains(":") ? bare : IDN.toASCII(bare).toLowerCase(Locale.ROOT);
  }

  private static void ask(OutputStream out, URI uri) throws IOException {
    String path = uri.getRawPath() == null || uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
    String query = uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery();
    String port = uri.getPort() > 0 ? ":" + uri.getPort() : "";
    String head =
        "GET "
            + URI.create(path + query).toASCIIString()
            + " HTTP/1.1\r\nHost: "
            + uri.getHost()
            + port
            + "\r\nUser-Agent: Magpie\r\nAccept: */*\r\nAccept-Encoding: identity\r\n"
            + "Connection: close\r\n\r\n";
    out.write(head.getBytes(StandardCharsets.US_ASCII));
    out.flush();
  }

  private void save(InputStream in, Head head, Path file) throws IOException, Unreadable {
    if (head.has("content-encoding") && !head.get("content-encoding").equals("identity")) {
      throw new Unreadable("It is sent in a packed form that was not asked for.");
    }
    long left = maxBytes;
    boolean chunked = head.get("transfer-encoding").toLowerCase(Locale.ROOT).endsWith("chunked");
    try (OutputStream out = Files.newOutputStream(file)) {
      if (chunked) {
        for (long size = chunk(in); size > 0; size = chunk(in)) {
          left -= copy(in, out, size, left);
          var _ = line(in);
        }
        return;
      }
      long length = head.length();
      long copied = copy(in, out, length < 0 ? Long.MAX_VALUE : length, left);
      if (length >= 0 && copied < length) {
        throw new IOException("broken off");
      }
    }
  }

  private long copy(InputStream in, OutputStream out, long size, long left)
      throws IOException, Unreadable {
    byte[] buffer = new byte[16_384];
    long copied = 0;
    while (copied < size) {
      int read = in.read(buffer, 0, (int) Math.min(buffer.length, size - copied));
      if (read < 0) {
        if (size != Long.MAX_VALUE) {
          throw new IOException("broken off");
        }
        return copied;
      }
      copied += read;
      if (copied > left) {
        throw new Unreadable("It is larger than " + maxBytes + " bytes.");
      }
      out.write(buffer, 0, read);
    }
    return copied;
  }

  private static long chunk(InputStream in) throws IOException {
    String line = line(in);
    int end = line.indexOf(';');
    try {
      long size = Long.parseLong((end < 0 ? line : line.substring(0, end)).strip(), 16);
      if (size >= 0) {
        return size;
      }
    } catch (NumberFormatException e) {
      // refused below
    }
    throw new IOException("no chunk");
  }

  private static String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0 || line.length() > LINE) {
        throw new IOException("no line");
      }
      line.append((char) c);
    }
    return line.toString().stripTrailing();
  }

  private static void close(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      System.getLogger(WebFetch.class.getName())
          .log(System.Logger.Level.DEBUG, "A connection did not close", e);
    }
  }

  /// The head of a response; names in lower case.
  private record Head(int status, Map<String, String> fields) {
    static Head read(InputStream in) throws IOException {
      List<String> first = List.of(line(in).split(" ", 3));
      if (first.size() < 2 || !first.getFirst().startsWith("HTTP/1.")) {
        throw new IOException("not HTTP");
      }
      Map<String, String> fields = new HashMap<>();
      for (String line = line(in); !line.isEmpty(); line = line(in)) {
        int colon = line.indexOf(':');
        if (colon > 0 && fields.size() < HEADERS) {
          fields.put(
              line.substring(0, colon).strip().toLowerCase(Locale.ROOT),
              line.substring(colon + 1).strip());
        }
      }
      try {
        return new Head(Integer.parseInt(first.get(1)), fields);
      } catch (NumberFormatException e) {
        throw new IOException("not HTTP", e);
      }
    }

    boolean has(String name) {
      return fields.containsKey(name);
    }

    String get(String name) {
      return fields.getOrDefault(name, "");
    }

    /// -1 where it is not said.
    long length() throws IOException {
      try {
        return has("content-length") ? Long.parseLong(get("content-length")) : -1;
      } catch (NumberFormatException e) {
        throw new IOException("no length", e);
      }
    }
  }
}
