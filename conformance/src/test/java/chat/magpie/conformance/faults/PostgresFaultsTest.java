package chat.magpie.conformance.faults;

import chat.magpie.conformance.faults.Deployment.Sql;

/// On PostgreSQL.
class PostgresFaultsTest extends SqlFaults {
  PostgresFaultsTest() {
    super(Sql.POSTGRES);
  }
}
