// Changes of names that survive a power cut. A rename, a new file or a removal is durable only once the
// directory that holds the name is synced; these operations do both, in the order that never leaves a moment
// at which a crash shows neither the old state nor the new.

public import Bytes

extension FileSystem {
  /// Makes a directory's entries durable.
  public func syncDirectory(_ path: FilePath) throws(FileError) {
    let directory = try open(path, [.read, .directory])
    try directory.sync()
    try directory.close()
  }

  /// Gives an entry a new name, in place of what had it, and returns once that is durable. The bytes of the
  /// file must have been synced before: this makes the name durable, not the content.
  ///
  /// After an error the rename may or may not have happened, and may or may not last.
  public func renameDurably(_ path: FilePath, to target: FilePath) throws(FileError) {
    try rename(path, to: target)
    // The new name first: a crash between the two leaves both names, never none.
    try syncDirectory(target.parent)
    if path.parent != target.parent { try syncDirectory(path.parent) }
  }

  /// Takes a name off a file and returns once that is durable.
  public func removeDurably(_ path: FilePath) throws(FileError) {
    try remove(path)
    try syncDirectory(path.parent)
  }

  /// Puts a whole file in place: whoever opens `path`, before or after a crash, sees all of the old bytes
  /// or all of the new. The bytes go to a temporary file in the same directory, which is synced and renamed.
  ///
  /// After an error the old file is in place unless the error came from syncing the directory; then it is
  /// unknown which of the two a crash would leave.
  public func replace(
    atomically path: FilePath, with bytes: RawSpan, mode: FileMode = .file
  ) throws(FileError) {
    let directory = path.parent
    let (file, temporary) = try createTemporaryFile(in: directory, for: path.name, mode: mode)
    do {
      try file.write(bytes, at: 0)
      try file.sync()
      try file.close()
      try rename(temporary, to: path)
    } catch {
      // What is thrown is why the write failed. A temporary file that cannot be removed either has a name
      // that `isTemporaryName` tells, so that a later start can sweep it away.
      _ = file.closeIfOpen()
      _ = calls.removeQuietly(temporary)
      throw error
    }
    try syncDirectory(directory)
  }

  /// Puts a whole file in place, from a buffer.
  public func replace(
    atomically path: FilePath, with bytes: ByteBuffer, mode: FileMode = .file
  ) throws(FileError) {
    try replace(atomically: path, with: bytes.readable, mode: mode)
  }

  /// All bytes of a file that has at most `bytesMaximum`.
  public func contents(of path: FilePath, bytesMaximum: Int) throws(FileError) -> ByteBuffer {
    let file = try open(path, .read)
    let bytes = try file.status().bytes
    guard bytes <= bytesMaximum else {
      throw .fileTooLarge(path: path, bytes: bytes, bytesMaximum: bytesMaximum)
    }
    var buffer = ByteBuffer(capacity: bytes)
    try file.read(into: &buffer, count: bytes, at: 0)
    try file.close()
    return buffer
  }

  // MARK: Temporary files

  /// Makes a new file with a name of its own, beside where the finished file will be.
  ///
  /// - Parameters:
  ///   - directory: where; a rename to the final name must stay on one file system.
  ///   - purpose: the final name, which the temporary one shows.
  public func createTemporaryFile(
    in directory: FilePath, for purpose: String, mode: FileMode = .ownerOnly
  ) throws(FileError) -> (file: File, path: FilePath) {
    // A long final name is cut, so that the temporary one is not too long in its turn.
    let shown = String(decoding: purpose.utf8.prefix(128), as: UTF8.self)
    var attempts = 0
    while true {
      let path = directory / "\(temporaryPrefix)\(shown).\(calls.makeUniqueName())"
      do {
        return (try open(path, [.read, .write, .create, .exclusive], mode: mode), path)
      } catch {
        attempts += 1
        guard error.number == .exists, attempts < temporaryAttemptsMaximum else { throw error }
      }
    }
  }

  /// Removes the temporary files that earlier processes left in a directory. Only the owner of the
  /// directory's lock may call it: it cannot tell another's living file from a dead one.
  ///
  /// - Returns: how many it removed.
  @discardableResult
  public func removeTemporaryFiles(in directory: FilePath) throws(FileError) -> Int {
    var removed = 0
    for entry in try list(directory) where entry.kind == .file && isTemporaryName(entry.name) {
      try remove(directory / entry.name)
      removed += 1
    }
    return removed
  }
}

/// What the name of a temporary file begins with.
private let temporaryPrefix = ".tmp-"

/// How many taken names in a row are tried: leftovers of a process with the same number, no more.
private let temporaryAttemptsMaximum = 1000

/// Whether a name is one that `createTemporaryFile` gives.
public func isTemporaryName(_ name: String) -> Bool { name.hasPrefix(temporaryPrefix) }

extension FileCalls {
  /// Removes what is in the way and answers with the error instead of throwing it, for paths that are
  /// throwing another one already.
  func removeQuietly(_ path: FilePath) -> ErrorNumber? {
    do {
      try remove(path)
      return nil
    } catch {
      return error
    }
  }
}
