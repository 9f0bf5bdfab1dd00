package chat.magpie.redis;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.async.RedisAsyncCommands;
import io.lettuce.core.cluster.models.partitions.ClusterPartitionParser;
import io.lettuce.core.cluster.models.partitions.RedisClusterNode;
import io.lettuce.core.codec.StringCodec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/// Which server of a Cluster has which slots, as one of its nodes sees it.
///
/// @param works whether that node takes the Cluster to be able to answer
/// @param epoch grows with every fail-over
/// @param nodes all there are, replicas included
/// @param slots of each master that has any
record ClusterLayout(
    boolean works, long epoch, List<Place> nodes, Map<Place, List<Integer>> slots) {
  /// Host and port.
  record Place(String host, int port) implements Comparable<Place> {
    private static final Comparator<Place> ORDER =
        Comparator.comparing(Place::host).thenComparingInt(Place::port);

    static Place of(RedisURI uri) {
      return new Place(uri.getHost(), uri.getPort());
    }

    /// With user, password and TLS of another address.
    RedisURI like(RedisURI seed) {
      return RedisURI.builder(seed).withHost(host).withPort(port).build();
    }

    @Override
    public int compareTo(Place other) {
      return ORDER.compare(this, other);
    }
  }

  /// The view of whoever knows of the latest fail-over among those that see a Cluster that works.
  static ClusterLayout latest(
      RedisClient client, Collection<Place> places, RedisURI seed, Duration timeout) {
    List<CompletableFuture<ClusterLayout>> asked = new ArrayList<>();
    for (Place place : places) {
      RedisURI uri = place.like(seed);
      uri.setTimeout(timeout);
      asked.add(
          RedisRound.ask(
              client.connectAsync(StringCodec.UTF8, uri),
              connection -> ask(connection.async(), place)));
    }
    return RedisRound.answers(asked, timeout).stream()
        .max(Comparator.comparing(ClusterLayout::works).thenComparingLong(ClusterLayout::epoch))
        .orElseThrow();
  }

  /// The view of one node.
  static CompletionStage<ClusterLayout> ask(RedisAsyncCommands<String, String> node, Place place) {
    return node.clusterInfo()
        .thenCombine(node.clusterNodes(), (info, nodes) -> parse(info, nodes, place));
  }

  private static ClusterLayout parse(String info, String text, Place asked) {
    boolean works = false;
    long epoch = 0;
    for (String line : info.lines().map(String::strip).toList()) {
      if (line.startsWith("cluster_state:")) {
        works = line.equals("cluster_state:ok");
      } else if (line.startsWith("cluster_current_epoch:")) {
        epoch = Long.parseLong(line.substring(line.indexOf(':') + 1));
      }
    }
    List<Place> nodes = new ArrayList<>();
    Map<Place, List<Integer>> slots = new TreeMap<>();
    for (RedisClusterNode node : ClusterPartitionParser.parse(text)) {
      if (node.is(RedisClusterNode.NodeFlag.NOADDR)) {
        continue;
      }
      // A node that has not been told its own address does not know it.
      Place place = Place.of(node.getUri());
      place = place.host() == null || place.host().isEmpty() ? asked : place;
      nodes.add(place);
      if (!node.getSlots().isEmpty()) {
        slots.put(place, List.copyOf(node.getSlots()));
      }
    }
    return new ClusterLayout(works, epoch, List.copyOf(nodes), slots);
  }
}
