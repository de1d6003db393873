// Opening the cluster for a command that changes it: both locks are taken, the log is recovered, the tables are brought
// up to it, and everything is closed however the command ends.

import Cluster
import CommandLine
import Configuration
import Database
import Files
import Log
import Projections
import Runtime

/// A cluster that this process changes for the length of a command.
struct WritableCluster {
  private let service: DomainService<ClusterDomain>

  /// Opens the cluster, does `body` with it, and closes it.
  ///
  /// - Parameter mayCreate: whether log and topic are made where they are missing; else that is an error.
  static func with<Result: Sendable>(
    _ place: ConfigurationOptions, _ console: Console, mayCreate: Bool = false,
    _ body: (WritableCluster) async throws -> Result
  ) async throws -> Result {
    let logPlace = LogPlace(configuration: place)
    let configuration = try place.load(console.environment).value
    if !mayCreate { try ClusterTopic.requireLog(in: FilePath(configuration.data)) }
    let models = try ReadModelPlace(configuration)
    return try await WritableLog.with(logPlace, console, mayCreate: mayCreate) { log in
      let domain = try ClusterDomain()
      if !mayCreate && !ClusterTopic.exists(domain, in: log) { throw ClusterRefusal.noCluster }
      return try await TableLoop.with { loop in
        try await models.with(.full, on: loop) { models in
          try await ClusterTopic.ensure(domain, in: log)
          let engine = ProjectionEngine(
            ProjectionEngine.Configuration(readModels: models), log: log, pool: loop.pool)
          let done = await Outcome.of {
            try await body(WritableCluster(service: try await engine.open(domain)))
          }
          let closed = await Outcome.of { try await engine.close() }
          // Why the work failed says more than that the tables could not be closed after it.
          let result = try done.get()
          try closed.get()
          return result
        }
      }
    }
  }

  /// Has a command decided.
  @discardableResult
  func submit(_ command: ClusterCommand) async throws -> ClusterDomain.Reply {
    try await service.submit(command).reply
  }

  /// Asks the tables something.
  func view<Output: Sendable>(
    _ body: @escaping @Sendable (ClusterView) async throws(DatabaseError) -> Output
  ) async throws -> Output {
    try await service.read { tables throws(DatabaseError) in try await body(ClusterView(tables)) }
  }

  private enum Outcome {
    static func of<Result: Sendable>(
      _ body: () async throws -> Result
    ) async -> Swift.Result<Result, any Error> {
      do { return .success(try await body()) } catch { return .failure(error) }
    }
  }
}
