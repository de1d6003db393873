// The node's data directory: created durably on first start, locked for as long as the node runs, so that
// two nodes can never write the same log.

import Files
import Runtime

/// A data directory that this process owns.
struct DataDirectory: ~Copyable, Sendable {
  /// Where it is.
  let path: FilePath
  /// Whether this start created it.
  let isNew: Bool
  private let lock: FileLock

  /// The lock file's name; what it holds is for people.
  static let lockName = "lock"

  /// Creates the directory where it is missing and takes its lock, or says who has it.
  init(_ files: some FileSystem, at path: FilePath, time: some TimeSource) throws(FileError) {
    let existed = try files.exists(path)
    try files.createDirectories(path, mode: FileMode(rawValue: 0o750))
    lock = try FileLock(files, at: path / Self.lockName, as: .current(time: time))
    isNew = !existed
    self.path = path
  }

  /// Gives the directory up.
  consuming func release() throws(FileError) {
    try lock.release()
  }
}
