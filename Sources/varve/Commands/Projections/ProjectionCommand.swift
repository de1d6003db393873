// What the commands about projections have in common: a log's directory to read, a directory of tables, and messages
// for what the engine says no with.

import CommandLine
import Database
import Files
import Lifecycle
import Log
import Projections
import Runtime

/// A command about a node's projections.
protocol ProjectionCommand: LogCommand {
  var place: LogPlace { get }
  /// Does it.
  func work(_ workplace: ProjectionWorkplace, _ console: Console) async throws
}

/// What a command about projections works with.
struct ProjectionWorkplace {
  /// The directory of tables in a data directory.
  static let directoryName = "projections"

  let log: LogDirectory
  let source: DirectoryEventSource
  let readModels: ReadModelDirectory
  /// Where tables are written.
  let loop: EventLoop
}

extension ProjectionCommand {
  func work(_ console: Console) async throws {
    let directories = try place.directories(console)
    guard let data = directories.data else {
      throw CommandFailure(.usage, "projections belong to a node: name its data directory with --data")
    }
    let log = try LogSelection.directory(place, console)
    let pool = try BlockingPool(name: "replay-pool", threads: 2, queueLimit: 64)
    let loop = try EventLoop.start(name: "replay", pool: pool)
    let workplace = ProjectionWorkplace(
      log: log, source: DirectoryEventSource(log, pool: pool),
      readModels: ReadModelDirectory(data / ProjectionWorkplace.directoryName, files: LocalFiles()),
      loop: loop)
    let outcome: Result<Void, any Error>
    do { outcome = .success(try await work(workplace, console)) } catch { outcome = .failure(error) }
    await loop.shutdown()
    await pool.shutdown()
    do {
      try outcome.get()
    } catch let error as EngineError {
      throw CommandFailure(error)
    }
  }
}

extension CommandFailure {
  /// What somebody at a terminal is told of an error of the engine.
  init(_ error: EngineError) {
    switch error {
    case .log(let error): self.init(error)
    case .file(let error): self.init(LogError.file(error))
    case .database(.storage), .database(.cannotOpen), .database(.damaged):
      self.init(.inputOutput, error.description)
    case .database(.busy), .database(.overloaded), .database(.disconnected), .thread, .closed:
      self.init(.temporary, error.description)
    default: self.init(.data, error.description)
    }
  }
}
