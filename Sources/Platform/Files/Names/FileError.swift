// What every operation of this layer can fail with. A case carries what an operator needs to act: which
// call, on which file, where in it, and what the system said.

public import Runtime

/// Why an operation on files failed.
public enum FileError: Error, Equatable, Sendable {
  /// A call failed. `offset` and `length` are there when the call had them.
  case failed(FileOperation, path: FilePath, offset: Int?, length: Int?, ErrorNumber)
  /// The file ended before all the bytes that must be there.
  case unexpectedEnd(path: FilePath, offset: Int, wanted: Int, got: Int)
  /// The kernel took no byte and gave no error, so that going on would never end.
  case noProgress(FileOperation, path: FilePath, offset: Int, length: Int)
  /// Another process, or another handle of this one, holds the lock; `holder` is nil when the lock file
  /// does not say who.
  case locked(path: FilePath, holder: LockHolder?)
  /// The directory has more entries than the caller is ready to take.
  case directoryTooLarge(path: FilePath, entriesMaximum: Int)
  /// The file has more bytes than the caller is ready to take.
  case fileTooLarge(path: FilePath, bytes: Int, bytesMaximum: Int)
  /// The directory tree is deeper than this layer walks.
  case tooDeep(path: FilePath, depthMaximum: Int)
  /// The pool of blocking threads did not run the operation: its queue is full, the caller was cancelled, or
  /// the pool is shut down. Nothing was done.
  case notRun(FileOperation, path: FilePath, PoolError)

  /// The system's number, when a call failed.
  public var number: ErrorNumber? {
    if case .failed(_, _, _, _, let number) = self { return number }
    return nil
  }

  /// Whether a call failed because the name does not exist.
  public var isNotFound: Bool { number == .notFound }

  /// Whether the disk, or the quota on it, is full.
  public var isOutOfSpace: Bool { number == .noSpace || number == .quotaExceeded }
}

extension FileError: CustomStringConvertible {
  /// One line for a log: `pwrite /data/0.log, 512 bytes at 4096: ENOSPC (No space left on device)`.
  public var description: String {
    switch self {
    case .failed(let operation, let path, let offset, let length, let number):
      "\(operation) \(path)\(Self.place(offset, length)): \(number)"
    case .unexpectedEnd(let path, let offset, let wanted, let got):
      "\(path) ends early: wanted \(wanted) bytes at \(offset), got \(got)"
    case .noProgress(let operation, let path, let offset, let length):
      "\(operation) \(path)\(Self.place(offset, length)): the kernel took nothing and gave no error"
    case .locked(let path, let holder):
      "\(path) is locked by \(holder.map(\.description) ?? "a process that did not say who it is")"
    case .directoryTooLarge(let path, let entriesMaximum):
      "\(path) has more than \(entriesMaximum) entries"
    case .fileTooLarge(let path, let bytes, let bytesMaximum):
      "\(path) has \(bytes) bytes, more than the \(bytesMaximum) that are allowed"
    case .tooDeep(let path, let depthMaximum):
      "\(path) is nested more than \(depthMaximum) directories deep"
    case .notRun(let operation, let path, .saturated(let queued)):
      "\(operation) \(path): not begun, \(queued) operations wait for a thread"
    case .notRun(let operation, let path, .cancelled): "\(operation) \(path): cancelled before it began"
    case .notRun(let operation, let path, .shutDown): "\(operation) \(path): not begun, shutting down"
    }
  }

  private static func place(_ offset: Int?, _ length: Int?) -> String {
    switch (offset, length) {
    case (let offset?, let length?): ", \(length) bytes at \(offset)"
    case (let offset?, nil): " at \(offset)"
    case (nil, let length?): ", \(length) bytes"
    case (nil, nil): ""
    }
  }
}
