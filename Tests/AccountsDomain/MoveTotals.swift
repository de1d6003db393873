// A projection that only follows the accounts: what went out of each, in all.

public import Database
public import Log
public import Projections

/// What went out of each account of a topic. Stops at a movement of thirteen cents.
public struct MoveTotals: Projection {
  /// What happens to accounts.
  public typealias Event = AccountEvent

  /// `move_totals`.
  public let name: ProjectionName = "move_totals"
  /// The version of the tables.
  public var version = 1
  /// Where the events are.
  public let topic: TopicName
  /// The totals.
  public let schema = Schema(
    "move_totals",
    [
      Migration(
        1, "totals",
        """
        CREATE TABLE totals (source TEXT NOT NULL, cents INTEGER NOT NULL, PRIMARY KEY (source)) STRICT, WITHOUT ROWID
        """)
    ])

  /// What went out of the accounts whose events are in `topic`.
  public init(topic: TopicName) { self.topic = topic }

  /// Adds what was moved.
  public func apply(_ event: AccountEvent, at place: EventPlace, to tables: TableWriter) throws(DatabaseError)
  {
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
  public func totals(atLeast position: PositionToken? = nil) async throws -> [String: Int64] {
    let rows = try await read(atLeast: position, timeout: .seconds(20)) { tables throws(DatabaseError) in
      try await tables.rows("SELECT source, cents FROM totals") { row throws(DatabaseError) in
        (try row.take(String.self), try row.take(Int64.self))
      }
    }
    return Dictionary(uniqueKeysWithValues: rows)
  }
}
