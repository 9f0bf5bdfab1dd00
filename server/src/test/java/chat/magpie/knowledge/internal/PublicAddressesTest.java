package chat.magpie.knowledge.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("C-09")
class PublicAddressesTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "0.0.0.0",
        "0.1.2.3",
        "10.1.2.3",
        "100.64.0.1",
        "100.127.255.255",
        "127.0.0.1",
        "127.1",
        "2130706433",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.1",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.1.1",
        "198.18.0.1",
        "198.19.255.255",
        "198.51.100.7",
        "203.0.113.9",
        "224.0.0.1",
        "239.255.255.255",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "fe80::1",
        "fc00::1",
        "fd12:3456::1",
        "ff02::1",
        "::ffff:10.0.0.1",
        "::ffff:127.0.0.1",
        "::10.0.0.1",
        "64:ff9b::10.0.0.1",
        "64:ff9b:1::1",
        "100::1",
        "2001::1",
        "2001:db8::1",
        "2002:0a00:0001::1",
        "2002:7f00:1::",
        "3fff::1",
        "fec0::1",
        "4000::1"
      })
  void whatIsNotOfThePublicInternetIsNot(String address) throws UnknownHostException {
    assertThat(PublicAddresses.test(InetAddress.getByName(address))).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1.1.1.1",
        "8.8.8.8",
        "9.255.255.255",
        "11.0.0.0",
        "100.63.255.255",
        "100.128.0.0",
        "172.15.255.255",
        "172.32.0.0",
        "192.167.255.255",
        "192.169.0.0",
        "198.17.255.255",
        "198.20.0.0",
        "223.255.255.255",
        "2606:4700::1111",
        "2a00:1450:4001:81b::200e",
        "::ffff:8.8.8.8",
        "2400:3200::1"
      })
  void whatIsGivenOutIs(String address) throws UnknownHostException {
    assertThat(PublicAddresses.test(InetAddress.getByName(address))).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "file:///etc/passwd",
        "ftp://example.com/a.md",
        "gopher://example.com",
        "//example.com",
        "http://",
        "http:///a",
        "http://user:secret@example.com/",
        "http://example.com:22/",
        "http://example.com:25/",
        "http://example.com:99999/",
        "http://example.com:0/",
        "http://exa mple.com/",
        "http://[::1",
        "javascript:alert(1)",
        "http://a_b\u0000.com/",
        "http://example.com/\r\nHost: internal"
      })
  void whatCannotBeFetchedIsSaidToBe(String url) {
    assertThatThrownBy(() -> WebFetch.check(url)).isInstanceOf(Unreadable.class);
  }

  @Test
  void anOrdinaryAddressIsTaken() throws Unreadable {
    assertThat(WebFetch.check(" https://example.com:8443/help/returns?lang=zh#top ").getHost())
        .isEqualTo("example.com");
  }
}
