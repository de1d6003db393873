// Lines kept in memory, for tests of whatever logs.

import Runtime

/// Keeps every line.
public final class MemorySink: LogSink {
  private let written = Locked<[UInt8]>([])

  /// An empty sink.
  public init() {}

  /// Nobody looks.
  public var isTerminal: Bool { false }

  /// There is none.
  public var descriptor: Int32? { nil }

  /// Keeps all of `bytes`.
  public func write(_ bytes: UnsafeRawBufferPointer) throws(LogSinkError) -> Int {
    written.withLock { $0.append(contentsOf: bytes) }
    return bytes.count
  }

  /// There is nothing to reopen.
  public func reopen() throws(LogSinkError) {}

  /// The lines so far, without their newlines. Flush the pipeline first.
  public var lines: [String] {
    String(decoding: written.withLock { $0 }, as: UTF8.self)
      .split(separator: "\n").map(String.init)
  }
}
