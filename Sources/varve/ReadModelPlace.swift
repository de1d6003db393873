// Where a node's read models are, by its configuration: what `varve serve` opens, and every command that looks at them
// or changes them.

import CommandLine
import Configuration
import Database
import Files
import Projections
import Runtime

/// Where read models are.
enum ReadModelPlace: Sendable {
  /// The directory of SQLite files in a data directory.
  static let directoryName = "projections"

  case directory(FilePath)
  case schemas(PostgresSettings)

  /// Throws when the connection string cannot be read.
  init(_ configuration: NodeConfiguration) throws(CommandFailure) {
    let projections = configuration.projections
    guard projections.store == .postgres, let connection = projections.postgres.connection else {
      self = .directory(FilePath(configuration.data) / Self.directoryName)
      return
    }
    do throws(DatabaseError) {
      self = .schemas(try projections.postgres.settings(for: connection))
    } catch {
      throw CommandFailure(
        .configuration, error.description, hint: "see the key projections.postgres.connection")
    }
  }

  /// Opens them. A server that cannot be reached is given up after its `connectTimeout`.
  ///
  /// - Parameter loop: where the connections live that know which tables there are.
  func open(
    _ access: ReadModelSchemas.Access, on loop: EventLoop
  ) async throws(EngineError) -> any ReadModels {
    switch self {
    case .directory(let path): ReadModelDirectory(path, files: LocalFiles())
    case .schemas(let settings): try await ReadModelSchemas(settings, on: loop, access: access)
    }
  }

  /// Opens them, does `body`, and closes them.
  func with<Result: Sendable>(
    _ access: ReadModelSchemas.Access, on loop: EventLoop, _ body: (any ReadModels) async throws -> Result
  ) async throws -> Result {
    let models = try await open(access, on: loop)
    let outcome: Swift.Result<Result, any Error>
    do { outcome = .success(try await body(models)) } catch { outcome = .failure(error) }
    let closed: Swift.Result<Void, EngineError>
    do throws(EngineError) {
      closed = .success(try await models.close())
    } catch {
      closed = .failure(error)
    }
    // Why the work failed says more than that the connections could not be closed after it.
    let result = try outcome.get()
    try closed.get()
    return result
  }
}
