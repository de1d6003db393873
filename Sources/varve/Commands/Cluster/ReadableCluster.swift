// Looking at the cluster's tables, beside a running node or without one: no lock is taken and nothing is changed.

import Cluster
import CommandLine
import Configuration
import Database
import Files
import Log
import Projections
import Runtime

/// A cluster that this process only looks at.
struct ReadableCluster {
  private let model: ReadOnlyModel

  /// Opens the tables, does `body` with them, and closes them.
  static func with<Result: Sendable>(
    _ place: ConfigurationOptions, _ console: Console, _ body: (ReadableCluster) async throws -> Result
  ) async throws -> Result {
    let configuration = try place.load(console.environment).value
    try ClusterTopic.requireLog(in: FilePath(configuration.data))
    let log = try LogSelection.directory(LogPlace(configuration: place), console)
    let domain = try ClusterDomain()
    guard try log.topics().contains(where: { $0.name == domain.topic }) else {
      throw ClusterRefusal.noCluster
    }
    let models = try ReadModelPlace(configuration)
    return try await TableLoop.with { loop in
      try await models.with(.reading, on: loop) { models in
        guard let model = try await models.openForReading(domain, on: loop) else {
          throw CommandFailure(
            .data, "the cluster's tables have not been made yet",
            hint: "a node makes them when it starts, and so does any command that changes the cluster")
        }
        do {
          try await noteLag(of: model, behind: log, console)
          let result = try await body(ReadableCluster(model: model))
          try await model.close()
          return result
        } catch {
          try await model.close()
          throw error
        }
      }
    }
  }

  /// Says so when the tables lack events. A node brings them up by itself, so it is said only when none runs.
  private static func noteLag(
    of model: ReadOnlyModel, behind log: LogDirectory, _ console: Console
  ) async throws {
    if try log.holder() != nil { return }
    let partition = PartitionID(try ClusterDomain().topic, 0)
    let missing =
      try log.partition(partition).extent().end.value
      - (try await model.position(in: partition)).value
    if missing > 0 {
      try console.note(
        """
        varve: the tables lack the last \(missing) \(missing == 1 ? "event" : "events") of the log: a node takes \
        them up when it starts, and so does any command that changes the cluster
        """)
    }
  }

  /// Asks the tables something; an error when there is no cluster yet.
  func view<Output: Sendable>(
    _ body: @escaping @Sendable (ClusterView) async throws(DatabaseError) -> Output
  ) async throws -> Output {
    try await model.read { tables throws(DatabaseError) in try await body(ClusterView(tables)) }
  }
}
