// Where output goes: a descriptor in the program, memory in tests.

internal import Glibc
internal import Runtime

/// Takes text that a command prints.
public protocol OutputSink: Sendable {
  /// Writes all of the text.
  func write(_ text: String) throws(CommandLineError)
}

/// Writes to a file descriptor, unbuffered: what was printed is out, whatever happens next.
public struct DescriptorOutput: OutputSink {
  /// The descriptor; it stays open.
  public let descriptor: Int32

  /// Writes to a descriptor that somebody else closes.
  public init(_ descriptor: Int32) { self.descriptor = descriptor }

  /// Writes all of the text; a descriptor that does not block is waited for.
  public func write(_ text: String) throws(CommandLineError) {
    var text = text
    let failure = text.withUTF8 { bytes -> Int32? in
      var rest = UnsafeRawBufferPointer(bytes)
      while !rest.isEmpty {
        let count = Glibc.write(descriptor, rest.baseAddress, rest.count)
        if count >= 0 {
          rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        } else if errno == EAGAIN {
          var ready = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
          if poll(&ready, 1, -1) < 0, errno != EINTR { return errno }
        } else if errno != EINTR {
          return errno
        }
      }
      return nil
    }
    if let failure { throw .output(errno: failure) }
  }
}

/// Keeps what is printed, for tests.
public final class CapturedOutput: OutputSink {
  private let captured = Locked("")

  /// Nothing printed yet.
  public init() {}

  /// Everything printed so far.
  public var text: String { captured.withLock { $0 } }

  /// Keeps the text.
  public func write(_ text: String) throws(CommandLineError) { captured.withLock { $0 += text } }
}
