package chat.magpie.sql;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import chat.magpie.kernel.Secret;
import com.code_intelligence.jazzer.junit.FuzzTest;

/// The address of a database as somebody has typed it.
class DatabaseAddressFuzzTest {
  private static final String PASSWORD = "geheim-4711";

  /// What cannot be read is said without the password; what can be read has a host and a name, and
  /// no password in what is shown or given to the driver.
  @FuzzTest
  void address(byte[] data) {
    String text = new String(data, UTF_8);
    try {
      DatabaseAddress.parse(new Secret(text));
    } catch (IllegalArgumentException e) {
      assertThat(e.getMessage()).startsWith("magpie.database.url cannot be read: ");
    }
    String name = text.replace("@", "");
    if (name.contains(PASSWORD)) {
      return;
    }
    try {
      DatabaseAddress read =
          DatabaseAddress.parse(new Secret("postgresql://user:" + PASSWORD + "@" + name));
      assertThat(read.password().reveal()).isEqualTo(PASSWORD);
      assertThat(read.user()).isEqualTo("user");
      assertThat(read.jdbcUrl() + read.options() + read.place()).doesNotContain(PASSWORD);
    } catch (IllegalArgumentException e) {
      assertThat(e.getMessage()).doesNotContain(PASSWORD);
    }
  }
}
