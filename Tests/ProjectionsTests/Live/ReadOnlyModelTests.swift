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

  /// Opens the tables of a projection to look at, if there are any, for a while.
  private func looking(
    at projection: some Projection, _ fixture: EngineFixture, _ body: (ReadOnlyModel?) async throws -> Void
  ) async throws {
    try await fixture.withReadModels(.reading) { models in
      try await fixture.withLoop { loop in
        let model = try await models.openForReading(projection, on: loop)
        do { try await body(model) } catch {
          try await model?.close()
          throw error
        }
        try await model?.close()
      }
    }
  }

  @Test("beside the one who writes, each read sees what is committed", arguments: StoreKind.allCases)
  func beside(_ kind: StoreKind) async throws {
    let fixture = try EngineFixture(kind)
    try await looking(at: fixture.domain, fixture) { none in #expect(none == nil) }
    try await fixture.withAccounts { accounts, _ in
      try await accounts.submit(.open("a", balance: 5))
      try await looking(at: fixture.domain, fixture) { opened in
        let model = try #require(opened)
        #expect(try await balances(model) == [5])
        try await accounts.submit(.open("b", balance: 7))
        #expect(try await balances(model) == [5, 7])
        #expect(try await model.position(in: PartitionID(fixture.topic, 0)).value == 2)
      }
    }
    try await looking(at: fixture.domain, fixture) { opened in
      let model = try #require(opened)
      #expect(try await balances(model) == [5, 7])
    }
  }

  @Test("nothing can be written", arguments: StoreKind.allCases)
  func readOnly(_ kind: StoreKind) async throws {
    let fixture = try EngineFixture(kind)
    try await fixture.withAccounts { accounts, _ in try await accounts.submit(.open("a", balance: 5)) }
    try await looking(at: fixture.domain, fixture) { opened in
      let model = try #require(opened)
      await #expect(throws: EngineError.self) {
        try await model.read { tables throws(DatabaseError) in
          try await tables.hasRow("DELETE FROM accounts RETURNING account")
        }
      }
      #expect(try await balances(model) == [5])
    }
  }

  @Test("tables that the program would still have to change are not read", arguments: StoreKind.allCases)
  func older(_ kind: StoreKind) async throws {
    /// The accounts of a later program.
    struct Later: Projection {
      typealias Event = AccountEvent
      let name: ProjectionName = "accounts"
      let version = 1
      let topic: TopicName
      let schema: Schema

      func apply(_ event: AccountEvent, at place: EventPlace, to tables: TableWriter) throws(DatabaseError) {}
    }
    let fixture = try EngineFixture(kind)
    try await fixture.withAccounts { _, _ in }
    let later = Later(
      topic: fixture.topic,
      schema: Schema(
        "accounts",
        fixture.domain.schema.migrations + [Migration(2, "more", "CREATE TABLE more (a INTEGER PRIMARY KEY)")]
      ))
    await #expect(throws: EngineError.migration(.older(owner: "accounts", store: 1, program: 2))) {
      try await looking(at: later, fixture) { _ in }
    }
  }
}
