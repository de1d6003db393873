// What the house asks of a file system. Every operation here is synchronous and may block: call it from a
// log's writer thread or a pool thread, or through `AsyncFiles` from an event loop. Errors say which call
// failed, on which path. What is made of several calls (durable renames, whole-file writes, directory
// trees) is in FileSystem+Durable.swift and FileSystem+Directories.swift.

/// A file system: `LocalFiles`, `SimulatedFiles` or `FaultyFiles`.
public protocol FileSystem: Sendable {
  /// The calls that everything else is made of.
  var calls: any FileCalls { get }
}

extension FileSystem {
  /// Opens a file. Options that do not go together are a programmer error.
  public func open(
    _ path: FilePath, _ options: OpenOptions, mode: FileMode = .file
  ) throws(FileError) -> File {
    precondition(options.areSound, "open options that do not go together")
    let descriptor = try attempt(.open, path) { calls throws(ErrorNumber) in
      try calls.open(path, options, mode: mode)
    }
    return File(calls, descriptor, path: path, options: options)
  }

  /// What the entry at `path` is, a symbolic link followed.
  public func status(of path: FilePath) throws(FileError) -> FileStatus {
    try attempt(.status, path) { calls throws(ErrorNumber) in try calls.status(of: path) }
  }

  /// Whether an entry is there; every answer other than yes and no is thrown.
  public func exists(_ path: FilePath) throws(FileError) -> Bool {
    do {
      _ = try status(of: path)
      return true
    } catch {
      if error.isNotFound { return false }
      throw error
    }
  }

  /// Gives an entry a new name, in place of what had it. Not durable before the directory is synced:
  /// `renameDurably` does both.
  public func rename(_ path: FilePath, to target: FilePath) throws(FileError) {
    try attempt(.rename, path) { calls throws(ErrorNumber) in try calls.rename(path, to: target) }
  }

  /// Gives a file a second name. Not durable before the directory is synced.
  public func link(_ path: FilePath, to target: FilePath) throws(FileError) {
    try attempt(.link, path) { calls throws(ErrorNumber) in try calls.link(path, to: target) }
  }

  /// Takes a name off a file. Not durable before the directory is synced.
  public func remove(_ path: FilePath) throws(FileError) {
    try attempt(.remove, path) { calls throws(ErrorNumber) in try calls.remove(path) }
  }

  /// Makes one directory, whose parent must be there. Not durable before the parent is synced.
  public func createDirectory(_ path: FilePath, mode: FileMode = .directory) throws(FileError) {
    try attempt(.createDirectory, path) { calls throws(ErrorNumber) in
      try calls.createDirectory(path, mode: mode)
    }
  }

  /// Removes an empty directory. Not durable before the parent is synced.
  public func removeDirectory(_ path: FilePath) throws(FileError) {
    try attempt(.removeDirectory, path) { calls throws(ErrorNumber) in try calls.removeDirectory(path) }
  }

  /// The entries of a directory, without `.` and `..`.
  ///
  /// - Parameters:
  ///   - entriesMaximum: a directory with more is refused, so that memory stays bounded.
  ///   - sorted: whether to order by the bytes of the name; a file system gives no order of its own.
  public func list(
    _ path: FilePath, entriesMaximum: Int = 1_000_000, sorted: Bool = true
  ) throws(FileError) -> [DirectoryEntry] {
    var entries = try attempt(.list, path) { calls throws(ErrorNumber) in
      try calls.entries(of: path, maximum: entriesMaximum)
    }
    guard entries.count <= entriesMaximum else {
      throw .directoryTooLarge(path: path, entriesMaximum: entriesMaximum)
    }
    if sorted { entries.sort { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) } }
    return entries
  }

  /// The room on the file system that holds `path`.
  public func space(at path: FilePath) throws(FileError) -> StorageSpace {
    try attempt(.space, path) { calls throws(ErrorNumber) in try calls.space(at: path) }
  }

  /// Makes one call again as long as signals interrupt it, and says what failed on which path.
  func attempt<Result>(
    _ operation: FileOperation, _ path: FilePath,
    _ call: (any FileCalls) throws(ErrorNumber) -> Result
  ) throws(FileError) -> Result {
    let calls = calls
    do {
      return try retrying { () throws(ErrorNumber) in try call(calls) }
    } catch {
      throw .failed(operation, path: path, offset: nil, length: nil, error)
    }
  }
}

/// How often in a row a call is made again after a signal: beyond it something other than signals is wrong.
let interruptionsMaximum = 10_000

/// Makes a call again as long as it is interrupted.
@inline(__always)
func retrying<Result: ~Copyable>(
  _ call: () throws(ErrorNumber) -> Result
) throws(ErrorNumber) -> Result {
  var interruptions = 0
  while true {
    do {
      return try call()
    } catch {
      interruptions += 1
      guard error == .interrupted, interruptions < interruptionsMaximum else { throw error }
    }
  }
}
