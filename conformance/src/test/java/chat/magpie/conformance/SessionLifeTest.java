package chat.magpie.conformance;

import chat.magpie.conformance.faults.Deployment.Relay;
import chat.magpie.conformance.faults.Deployment.Shape;
import chat.magpie.conformance.faults.Deployment.Sql;

/// Two nodes on one MariaDB and one Redis.
class SessionLifeTest extends SessionLife {
  SessionLifeTest() {
    super(new Shape(Sql.MARIADB, Relay.VOLATILE, 2));
  }
}
