// A log and an engine in a folder of the test's own, to be closed and opened again.

import AccountsDomain
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

/// Where the tables of a test are.
enum StoreKind: CaseIterable {
  case sqlite, postgres
}

/// A node's log and read models, for one test.
final class EngineFixture {
  let folder: TemporaryFolder
  let pool: BlockingPool
  let topic: TopicName
  let domain: Accounts
  let time: any TimeSource
  let kind: StoreKind
  private let files: any FileSystem
  private let sqlite: SQLiteSettings
  /// The folder of the files of tables; nil for one beside the log's.
  private let tables: String?
  /// Where the schemas are, when it is not the server that tests share.
  private let server: PostgresServer?
  /// The schemas of this test alone begin so.
  private let prefix = "test\(UInt32.random(in: 0 ... .max))"

  init(
    _ kind: StoreKind = .sqlite, time: any TimeSource = SystemTime(), files: any FileSystem = LocalFiles(),
    sqlite: SQLiteSettings = SQLiteSettings(), tables: String? = nil, server: PostgresServer? = nil
  ) throws {
    self.files = files
    self.sqlite = sqlite
    self.tables = tables
    self.server = server
    folder = try TemporaryFolder()
    pool = try BlockingPool(name: "test", threads: 2, queueLimit: 64)
    topic = try TopicName("accounts")
    domain = Accounts(topic: topic)
    self.time = time
    self.kind = kind
  }

  /// The read models, when they are in files.
  var directory: ReadModelDirectory {
    ReadModelDirectory(
      FilePath(tables ?? folder.path("projections")), files: LocalFiles(), settings: sqlite)
  }

  /// Opens the read models, wherever they are, for a while.
  func withReadModels<Result>(
    _ access: ReadModelSchemas.Access = .full, _ body: (any ReadModels) async throws -> Result
  ) async throws -> Result {
    guard kind == .postgres else { return try await body(directory) }
    let settings = try postgresSettings()
    let loop = try EventLoop.start(name: "generations", pool: pool)
    let schemas = try await ReadModelSchemas(settings, on: loop, access: access)
    do {
      let result = try await body(schemas)
      try await schemas.close()
      await loop.shutdown()
      return result
    } catch {
      try await schemas.close()
      await loop.shutdown()
      throw error
    }
  }

  /// Starts a loop for a while.
  func withLoop<Result>(_ body: (EventLoop) async throws -> Result) async throws -> Result {
    let loop = try EventLoop.start(name: "test", pool: pool)
    do {
      let result = try await body(loop)
      await loop.shutdown()
      return result
    } catch {
      await loop.shutdown()
      throw error
    }
  }

  /// How the schemas are reached.
  func postgresSettings() throws -> PostgresSettings {
    var settings = try PostgresSettings(try (server ?? PostgresServer.shared.get()).address())
    settings.schema = prefix
    return settings
  }

  func openLog() async throws -> EventLog {
    let log = try await EventLog.open(
      EventLog.Configuration(path: FilePath(folder.path("log"))), files: files, pool: pool, time: time)
    if !log.topics.contains(where: { $0.name == topic }) {
      _ = try await log.createTopic(topic, TopicSettings())
    }
    return log
  }

  /// Opens log and engine, does something, and closes both.
  @discardableResult
  func withEngine<Result>(_ body: (ProjectionEngine, EventLog) async throws -> Result) async throws -> Result
  {
    let log = try await openLog()
    do {
      let result = try await withReadModels { models in
        let engine = ProjectionEngine(
          ProjectionEngine.Configuration(readModels: models), log: log, pool: pool, time: time)
        do {
          let result = try await body(engine, log)
          try await engine.close()
          return result
        } catch {
          try await engine.close()
          throw error
        }
      }
      try await log.close()
      return result
    } catch {
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

  /// Builds a projection's tables anew, and has those answer from now on.
  func rebuild(_ projection: some Projection) async throws {
    let log = try await openLog()
    try await withReadModels { models in
      let loop = try EventLoop.start(name: "rebuild", pool: pool)
      let generation = try await models.newGeneration(of: projection.name, version: projection.version)
      let store = try await models.open(generation, on: loop)
      try await Replay(projection, from: LocalEventSource(log)).run(into: store)
      try await store.close()
      try await models.makeCurrent(generation)
      await loop.shutdown()
    }
    try await log.close()
  }

  /// Builds the tables anew from the log, and compares them with the live ones. Nothing may be open.
  func verify() async throws -> Verification {
    let log = try await openLog()
    let verification = try await withReadModels { try await domain.verification(of: $0, log, pool: pool) }
    try await log.close()
    return verification
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
