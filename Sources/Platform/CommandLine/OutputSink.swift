// Where output goes: a descriptor in the program, memory in tests.

internal import Glibc
internal import Runtime

/// Takes text that a command prints.
public protocol OutputSink: Sendable {
  /// Writes all of the text.
  func write(_ text: String) throws(CommandLineError)

  /// Writes all of the bytes, whatever they are.
  func write(_ bytes: RawSpan) throws(CommandLineError)
}

extension OutputSink {
  /// Writes the bytes as text, with U+FFFD where they are none.
  public func write(_ bytes: RawSpan) throws(CommandLineError) {
    try write(bytes.withUnsafeBytes { String(decoding: $0, as: UTF8.self) })
  }
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
    let failure = text.withUTF8 { write(UnsafeRawBufferPointer($0)) }
    if let failure { throw .output(errno: failure) }
  }

  /// Writes all of the bytes; a descriptor that does not block is waited for.
  public func write(_ bytes: RawSpan) throws(CommandLineError) {
    let failure = bytes.withUnsafeBytes { write($0) }
    if let failure { throw .output(errno: failure) }
  }

  /// The error number when not everything could be written.
  private func write(_ bytes: UnsafeRawBufferPointer) -> Int32? {
    var rest = bytes
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
