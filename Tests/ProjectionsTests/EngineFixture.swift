// A log and an engine in a folder of the test's own, to be closed and opened again.

import Bytes
import Database
import Files
import Log
import Peers
import Records
import Runtime
import Telemetry
import Testing

@testable import Projections

/// A node's log and read models, for one test.
final class EngineFixture {
  let folder: TemporaryFolder
  let pool: BlockingPool
  let topic: TopicName
  let domain: Accounts
  let time: any TimeSource

  init(time: any TimeSource = SystemTime()) throws {
    folder = try TemporaryFolder()
    pool = try BlockingPool(name: "test", threads: 2, queueLimit: 64)
    topic = try TopicName("accounts")
    domain = Accounts(topic: topic)
    self.time = time
  }

  var readModels: ReadModelDirectory {
    ReadModelDirectory(FilePath(folder.path("projections")), files: LocalFiles())
  }

  func openLog() async throws -> EventLog {
    let log = try await EventLog.open(
      EventLog.Configuration(path: FilePath(folder.path("log"))), files: LocalFiles(), pool: pool, time: time)
    if !log.topics.contains(where: { $0.name == topic }) {
      _ = try await log.createTopic(topic, TopicSettings())
    }
    return log
  }

  func engine(over log: EventLog) -> ProjectionEngine {
    ProjectionEngine(
      ProjectionEngine.Configuration(readModels: readModels), log: log, pool: pool, time: time)
  }

  /// Opens log and engine, does something, and closes both.
  @discardableResult
  func withEngine<Result>(_ body: (ProjectionEngine, EventLog) async throws -> Result) async throws -> Result
  {
    let log = try await openLog()
    let engine = engine(over: log)
    do {
      let result = try await body(engine, log)
      try await engine.close()
      try await log.close()
      return result
    } catch {
      try await engine.close()
      try await log.close()
      throw error
    }
  }

  /// The same with the accounts.
  @discardableResult
  func withAccounts<Result>(
    _ body: (DomainService<Accounts>, EventLog) async throws -> Result
  ) async throws -> Result {
    try await withEngine { engine, log in try await body(try await engine.open(domain), log) }
  }

  /// Throws a projection's tables away. Nothing may be open.
  func dropTables(of projection: ProjectionName) throws {
    try LocalFiles().removeTree(readModels.path / projection.text)
  }
}

extension EngineFixture {
  /// Builds the tables anew from the log, and compares them with the live ones. Nothing may be open.
  func verify(to end: ReplayEnd = .newest) async throws -> Verification {
    let log = try await openLog()
    let loop = try EventLoop.start(name: "verify", pool: pool)
    let live = try await readModels.open(try #require(try readModels.current(of: domain.name)), on: loop)
    let replayed = try await Store.openSQLite(folder.path("replayed.sqlite"), on: loop)
    let source = LocalEventSource(log)
    let positions = try await ProjectionEngine.positions(in: live, of: [PartitionID(topic, 0)])
    try await Replay(domain, from: source).run(
      into: replayed, to: .positions(positions.mapValues { LogOffset($0) }))
    let verification = try await Verification(of: domain, live: live, replayed: replayed)
    try await live.close()
    try await replayed.close()
    await loop.shutdown()
    try await log.close()
    for suffix in ["", "-wal", "-shm"] {
      let file = FilePath(folder.path("replayed.sqlite" + suffix))
      if try LocalFiles().exists(file) { try LocalFiles().remove(file) }
    }
    return verification
  }
}

extension DomainService<Accounts> {
  /// Every account with its balance.
  func balances(atLeast position: PositionToken? = nil) async throws -> [String: Int64] {
    let rows = try await read(atLeast: position) { tables throws(DatabaseError) in
      try await tables.rows("SELECT account, balance FROM accounts ORDER BY account") {
        row throws(DatabaseError) in (try row.take(String.self), try row.take(Int64.self))
      }
    }
    return Dictionary(uniqueKeysWithValues: rows)
  }
}

extension EventLog {
  /// The types and keys of a topic's events, in order.
  func events(of topic: TopicName) throws -> [(type: String, record: Record)] {
    var found: [(String, Record)] = []
    for partition in try self.topic(topic).partitions {
      var reader = try partition.reader(from: .beginning)
      while let batch = try reader.next() {
        for stored in try batch.records() {
          let type = stored.record.headers.first { $0.key == "ce_type" }?.value?.text ?? ""
          found.append((type, stored.record))
        }
      }
    }
    return found
  }
}
