// Projections that follow: they keep up, and an event that one of them cannot take stops that one alone, in the open.

import AccountsDomain
import Bytes
import Database
import Log
import Records
import Runtime
import Testing

@testable import Projections

@Suite("Following") struct FollowingTests {
  @Test(
    "a follower sees what was before it and what comes, and waits for a position",
    arguments: StoreKind.allCases)
  func follows(_ kind: StoreKind) async throws {
    let fixture = try EngineFixture(kind)
    try await fixture.withEngine { engine, _ in
      let accounts = try await engine.open(fixture.domain)
      try await accounts.submit(.open("a", balance: 100))
      try await accounts.submit(.open("b", balance: 0))
      let first = try await accounts.submit(.move(from: "a", to: "b", cents: 7))
      let totals = try await engine.follow(MoveTotals(topic: fixture.topic))
      #expect(try await totals.totals(atLeast: first.position) == ["a": 7])
      let second = try await accounts.submit(.move(from: "a", to: "b", cents: 5))
      #expect(try await totals.totals(atLeast: second.position) == ["a": 12])
    }
  }

  @Test("a position that does not come in time is an answer, and so is one of another topic")
  func tooEarly() async throws {
    let fixture = try EngineFixture()
    try await fixture.withEngine { engine, _ in
      let totals = try await engine.follow(MoveTotals(topic: fixture.topic))
      let ahead = PositionToken(PartitionID(fixture.topic, 0), next: 5)
      await #expect(throws: QueryError.tooEarly(ahead, reached: 0)) {
        try await totals.tables.read(atLeast: ahead, timeout: .milliseconds(1)) { _ throws(DatabaseError) in }
      }
      let foreign = PositionToken(PartitionID(try TopicName("other"), 0), next: 0)
      await #expect(throws: QueryError.foreignPosition(foreign)) {
        try await totals.tables.read(atLeast: foreign, timeout: .seconds(1)) { _ throws(DatabaseError) in }
      }
    }
  }

  @Test(
    "an event that apply refuses stops that projection at it, is kept as the reason, and can be passed over",
    arguments: StoreKind.allCases)
  func poisoned(_ kind: StoreKind) async throws {
    let fixture = try EngineFixture(kind)
    let partition = PartitionID(fixture.topic, 0)
    try await fixture.withEngine { engine, _ in
      let accounts = try await engine.open(fixture.domain)
      let totals = try await engine.follow(MoveTotals(topic: fixture.topic))
      try await accounts.submit(.open("a", balance: 100))
      try await accounts.submit(.open("b", balance: 0))
      for cents in [1, 13, 2] { try await accounts.submit(.move(from: "a", to: "b", cents: Int64(cents))) }
      while totals.setbacks.isEmpty { await Task.yield() }
      // Everything before the event is kept; the domain itself goes on.
      #expect(try await totals.totals() == ["a": 1])
      let failure = try #require(totals.stoppedAt(partition))
      #expect(failure.offset == 3 && failure.cause.contains("bad luck"))
      #expect(try await totals.tables.notedFailure(partition) == failure)
      #expect(try await accounts.submit(.move(from: "a", to: "b", cents: 4)).reply.balance == 80)
    }
    // It is still stopped after a restart, until somebody decides.
    let last = try await fixture.withEngine { engine, _ in
      let accounts = try await engine.open(fixture.domain)
      let totals = try await engine.follow(MoveTotals(topic: fixture.topic))
      while totals.setbacks.isEmpty { await Task.yield() }
      #expect(totals.stoppedAt(partition)?.offset == 3)
      try await engine.skip("move_totals", past: 3, of: partition, reason: "known to be wrong")
      let last = try await accounts.submit(.move(from: "a", to: "b", cents: 8))
      #expect(try await totals.totals(atLeast: last.position) == ["a": 15])
      while !totals.setbacks.isEmpty { await Task.yield() }
      #expect(try await totals.tables.notedFailure(partition) == nil)
      return last
    }
    // Whoever builds it anew passes over the same event.
    try await fixture.rebuild(MoveTotals(topic: fixture.topic))
    try await fixture.withEngine { engine, log in
      let totals = try await engine.follow(MoveTotals(topic: fixture.topic))
      #expect(try await totals.totals(atLeast: last.position) == ["a": 15])
      #expect(try log.events(of: SkipList.topic).map(\.type) == ["varve.projections.EventSkipped.v1"])
    }
  }

  @Test(
    "a record that is no event of the domain stops whoever reads it",
    arguments: [
      ("varve.other.Happened.v1", "no event varve.other.Happened.v1"), ("", "no header ce_type"),
      ("varve.testing.MoneyMoved.v2", "no varve.testing.MoneyMoved.v2"),
    ])
  func undecodable(type: String, reason: String) async throws {
    let fixture = try EngineFixture()
    let partition = PartitionID(fixture.topic, 0)
    try await fixture.withEngine { engine, log in
      let accounts = try await engine.open(fixture.domain)
      let totals = try await engine.follow(MoveTotals(topic: fixture.topic))
      try await accounts.submit(.open("a", balance: 1))
      let headers = type.isEmpty ? [] : [RecordHeader(key: "ce_type", value: ByteBuffer(type))]
      try await log.topic(fixture.topic).partitions[0].append(
        Record(key: ByteBuffer("a"), value: ByteBuffer([0xff, 0xff, 0xff]), headers: headers))
      while totals.setbacks.isEmpty { await Task.yield() }
      let failure = try #require(totals.stoppedAt(partition))
      #expect(failure.offset == 1 && failure.cause.contains(reason), "\(failure)")
      // The domain shares the topic, so it stops too, and says so to its callers.
      await #expect(throws: CommandError<AccountRefusal>.self) {
        try await accounts.submit(.open("b", balance: 1))
      }
      try await engine.skip("move_totals", past: 1, of: partition, reason: "not ours")
      try await engine.skip("accounts", past: 1, of: partition, reason: "not ours")
      while accounts.refusal != nil { await Task.yield() }
      let opened = try await accounts.submit(.open("b", balance: 1))
      #expect(try await accounts.tables.notedFailure(partition) == nil)
      #expect(try await totals.totals(atLeast: opened.position).isEmpty)
    }
    #expect(try await fixture.verify().holds)
  }
}

extension FollowingService {
  /// Why it has stopped, when an event is the reason.
  func stoppedAt(_ partition: PartitionID) -> ProjectionFailure? {
    guard case .stopped(let failure)? = setbacks[partition] else { return nil }
    return failure
  }
}

extension OpenTables {
  /// What they say of why the projection has stopped.
  func notedFailure(_ partition: PartitionID) async throws -> ProjectionFailure? {
    try await store.read { tables throws(DatabaseError) in try await EngineTables.failure(partition, tables) }
  }
}
