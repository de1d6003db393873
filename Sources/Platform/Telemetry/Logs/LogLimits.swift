// Every bound of the logging side in one place.

/// The limits of one pipeline, and what happens at each.
public struct LogLimits: Hashable, Sendable {
  /// Bytes of the message; the rest is cut off and its length told.
  public var messageBytesMaximum = 4096
  /// Bytes of one field's value before escaping; the rest is cut off and its length told.
  public var fieldBytesMaximum = 4096
  /// Bytes of one line, its newline included; fields that do not fit are left out and counted in the line.
  public var lineBytesMaximum = 16 << 10
  /// Bytes that wait for the writer; there are two such areas. At 1/2 trace and debug lines are dropped, at
  /// 3/4 info, at 7/8 warnings; only a full queue drops errors.
  public var queueBytesMaximum = 1 << 20

  /// The limits as they are unless a part of the process says otherwise.
  public init() {}

  func check() {
    precondition(lineBytesMaximum >= 256, "a log line needs 256 bytes")
    precondition(messageBytesMaximum >= 16 && fieldBytesMaximum >= 16, "log text needs 16 bytes")
    precondition(queueBytesMaximum >= 8 * lineBytesMaximum, "the log queue must hold eight lines")
  }

  /// How full the queue may be, in bytes, for a line of `level` still to be taken.
  func queueBytes(for level: LogLevel) -> Int {
    switch level {
    case .trace, .debug: queueBytesMaximum / 2
    case .info: queueBytesMaximum / 4 * 3
    case .warning: queueBytesMaximum / 8 * 7
    case .error, .critical: queueBytesMaximum
    }
  }
}
