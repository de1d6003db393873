// A lock file: one process at a time owns a data directory. The kernel's lock on the open file decides, and
// ends with the process however it dies, so a lock is never stale. What the file says is only for people.

import Bytes

/// A lock on a directory's owner, held until `release()` or until it goes out of scope.
public struct FileLock: ~Copyable, Sendable {
  private let file: File

  /// Takes the lock, or says who has it. Does not wait.
  ///
  /// - Parameters:
  ///   - path: the lock file, made when it is not there. It is never removed: removing it would let two
  ///     processes each lock a file of that name.
  ///   - holder: what the file will say: `LockHolder.current(time:)`.
  public init(_ files: some FileSystem, at path: FilePath, as holder: LockHolder) throws(FileError) {
    let file = try files.open(path, [.read, .write, .create], mode: .file)
    do {
      try file.lock()
    } catch {
      guard error.number == .wouldBlock else { throw error }
      throw .locked(path: path, holder: try Self.holder(in: file))
    }
    // Not synced: after a power cut nobody holds the lock, whatever the file says.
    try file.truncate(to: 0)
    try file.write(holder.text, at: 0)
    self.file = file
  }

  /// Empties the file and gives the lock up.
  public consuming func release() throws(FileError) {
    try file.truncate(to: 0)
    try file.close()
  }

  /// Who holds the lock at `path`, without touching it; nil when nobody does, or nobody that can be seen from
  /// this machine and process namespace. Only for telling people: by the time it is read it may have changed.
  public static func holder(_ files: some FileSystem, of path: FilePath) throws(FileError) -> LockHolder? {
    do throws(FileError) {
      guard
        let owner = try files.attempt(
          .status, path,
          { calls throws(ErrorNumber) in
            try calls.lockOwner(of: path)
          })
      else { return nil }
      let file = try files.open(path, .read)
      if let holder = try holder(in: file) { return holder }
      return LockHolder(processID: owner, host: "this host", started: try file.status().modified)
    } catch {
      if error.isNotFound { return nil }
      throw error
    }
  }

  private static func holder(in file: File) throws(FileError) -> LockHolder? {
    var text = ByteBuffer()
    try file.read(into: &text, count: LockHolder.textBytesMaximum + 1, at: 0)
    return LockHolder(parsing: text)
  }
}
