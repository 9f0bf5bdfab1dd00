package chat.magpie.sql;

import chat.magpie.kernel.Secret;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Where a PostgreSQL, MySQL or MariaDB database is and how to log in.
///
/// @param place `host:port/name`, for messages
/// @param options what the query of the address said, user and password taken out
record DatabaseAddress(
    Database.Dialect dialect,
    String place,
    String user,
    Secret password,
    Map<String, String> options) {
  private static final String FORM =
      "expected postgresql://user:password@host:port/name, mysql://…, mariadb://… or the jdbc: form"
          + " of one";
  private static final Set<String> POSTGRES = Set.of("postgresql", "postgres");
  private static final Set<String> MARIADB = Set.of("mysql", "mariadb");

  /// Reads the address. The message of the [IllegalArgumentException] never holds a part of it that
  /// could be the password.
  static DatabaseAddress parse(Secret url) {
    String text = url.reveal().strip();
    if (text.regionMatches(true, 0, "jdbc:", 0, 5)) {
      text = text.substring(5);
    }
    int colon = text.indexOf("://");
    if (colon < 1) {
      throw unreadable(FORM);
    }
    Database.Dialect dialect = dialect(text.substring(0, colon));
    String rest = text.substring(colon + 3);
    int question = rest.indexOf('?');
    Map<String, String> options = options(question < 0 ? "" : rest.substring(question + 1));
    String path = question < 0 ? rest : rest.substring(0, question);
    int at = path.lastIndexOf('@');
    String login = at < 0 ? "" : path.substring(0, at);
    String place = path.substring(at + 1);
    int slash = place.indexOf('/');
    if (slash < 1 || slash == place.length() - 1) {
      throw unreadable("host and database name are needed; " + FORM);
    }
    checkPort(place.substring(0, slash));
    int separator = login.indexOf(':');
    String user = decode(separator < 0 ? login : login.substring(0, separator));
    String password = separator < 0 ? "" : decode(login.substring(separator + 1));
    @Nullable String optionUser = options.remove("user");
    @Nullable String optionPassword = options.remove("password");
    return new DatabaseAddress(
        dialect,
        place,
        user.isEmpty() && optionUser != null ? optionUser : user,
        new Secret(password.isEmpty() && optionPassword != null ? optionPassword : password),
        Map.copyOf(options));
  }

  /// The address for the driver, without the login.
  String jdbcUrl() {
    return switch (dialect) {
      case POSTGRES -> "jdbc:postgresql://" + place;
      case MARIADB -> "jdbc:mariadb://" + place;
      case SQLITE -> throw new IllegalStateException("SQLite has no address");
    };
  }

  /// A SQLAlchemy driver name after a `+`, as older services have it, is passed over.
  private static Database.Dialect dialect(String scheme) {
    int plus = scheme.indexOf('+');
    String name = (plus < 0 ? scheme : scheme.substring(0, plus)).toLowerCase(Locale.ROOT);
    if (POSTGRES.contains(name)) {
      return Database.Dialect.POSTGRES;
    }
    if (MARIADB.contains(name)) {
      return Database.Dialect.MARIADB;
    }
    throw unreadable("it must begin with postgresql://, mysql:// or mariadb://; " + FORM);
  }

  private static void checkPort(String authority) {
    int bracket = authority.indexOf(']');
    int colon = authority.indexOf(':', Math.max(bracket, 0));
    String port = colon < 0 ? "1" : authority.substring(colon + 1);
    if (colon == 0 || !port.matches("[0-9]{1,5}") || Integer.parseInt(port) > 65535) {
      throw unreadable(
          "the port is not a number; percent-encode @ : / ? # % in the password; " + FORM);
    }
  }

  private static Map<String, String> options(String query) {
    Map<String, String> options = new LinkedHashMap<>();
    for (String pair : query.split("&", -1)) {
      int equals = pair.indexOf('=');
      if (equals > 0) {
        options.put(decode(pair.substring(0, equals)), decode(pair.substring(equals + 1)));
      }
    }
    return options;
  }

  private static String decode(String part) {
    try {
      return URLDecoder.decode(part.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw unreadable("a % must be written as %25");
    }
  }

  private static IllegalArgumentException unreadable(String why) {
    return new IllegalArgumentException("magpie.database.url cannot be read: " + why);
  }
}
