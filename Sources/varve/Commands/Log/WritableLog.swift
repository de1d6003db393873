// Opening a log for a command that writes: both locks are taken, the log is recovered, and it is closed with its
// markers however the command ends, unless the process is killed.

import CommandLine
import Files
import Log
import Runtime

/// A log that this process writes for the length of a command.
enum WritableLog {
  /// Threads for reads that may block.
  private static let poolThreads = 2
  private static let poolQueue = 64

  /// Opens the log, does `body` with it, and closes it.
  ///
  /// - Parameters:
  ///   - place: where it is.
  ///   - mayCreate: whether a log that is not there is made; else that is an error.
  static func with<Result: Sendable>(
    _ place: LogPlace, _ console: Console, mayCreate: Bool = false,
    _ body: (EventLog) async throws -> Result
  ) async throws -> Result {
    let files = LocalFiles()
    let directories = try place.directories(console)
    if !mayCreate { try requireLog(files, at: directories.log) }
    // A node locks the data directory before its log: whoever comes second is told by the same lock.
    let data = try directories.data.map { path throws(FileError) in
      Held(try DataDirectory(files, at: path, time: SystemTime()))
    }
    let pool = try BlockingPool(name: "log-pool", threads: poolThreads, queueLimit: poolQueue)
    let outcome = await attempt {
      let log = try await EventLog.open(
        EventLog.Configuration(path: directories.log), files: files, pool: pool)
      let done = await attempt { try await body(log) }
      let closed = await attempt { try await log.close() }
      // Why the work failed says more than that the log could not be closed after it.
      let result = try done.get()
      try closed.get()
      return result
    }
    await pool.shutdown()
    try data?.release()
    return try outcome.get()
  }

  /// Throws unless there is a log.
  static func requireLog(_ files: some FileSystem, at path: FilePath) throws {
    if try files.exists(path) { return }
    throw CommandFailure(
      .data, "there is no log at \(path)",
      hint: "name the node's data directory with --data; `varve log topic create` makes a log")
  }

  private static func attempt<Result: Sendable>(
    _ body: () async throws -> Result
  ) async -> Swift.Result<Result, any Error> {
    do { return .success(try await body()) } catch { return .failure(error) }
  }

  /// Keeps the data directory's lock.
  private final class Held {
    private var directory: DataDirectory?

    init(_ directory: consuming DataDirectory) { self.directory = consume directory }

    func release() throws(FileError) {
      guard let held = directory.take() else { return }
      try held.release()
    }
  }
}
