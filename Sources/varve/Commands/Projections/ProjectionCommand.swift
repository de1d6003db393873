// What the commands about projections have in common: a log's directory to read, a directory of tables, and messages
// for what the engine says no with.

import CommandLine
import Configuration
import Database
import Files
import Lifecycle
import Log
import Projections
import Runtime

/// A command about a node's projections.
protocol ProjectionCommand: LogCommand {
  var place: LogPlace { get }
  /// Whether it changes read models, or only looks at them.
  var access: ReadModelSchemas.Access { get }
  /// Does it.
  func work(_ workplace: ProjectionWorkplace, _ console: Console) async throws
}

/// How commands about projections end: as those about the log do, or for want of a database.
enum ProjectionExitCodes {
  static let all: [ExitCode] = [.data, .unavailable, .inputOutput, .temporary, .permission, .configuration]
}

/// What a command about projections works with.
struct ProjectionWorkplace {
  let log: LogDirectory
  let source: DirectoryEventSource
  let readModels: any ReadModels
  /// Where tables are written.
  let loop: EventLoop
}

extension ProjectionCommand {
  func work(_ console: Console) async throws {
    if place.log != nil {
      throw CommandFailure(.usage, "projections belong to a node: name its data directory with --data")
    }
    let models = try ReadModelPlace(place.configuration.load(console.environment).value)
    let log = try LogSelection.directory(place, console)
    let pool = try BlockingPool(name: "replay-pool", threads: 2, queueLimit: 64)
    let loop = try EventLoop.start(name: "replay", pool: pool)
    let outcome: Result<Void, any Error>
    do {
      try await models.with(access, on: loop) { models in
        let source = DirectoryEventSource(log, pool: pool)
        try await work(
          ProjectionWorkplace(log: log, source: source, readModels: models, loop: loop), console)
      }
      outcome = .success(())
    } catch {
      outcome = .failure(error)
    }
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
    case .database(.cannotOpen(let target, _)) where target.hasPrefix("postgres://"):
      self.init(
        .unavailable, error.description, hint: "see the keys projections.postgres.… of the configuration")
    case .migration(.database(let cause)): self.init(EngineError.database(cause))
    case .database(.storage), .database(.cannotOpen), .database(.damaged):
      self.init(.inputOutput, error.description)
    case .database(.busy), .database(.overloaded), .database(.disconnected), .thread, .closed:
      self.init(.temporary, error.description)
    default: self.init(.data, error.description)
    }
  }
}
