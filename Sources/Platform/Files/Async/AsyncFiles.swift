// Files for tasks on event loops. Whatever may block runs on a thread of a `BlockingPool` and resumes the
// caller on the executor it came from. The pool is bounded, so every operation can also end in
// `FileError.notRun`; a cancelled caller gets that too, unless a thread had begun. What a thread has begun
// runs to its end: a cancelled write may have been written.

public import Bytes
public import Runtime

/// A file system for tasks.
public struct AsyncFiles: Sendable {
  /// The file system, for threads that may block.
  public let files: any FileSystem
  /// Where blocking calls run.
  public let pool: BlockingPool
  /// What to do when the pool's queue is full.
  public let whenFull: BlockingPool.WhenFull

  /// A file system whose calls run on `pool`.
  public init(_ files: any FileSystem, pool: BlockingPool, whenFull: BlockingPool.WhenFull = .refuse) {
    self.files = files
    self.pool = pool
    self.whenFull = whenFull
  }

  /// Runs several operations on one thread of the pool; `operation` and `path` name them if they are not run.
  public func perform<Output: Sendable>(
    _ operation: FileOperation, _ path: FilePath,
    _ body: @escaping @Sendable (any FileSystem) throws(FileError) -> Output
  ) async throws(FileError) -> Output {
    let files = files
    return try await pool.perform(
      whenFull: whenFull, refusal: { .notRun(operation, path: path, $0) },
      { () throws(FileError) in try body(files) })
  }

  /// Opens a file.
  public func open(
    _ path: FilePath, _ options: OpenOptions, mode: FileMode = .file
  ) async throws(FileError) -> AsyncFile {
    let file = try await perform(.open, path) { files throws(FileError) in
      try files.open(path, options, mode: mode)
    }
    return AsyncFile(file, pool: pool, whenFull: whenFull)
  }

  /// What the entry at `path` is.
  public func status(of path: FilePath) async throws(FileError) -> FileStatus {
    try await perform(.status, path) { files throws(FileError) in try files.status(of: path) }
  }

  /// The entries of a directory, sorted by name.
  public func list(
    _ path: FilePath, entriesMaximum: Int = 1_000_000
  ) async throws(FileError) -> [DirectoryEntry] {
    try await perform(.list, path) { files throws(FileError) in
      try files.list(path, entriesMaximum: entriesMaximum)
    }
  }

  /// Makes a directory and those above it that are missing, durably.
  public func createDirectories(_ path: FilePath) async throws(FileError) {
    try await perform(.createDirectory, path) { files throws(FileError) in try files.createDirectories(path) }
  }

  /// Gives an entry a new name, durably.
  public func renameDurably(_ path: FilePath, to target: FilePath) async throws(FileError) {
    try await perform(.rename, path) { files throws(FileError) in
      try files.renameDurably(path, to: target)
    }
  }

  /// Takes a name off a file, durably.
  public func removeDurably(_ path: FilePath) async throws(FileError) {
    try await perform(.remove, path) { files throws(FileError) in try files.removeDurably(path) }
  }

  /// Puts a whole file in place: the old bytes or the new, never a mixture, even after a crash.
  public func replace(
    atomically path: FilePath, with bytes: ByteBuffer, mode: FileMode = .file
  ) async throws(FileError) {
    try await perform(.write, path) { files throws(FileError) in
      try files.replace(atomically: path, with: bytes, mode: mode)
    }
  }

  /// All bytes of a file that has at most `bytesMaximum`.
  public func contents(of path: FilePath, bytesMaximum: Int) async throws(FileError) -> ByteBuffer {
    try await perform(.read, path) { files throws(FileError) in
      try files.contents(of: path, bytesMaximum: bytesMaximum)
    }
  }
}
