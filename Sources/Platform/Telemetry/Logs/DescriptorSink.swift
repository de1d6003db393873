// Standard error, standard output, or any descriptor the composer opened.

import Glibc

/// Writes lines to a descriptor that stays open as long as the process.
public final class DescriptorSink: LogSink {
  /// How long a reader that takes nothing is waited for before the lines are given up.
  public static let stallSeconds: Int32 = 5

  private let file: Int32

  /// Lines go to `descriptor`, which this object does not close.
  public init(_ descriptor: Int32) { file = descriptor }

  /// Lines go to standard error.
  public static func standardError() -> DescriptorSink { DescriptorSink(STDERR_FILENO) }

  /// Lines go to standard output.
  public static func standardOutput() -> DescriptorSink { DescriptorSink(STDOUT_FILENO) }

  /// Whether the descriptor is a terminal.
  public var isTerminal: Bool { isatty(file) == 1 }

  /// The descriptor.
  public var descriptor: Int32? { file }

  /// Writes some of `bytes`.
  public func write(_ bytes: UnsafeRawBufferPointer) throws(LogSinkError) -> Int {
    try Self.write(bytes, to: file)
  }

  /// There is nothing to reopen.
  public func reopen() throws(LogSinkError) {}

  static func write(_ bytes: UnsafeRawBufferPointer, to file: Int32) throws(LogSinkError) -> Int {
    while true {
      let count = Glibc.write(file, bytes.baseAddress, bytes.count)
      if count > 0 { return count }
      switch count == 0 ? ENOSPC : errno {
      case EINTR:
        continue
      case EAGAIN:
        // Somebody made the descriptor non-blocking (it may be shared with other processes): wait for room.
        var wait = pollfd(fd: file, events: Int16(POLLOUT), revents: 0)
        if poll(&wait, 1, stallSeconds * 1000) == 0 { throw .stalled }
      case let failure:
        throw .cannotWrite(errno: failure)
      }
    }
  }
}
