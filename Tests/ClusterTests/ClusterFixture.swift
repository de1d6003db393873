// A node's log and cluster tables in a folder of the test's own, to be closed and opened again.

import Bytes
import Cluster
import Database
import Files
import Log
import Peers
import Projections
import Runtime
import Testing
import Wire

/// Where the tables of a test are.
enum StoreKind: CaseIterable {
  case sqlite, postgres
}

/// The cluster's domain as it runs.
typealias ClusterService = DomainService<ClusterDomain>

/// A log and its read models, for one test.
final class ClusterFixture {
  let folder: TemporaryFolder
  let pool: BlockingPool
  let domain: ClusterDomain
  let time: any TimeSource
  let kind: StoreKind
  /// The schemas of this test alone begin so.
  private let prefix = "c\(UInt32.random(in: 0 ... .max))"

  init(_ kind: StoreKind = .sqlite, time: any TimeSource = SystemTime()) throws {
    folder = try TemporaryFolder()
    pool = try BlockingPool(name: "test", threads: 2, queueLimit: 64)
    domain = try ClusterDomain()
    self.time = time
    self.kind = kind
  }

  /// Read models in files.
  func directory(_ name: String = "projections") -> ReadModelDirectory {
    ReadModelDirectory(FilePath(folder.path(name)), files: LocalFiles())
  }

  private func withReadModels<Result>(_ body: (any ReadModels) async throws -> Result) async throws -> Result
  {
    guard kind == .postgres else { return try await body(directory()) }
    var settings = try PostgresSettings(try PostgresServer.shared.get().address())
    settings.schema = prefix
    return try await withLoop { loop in
      let schemas = try await ReadModelSchemas(settings, on: loop)
      do {
        let result = try await body(schemas)
        try await schemas.close()
        return result
      } catch {
        try await schemas.close()
        throw error
      }
    }
  }

  private func withLoop<Result>(_ body: (EventLoop) async throws -> Result) async throws -> Result {
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

  private func withLog<Result>(_ body: (EventLog) async throws -> Result) async throws -> Result {
    let log = try await EventLog.open(
      EventLog.Configuration(path: FilePath(folder.path("log"))), files: LocalFiles(), pool: pool, time: time)
    do {
      if !log.topics.contains(where: { $0.name == domain.topic }) {
        _ = try await log.createTopic(domain.topic, TopicSettings())
      }
      let result = try await body(log)
      try await log.close()
      return result
    } catch {
      try await log.close()
      throw error
    }
  }

  /// Opens everything, does something, and closes everything.
  @discardableResult
  func withCluster<Result>(_ body: (ClusterService, EventLog) async throws -> Result) async throws -> Result {
    try await withLog { log in
      try await withReadModels { models in
        let engine = ProjectionEngine(
          ProjectionEngine.Configuration(readModels: models), log: log, pool: pool, time: time)
        do {
          let result = try await body(try await engine.open(domain), log)
          try await engine.close()
          return result
        } catch {
          try await engine.close()
          throw error
        }
      }
    }
  }

  /// Has the log make all tables again beside the live ones, and compares every row. Nothing may be open.
  func verify() async throws -> Verification {
    try await withLog { log in
      try await withReadModels { models in
        try await withLoop { loop in
          try await models.verify(domain, from: LocalEventSource(log), on: loop)
        }
      }
    }
  }

  /// Compares the tables of two directories of read models, row by row. Nothing may be open.
  func compare(_ first: ReadModelDirectory, _ second: ReadModelDirectory) async throws -> Verification {
    try await withLoop { loop in
      var stores: [Store] = []
      for directory in [first, second] {
        stores.append(
          try await directory.open(try #require(try directory.current(of: domain.name)), on: loop))
      }
      let verification = try await Verification(of: domain, live: stores[0], replayed: stores[1])
      for store in stores { try await store.close() }
      return verification
    }
  }
}

extension ClusterService {
  /// Asks the tables something.
  func view<Output: Sendable>(
    _ body: @escaping @Sendable (ClusterView) async throws(DatabaseError) -> Output
  ) async throws -> Output {
    try await read { tables throws(DatabaseError) in try await body(ClusterView(tables)) }
  }

  /// What a command is refused with; nil when it is accepted.
  func refusal(of command: ClusterCommand) async throws -> ClusterRefusal? {
    do throws(CommandError<ClusterRefusal>) {
      try await submit(command)
      return nil
    } catch .refused(let refusal) {
      return refusal
    }
  }

  /// Makes the cluster `lake` with the standard policy.
  func createLake() async throws { try await submit(.create(name: "lake", policy: .standard)) }
}

extension NodeID {
  /// The node of that number.
  static func test(_ number: UInt64) -> NodeID { NodeID(.init(high: 0xa, low: number)) }
}

extension DiskID {
  /// The disk of that number.
  static func test(_ number: UInt64) -> DiskID { DiskID(.init(high: 0xd, low: number)) }
}

extension JoinNode {
  /// The node of that number, called `n` and the number, without disks.
  static func test(_ number: UInt64, disks: [NewDisk] = []) -> JoinNode {
    JoinNode(
      id: .test(number), name: "n\(number)", addresses: ["/ip4/10.0.0.\(number)/tcp/4001"], disks: disks)
  }
}
