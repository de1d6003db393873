// Commands through the whole write path, on a real log and real tables.

import AccountsDomain
import Bytes
import Database
import Log
import Records
import Testing
import Wire

@testable import Projections

@Suite("Deciding commands") struct DecidingTests {
  @Test(
    "an accepted command is in the log and in the tables when it is answered", arguments: StoreKind.allCases)
  func accepted(_ kind: StoreKind) async throws {
    let fixture = try EngineFixture(kind)
    try await fixture.withAccounts { accounts, log in
      let opened = try await accounts.submit(.open("a", balance: 500))
      #expect(opened.reply.balance == 500)
      #expect(opened.position == PositionToken(PartitionID(fixture.topic, 0), next: 1))
      #expect(!opened.isRepeated)
      try await accounts.submit(.open("b", balance: 0))
      let moved = try await accounts.submit(.move(from: "a", to: "b", cents: 120))
      #expect(moved.reply.balance == 380)
      #expect(try await accounts.balances(atLeast: moved.position) == ["a": 380, "b": 120])
      #expect(
        try log.events(of: fixture.topic).map(\.type) == [
          "varve.testing.AccountOpened.v1", "varve.testing.AccountOpened.v1", "varve.testing.MoneyMoved.v2",
        ])
    }
  }

  @Test("a refused command changes nothing and says why", arguments: StoreKind.allCases)
  func refused(_ kind: StoreKind) async throws {
    let fixture = try EngineFixture(kind)
    try await fixture.withAccounts { accounts, log in
      try await accounts.submit(.open("a", balance: 5))
      await #expect(throws: CommandError<AccountRefusal>.refused(.exists("a"))) {
        try await accounts.submit(.open("a", balance: 7))
      }
      await #expect(throws: CommandError<AccountRefusal>.refused(.unknown("b"))) {
        try await accounts.submit(.move(from: "a", to: "b", cents: 1))
      }
      try await accounts.submit(.open("b", balance: 0))
      await #expect(throws: CommandError<AccountRefusal>.refused(.tooLittle(balance: 5))) {
        try await accounts.submit(.move(from: "a", to: "b", cents: 6))
      }
      #expect(try await accounts.balances() == ["a": 5, "b": 0])
      #expect(try log.events(of: fixture.topic).count == 2)
    }
  }

  @Test(
    "many callers at once: each sees what those before did, and no money appears or is lost",
    arguments: StoreKind.allCases)
  func concurrent(_ kind: StoreKind) async throws {
    let fixture = try EngineFixture(kind)
    try await fixture.withAccounts { accounts, log in
      for name in 0..<8 { try await accounts.submit(.open("\(name)", balance: 10)) }
      let outcomes = await withTaskGroup(of: Bool.self) { group in
        for number in 0..<400 {
          group.addTask {
            do {
              try await accounts.submit(.move(from: "\(number % 8)", to: "\((number * 5 + 1) % 8)", cents: 3))
              return true
            } catch {
              return false
            }
          }
        }
        return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
      }
      let balances = try await accounts.balances()
      #expect(balances.values.reduce(0, +) == 80)
      #expect(balances.values.allSatisfy { $0 >= 0 })
      #expect(try log.events(of: fixture.topic).count == 8 + outcomes)
    }
  }

  @Test(
    "a command asked again with its id gets the first answer, also after a restart, and is done once",
    arguments: StoreKind.allCases)
  func repeated(_ kind: StoreKind) async throws {
    let fixture = try EngineFixture(kind)
    let id = ByteBuffer("move-1")
    let first = try await fixture.withAccounts { accounts, _ in
      try await accounts.submit(.open("a", balance: 10))
      try await accounts.submit(.open("b", balance: 0))
      let first = try await accounts.submit(.move(from: "a", to: "b", cents: 4), id: id)
      try await accounts.submit(.move(from: "a", to: "b", cents: 1))
      let again = try await accounts.submit(.move(from: "a", to: "b", cents: 4), id: id)
      #expect(again.isRepeated && again.reply == first.reply && again.position == first.position)
      return first
    }
    try await fixture.withAccounts { accounts, log in
      let again = try await accounts.submit(.move(from: "a", to: "b", cents: 4), id: id)
      #expect(again.isRepeated && again.reply == first.reply)
      #expect(try await accounts.balances() == ["a": 5, "b": 5])
      #expect(try log.events(of: fixture.topic).count == 4)
    }
  }

  @Test(
    "a command without events is remembered when it has an id, and leaves no trace when it has none",
    arguments: StoreKind.allCases)
  func withoutEvents(_ kind: StoreKind) async throws {
    let fixture = try EngineFixture(kind)
    try await fixture.withAccounts { accounts, log in
      try await accounts.submit(.open("a", balance: 1))
      try await accounts.submit(.open("b", balance: 0))
      try await accounts.submit(.ensure("a"))
      #expect(try log.events(of: fixture.topic).count == 2)
      let first = try await accounts.submit(.ensure("a"), id: ByteBuffer("sure"))
      try await accounts.submit(.move(from: "a", to: "b", cents: 1))
      let again = try await accounts.submit(.ensure("a"), id: ByteBuffer("sure"))
      #expect(first.reply.balance == 1 && again.reply.balance == 1 && again.isRepeated)
      #expect(try log.events(of: fixture.topic).map(\.type)[2] == "varve.projections.CommandAnswered.v1")
    }
  }

  @Test("ids have a length", arguments: [0, 129])
  func identifiers(bytes: Int) async throws {
    let fixture = try EngineFixture()
    try await fixture.withAccounts { accounts, _ in
      await #expect(throws: CommandError<AccountRefusal>.badIdentifier(bytes: bytes, maximum: 128)) {
        try await accounts.submit(.open("a", balance: 1), id: ByteBuffer([UInt8](repeating: 1, count: bytes)))
      }
    }
  }

  @Test(
    "a command whose event cannot be applied fails alone, and what came with it is done",
    arguments: StoreKind.allCases)
  func poisonous(_ kind: StoreKind) async throws {
    let fixture = try EngineFixture(kind)
    try await fixture.withAccounts { accounts, log in
      let results = await withTaskGroup(of: (Int, Bool).self) { group in
        for number in 0..<20 {
          group.addTask {
            do {
              try await accounts.submit(number == 7 ? .rename("x") : .open("\(number)", balance: 1))
              return (number, true)
            } catch {
              return (number, false)
            }
          }
        }
        return await group.reduce(into: [Int: Bool]()) { $0[$1.0] = $1.1 }
      }
      #expect(results.filter { !$0.value }.map(\.key) == [7])
      let balances = try await accounts.balances()
      let events = try log.events(of: fixture.topic)
      #expect(balances.count == 19 && events.count == 19)
    }
  }

  @Test(
    "events that somebody else appended are applied before the next command is decided",
    arguments: StoreKind.allCases)
  func foreignEvents(_ kind: StoreKind) async throws {
    let fixture = try EngineFixture(kind)
    try await fixture.withAccounts { accounts, log in
      try await accounts.submit(.open("a", balance: 1))
      var opened = Varve_Testing_V1_AccountOpened()
      opened.account = "b"
      opened.balance = 300
      var old = Varve_Testing_V1_MoneyMoved()
      old.from = "b"
      old.to = "a"
      old.units = 2
      let records = try [
        Record(
          key: ByteBuffer("b"), value: opened.serializedBytes(),
          headers: [RecordHeader(key: "ce_type", value: ByteBuffer("varve.testing.AccountOpened.v1"))]),
        Record(
          key: ByteBuffer("b"), value: old.serializedBytes(),
          headers: [RecordHeader(key: "ce_type", value: ByteBuffer("varve.testing.MoneyMoved.v1"))]),
      ]
      try await log.topic(fixture.topic).partitions[0].append(records)
      await #expect(throws: CommandError<AccountRefusal>.refused(.exists("b"))) {
        try await accounts.submit(.open("b", balance: 9))
      }
      #expect(try await accounts.balances() == ["a": 201, "b": 100])
    }
  }
}
