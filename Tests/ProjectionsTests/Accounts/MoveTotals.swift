// A projection that only follows the accounts: what went out of each, in all.

import Bytes
import Database
import Log
import Projections

struct MoveTotals: Projection {
  typealias Event = AccountEvent

  let name: ProjectionName = "move_totals"
  var version = 1
  let topic: TopicName
  let schema = Schema(
    "move_totals",
    [
      Migration(
        1, "totals",
        """
        CREATE TABLE totals (source TEXT NOT NULL, cents INTEGER NOT NULL, PRIMARY KEY (source)) STRICT, WITHOUT ROWID
        """)
    ])

  func apply(_ event: AccountEvent, at place: EventPlace, to tables: TableWriter) throws(DatabaseError) {
    guard case .moved(let event) = event else { return }
    if event.cents == 13 { throw .inconsistent(reason: "thirteen cents bring bad luck") }
    try tables.write(
      """
      INSERT INTO totals (source, cents) VALUES (?1, ?2)
      ON CONFLICT (source) DO UPDATE SET cents = totals.cents + excluded.cents
      """, event.from, event.cents)
  }
}

extension FollowingService<MoveTotals> {
  /// The total of every account.
  func totals(atLeast position: PositionToken? = nil) async throws -> [String: Int64] {
    let rows = try await read(atLeast: position, timeout: .seconds(20)) { tables throws(DatabaseError) in
      try await tables.rows("SELECT source, cents FROM totals") { row throws(DatabaseError) in
        (try row.take(String.self), try row.take(Int64.self))
      }
    }
    return Dictionary(uniqueKeysWithValues: rows)
  }
}
