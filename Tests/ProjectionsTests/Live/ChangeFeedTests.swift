// What other services are told of a read model's changes.

import AccountsDomain
import Bytes
import Log
import Testing

@testable import Projections

@Suite("The change feed") struct ChangeFeedTests {
  @Test("changes come in order, once the tables show them, and go on from any position")
  func changes() async throws {
    let fixture = try EngineFixture()
    let start = PositionToken(PartitionID(fixture.topic, 0), next: 0)
    let seen = try await fixture.withAccounts { accounts, _ in
      for name in ["a", "b"] { try await accounts.submit(.open(name, balance: 10)) }
      let moved = try await accounts.submit(.move(from: "a", to: "b", cents: 3))
      var feed = try accounts.changes(from: start)
      var seen: [FeedEntry] = []
      while seen.count < 4 { seen += try await feed.next() }
      #expect(seen.map(\.change.key) == ["a", "b", "a", "b"])
      #expect(seen.last?.position == moved.position)
      // What comes later is told to who waits.
      async let later = Self.first(&feed)
      try await accounts.submit(.ensure("a"), id: ByteBuffer("nothing"))
      try await accounts.submit(.open("c", balance: 1))
      #expect(try await later.map(\.change.key) == ["c"])
      return seen
    }
    // After a restart, from the middle.
    try await fixture.withAccounts { accounts, _ in
      var feed = try accounts.changes(from: seen[1].position)
      var rest: [FeedEntry] = []
      while rest.count < 3 { rest += try await feed.next() }
      #expect(rest.map(\.change.key) == ["a", "b", "c"])
    }
  }

  private static func first(_ feed: inout ChangeFeed<Accounts>) async throws -> [FeedEntry] {
    try await feed.next()
  }

  @Test("a position of another topic is refused")
  func foreign() async throws {
    let fixture = try EngineFixture()
    try await fixture.withAccounts { accounts, _ in
      let foreign = PositionToken(PartitionID(try TopicName("other"), 0), next: 0)
      #expect(throws: QueryError.foreignPosition(foreign)) { _ = try accounts.changes(from: foreign) }
    }
  }
}
