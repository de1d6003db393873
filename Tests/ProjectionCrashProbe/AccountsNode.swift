// A log with the accounts on top, opened for a while: by the process that dies, and by the one that looks afterwards.

import AccountsDomain
import Database
import Files
import Log
import Projections
import Runtime

/// Where the log and the tables of a run are.
struct AccountsNode {
  let directory: String
  let store: Options.StoreKind
  let postgres: String
  let schema: String
  let pool: BlockingPool
  let accounts: Accounts

  init(_ options: Options, directory: String, schema: String) throws {
    self.directory = directory
    store = options.store
    postgres = options.postgres
    self.schema = schema
    pool = try BlockingPool(name: "crash", threads: 2, queueLimit: 64)
    accounts = Accounts(topic: try TopicName("accounts"))
  }

  /// Opens the log.
  ///
  /// - Parameter settings: of the topic, when it has to be made.
  func openLog(_ files: some FileSystem, _ settings: TopicSettings) async throws -> EventLog {
    let log = try await EventLog.open(
      EventLog.Configuration(path: FilePath(directory) / "log"), files: files, pool: pool)
    if !log.topics.contains(where: { $0.name == accounts.topic }) {
      _ = try await log.createTopic(accounts.topic, settings)
    }
    return log
  }

  /// Opens the read models, and closes them after `body`.
  func withReadModels<Result>(_ body: (any ReadModels) async throws -> Result) async throws -> Result {
    guard store == .postgres else {
      return try await body(
        ReadModelDirectory(FilePath(directory) / "projections", files: LocalFiles()))
    }
    let loop = try EventLoop.start(name: "generations", pool: pool)
    let schemas = try await ReadModelSchemas(try settings(schema: schema), on: loop)
    let result: Result
    do {
      result = try await body(schemas)
    } catch {
      try await schemas.close()
      await loop.shutdown()
      throw error
    }
    try await schemas.close()
    await loop.shutdown()
    return result
  }

  private func settings(schema: String) throws -> PostgresSettings {
    var settings = try PostgresSettings(postgres)
    settings.schema = schema
    return settings
  }

  /// Deletes what the run has left on the server.
  func dropSchemas() async throws {
    guard store == .postgres else { return }
    let generations = try await withReadModels { try await $0.generations(of: accounts.name) }
    let loop = try EventLoop.start(name: "drop", pool: pool)
    for generation in generations {
      try await Store.dropPostgres(
        try settings(schema: "\(schema)_\(accounts.name)_\(generation.number)"), on: loop)
    }
    try await Store.dropPostgres(try settings(schema: schema), on: loop)
    await loop.shutdown()
  }
}
