// Where lines go. Only the pipeline's writer thread calls `write`, so a sink may block: it delays other
// lines, never the code that logs.

import CLinux

/// A destination of log lines.
public protocol LogSink: AnyObject, Sendable {
  /// Whether a person is looking: lines may then be coloured.
  var isTerminal: Bool { get }

  /// The descriptor that a crash handler may write to with nothing but write(2); nil when there is none.
  var descriptor: Int32? { get }

  /// Writes some of `bytes`, at least one, and returns how many.
  func write(_ bytes: UnsafeRawBufferPointer) throws(LogSinkError) -> Int

  /// Goes on in a fresh file when the old one was moved away. When it fails, the old one stays in use.
  func reopen() throws(LogSinkError)
}

/// Why a sink could not do its work.
public enum LogSinkError: Error, Equatable, Sendable, CustomStringConvertible {
  /// write(2) failed.
  case cannotWrite(errno: Int32)
  /// The reader of a pipe or terminal did not take anything for `DescriptorSink.stallSeconds`.
  case stalled
  /// The log file could not be opened.
  case cannotOpen(path: String, errno: Int32)

  /// The error in words.
  public var description: String {
    switch self {
    case .cannotWrite(let code): "cannot write: \(Self.words(code))"
    case .stalled: "the reader took nothing for \(DescriptorSink.stallSeconds) seconds"
    case .cannotOpen(let path, let code): "cannot open \(path): \(Self.words(code))"
    }
  }

  private static func words(_ code: Int32) -> String {
    clinux_error_text(code).map { String(cString: $0) } ?? "errno \(code)"
  }
}
