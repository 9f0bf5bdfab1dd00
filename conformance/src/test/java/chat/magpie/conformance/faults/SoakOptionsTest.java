package chat.magpie.conformance.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import chat.magpie.conformance.faults.Deployment.Sql;
import chat.magpie.conformance.faults.SoakOptions.Misuse;
import chat.magpie.conformance.faults.SoakOptions.Topology;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SoakOptionsTest {
  @Test
  void withoutOptionsItStrikesThreeThousandRepliesInEveryWayThatOneRedisAllows() {
    SoakOptions options = SoakOptions.parse();
    assertThat(options.sql()).isEqualTo(Sql.POSTGRES);
    assertThat(options.redis()).isEqualTo(Topology.AOF);
    assertThat(options.generations()).isEqualTo(3_000);
    assertThat(options.faults()).isZero();
    assertThat(options.duration()).isEqualTo(Duration.ofMinutes(40));
    assertThat(options.only())
        .contains(FaultKind.NODE_PAUSED_LONG, FaultKind.REDIS_FULL)
        .doesNotContain(FaultKind.REDIS_MASTER_KILLED);
    assertThat(options.write()).isFalse();
  }

  @Test
  void everythingMayBeSaid() {
    SoakOptions options =
        SoakOptions.parse(
            "--seed 7 --duration 90s --users 3 --sql mariadb --redis cluster --faults 50 --write"
                .concat(" --only node_killed,redis_master_paused")
                .split(" ", -1));
    assertThat(options)
        .isEqualTo(
            new SoakOptions(
                7,
                Duration.ofSeconds(90),
                0,
                3,
                Sql.MARIADB,
                Topology.CLUSTER,
                java.util.EnumSet.of(FaultKind.NODE_KILLED, FaultKind.REDIS_MASTER_PAUSED),
                50,
                true));
    assertThat(SoakOptions.parse("--faults", "5", "--generations", "9").generations()).isEqualTo(9);
  }

  @Test
  void aRedisWithReplicasLosesMastersInsteadOfItsOnlyServer() {
    assertThat(SoakOptions.parse("--redis", "sentinel").only())
        .contains(FaultKind.REDIS_MASTER_KILLED, FaultKind.SQL_LINK_CUT)
        .doesNotContain(FaultKind.REDIS_KILLED, FaultKind.REDIS_LINK_SLOW);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          --sede 1                             | unknown option --sede
          7                                    | unknown option 7
          --seed                               | --seed needs a value
          --seed --write                       | --seed needs a value
          --seed -1                            | --seed needs a number from 0 on, not '-1'
          --users 0                            | --users needs a number from 1 on, not '0'
          --faults none                        | --faults needs a number from 1 on, not 'none'
          --faults 99999999999                 | --faults needs a number from 1 on, not '99999999999'
          --generations 0                      | --generations needs a number from 1 on, not '0'
          --duration long                      | --duration needs a time such as 90s, 40m or 2h, not 'long'
          --duration -5m                       | --duration needs a time such as 90s, 40m or 2h, not '-5m'
          --sql sqlite                         | --sql is one of postgres, mariadb, not 'sqlite'
          --redis AOF                          | --redis is one of aof, none, sentinel, cluster, not 'AOF'
          --only node_killed,                  | not ''
          --only meteorite                     | --only is one of node_killed, node_ended
          --only redis_master_killed           | --only redis_master_killed cannot happen with --redis aof
          --only redis_full --redis sentinel   | --only redis_full cannot happen with --redis sentinel
          """)
  void whatCannotBeMeantIsToldInOneLine(String line, String message) {
    String[] args = Stream.of(line.strip().split(" +", -1)).toArray(String[]::new);
    assertThatThrownBy(() -> SoakOptions.parse(args))
        .isInstanceOf(Misuse.class)
        .hasMessageContaining(message)
        .message()
        .doesNotContain("\n");
  }

  @Test
  void theHelpNamesEveryKind() {
    for (FaultKind kind : FaultKind.values()) {
      assertThat(SoakOptions.HELP).contains(kind.option());
    }
  }
}
