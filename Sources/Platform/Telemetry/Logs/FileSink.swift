// A log file that a rotation tool may move away: on reopen the same descriptor number is pointed at a new
// file in one step, so neither the writer thread nor a crash handler ever sees it closed.

import CLinux
import Glibc

/// Appends lines to a file.
public final class FileSink: LogSink {
  /// Where the file is.
  public let path: String
  private let file: Int32
  private let permissions: mode_t

  /// Opens the file, and makes it when there is none.
  public init(path: String, permissions: UInt32 = 0o640) throws(LogSinkError) {
    self.path = path
    self.permissions = permissions
    file = try Self.open(path, permissions)
  }

  deinit { close(file) }

  /// A file is no terminal.
  public var isTerminal: Bool { false }

  /// The file's descriptor; the number stays the same when the file is reopened.
  public var descriptor: Int32? { file }

  /// Writes some of `bytes`.
  public func write(_ bytes: UnsafeRawBufferPointer) throws(LogSinkError) -> Int {
    try DescriptorSink.write(bytes, to: file)
  }

  /// Opens the path anew and goes on there.
  public func reopen() throws(LogSinkError) {
    let fresh = try Self.open(path, permissions)
    defer { close(fresh) }
    while clinux_dup3(fresh, file, O_CLOEXEC) < 0 {
      guard errno == EINTR || errno == EBUSY else { throw .cannotOpen(path: path, errno: errno) }
    }
  }

  private static func open(_ path: String, _ permissions: mode_t) throws(LogSinkError) -> Int32 {
    let file = Glibc.open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, permissions)
    guard file >= 0 else { throw .cannotOpen(path: path, errno: errno) }
    return file
  }
}
