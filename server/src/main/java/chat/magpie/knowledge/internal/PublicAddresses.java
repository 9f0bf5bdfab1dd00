package chat.magpie.knowledge.internal;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;

/// Which addresses are of the public internet: everything that IANA lists for special purposes is
/// not, whatever form it comes in.
final class PublicAddresses {
  private static final String[] CLOSED_4 = {
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.31.196.0/24",
    "192.52.193.0/24",
    "192.88.99.0/24",
    "192.168.0.0/16",
    "192.175.48.0/24",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/3"
  };

  private PublicAddresses() {}

  static boolean test(InetAddress address) {
    return switch (address) {
      case Inet4Address four -> isPublic(four.getAddress());
      case Inet6Address six -> isPublic6(six.getAddress());
      default -> false;
    };
  }

  private static boolean isPublic(byte[] four) {
    int bits = bits(four, 0);
    for (String network : CLOSED_4) {
      int slash = network.indexOf('/');
      int length = Integer.parseInt(network.substring(slash + 1));
      int mask = length == 0 ? 0 : -1 << (32 - length);
      if ((bits & mask) == (number(network.substring(0, slash)) & mask)) {
        return false;
      }
    }
    return true;
  }

  /// Only what is given out to somebody (2000::/3), and of that nothing that is for protocols,
  /// examples, or stands for an address of the other kind (Teredo, 6to4). So mapped addresses and
  /// translated ones (64:ff9b::/96) are none, nor local ones.
  private static boolean isPublic6(byte[] six) {
    int high = bits(six, 0);
    boolean given = (high >>> 29) == 1;
    boolean protocols = (high >>> 9) == 0x20010000 >>> 9;
    boolean example = high == 0x20010DB8 || (high >>> 12) == 0x3FFF0000 >>> 12;
    boolean sixToFour = (high >>> 16) == 0x2002;
    return given && !protocols && !example && !sixToFour;
  }

  private static int bits(byte[] bytes, int from) {
    int bits = 0;
    for (int i = from; i < from + 4; i++) {
      bits = bits << 8 | (bytes[i] & 0xFF);
    }
    return bits;
  }

  private static int number(String dotted) {
    int number = 0;
    for (String part : dotted.split("\\.", -1)) {
      number = number << 8 | Integer.parseInt(part);
    }
    return number;
  }
}
