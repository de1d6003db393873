// Tables looked at from outside of the process that writes them.

import AccountsDomain
import Database
import Log
import Testing

@testable import Projections

@Suite("Read models opened for reading") struct ReadOnlyModelTests {
  private func balances(_ model: ReadOnlyModel) async throws -> [Int64] {
    try await model.read { tables throws(DatabaseError) in
      try await tables.rows("SELECT balance FROM accounts ORDER BY account") { row throws(DatabaseError) in
        try row.take(Int64.self)
      }
    }
  }

  @Test("beside the one who writes, each read sees what is committed")
  func beside() async throws {
    let fixture = try EngineFixture()
    #expect(try await fixture.directory.openForReading(fixture.domain, pool: fixture.pool) == nil)
    try await fixture.withAccounts { accounts, _ in
      try await accounts.submit(.open("a", balance: 5))
      let opened = try await fixture.directory.openForReading(fixture.domain, pool: fixture.pool)
      let model = try #require(opened)
      #expect(try await balances(model) == [5])
      try await accounts.submit(.open("b", balance: 7))
      #expect(try await balances(model) == [5, 7])
      #expect(try await model.position(in: PartitionID(fixture.topic, 0)).value == 2)
      try await model.close()
    }
    let after = try await fixture.directory.openForReading(fixture.domain, pool: fixture.pool)
    let model = try #require(after)
    #expect(try await balances(model) == [5, 7])
    try await model.close()
  }

  @Test("nothing can be written")
  func readOnly() async throws {
    let fixture = try EngineFixture()
    try await fixture.withAccounts { accounts, _ in try await accounts.submit(.open("a", balance: 5)) }
    let opened = try await fixture.directory.openForReading(fixture.domain, pool: fixture.pool)
    let model = try #require(opened)
    await #expect(throws: EngineError.self) {
      try await model.read { tables throws(DatabaseError) in
        try await tables.hasRow("DELETE FROM accounts RETURNING account")
      }
    }
    #expect(try await balances(model) == [5])
    try await model.close()
  }

  @Test("tables that the program would still have to change are not read")
  func older() async throws {
    /// The accounts of a later program.
    struct Later: Projection {
      typealias Event = AccountEvent
      let name: ProjectionName = "accounts"
      let version = 1
      let topic: TopicName
      let schema: Schema

      func apply(_ event: AccountEvent, at place: EventPlace, to tables: TableWriter) throws(DatabaseError) {}
    }
    let fixture = try EngineFixture()
    try await fixture.withAccounts { _, _ in }
    let later = Later(
      topic: fixture.topic,
      schema: Schema(
        "accounts",
        fixture.domain.schema.migrations + [Migration(2, "more", "CREATE TABLE more (a INTEGER PRIMARY KEY)")]
      ))
    await #expect(throws: EngineError.migration(.older(owner: "accounts", store: 1, program: 2))) {
      _ = try await fixture.directory.openForReading(later, pool: fixture.pool)
    }
  }
}
