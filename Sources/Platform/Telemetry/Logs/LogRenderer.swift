// One event, one line: logfmt for people and grep, JSON for collectors. A line is always a whole, valid one:
// what does not fit is left out and said to be. Escaping is in LogText.swift.

import Bytes
import Runtime

/// How lines are written.
public enum LogFormat: String, CaseIterable, Hashable, Sendable {
  /// `time=… level=info module=net msg="listening" port=8080`
  case logfmt
  /// `{"time":"…","level":"info","module":"net","msg":"listening","port":8080}`
  case json
}

/// Everything a line says.
struct LogRecord {
  var time: Timestamp
  var level: LogLevel
  var module: String
  var message: String
  var requestID: RequestID?
  var contextFields: LogFields = [:]
  var loggerFields: LogFields = [:]
  var fields: LogFields = [:]
}

/// Writes records as lines.
struct LogRenderer: Sendable {
  let format: LogFormat
  /// Whether the level is coloured; only ever for logfmt.
  let coloured: Bool
  let limits: LogLimits

  init(format: LogFormat, coloured: Bool = false, limits: LogLimits = LogLimits()) {
    limits.check()
    self.format = format
    self.coloured = coloured && format == .logfmt
    self.limits = limits
  }

  /// Appends the record's line with its newline to an empty buffer.
  func render(_ record: LogRecord, into line: inout ByteBuffer) {
    head(record, into: &line)
    var omitted = 0
    // A field given nearer to the call takes the place of one given further away.
    append(record.contextFields, hiddenBy: record.loggerFields, record.fields, &line, &omitted)
    append(record.loggerFields, hiddenBy: record.fields, [:], &line, &omitted)
    append(record.fields, hiddenBy: [:], [:], &line, &omitted)
    if omitted > 0 {
      appendKey("fields_omitted", &line)
      LogText.append(UInt64(omitted), to: &line)
    }
    if format == .json { line.append("}") }
    line.append("\n")
  }

  /// Bytes kept free for `fields_omitted` and the end of the line.
  private static let tailBytes = 48

  private func head(_ record: LogRecord, into line: inout ByteBuffer) {
    switch format {
    case .logfmt:
      line.append("time=")
      record.time.append(to: &line)
      line.append(" level=")
      if coloured { line.append(Self.colour(of: record.level)) }
      line.append(record.level.name)
      if coloured { line.append("\u{1b}[0m") }
      line.append(" module=")
      line.append(record.module)
    case .json:
      line.append("{\"time\":\"")
      record.time.append(to: &line)
      line.append("\",\"level\":\"")
      line.append(record.level.name)
      line.append("\",\"module\":\"")
      line.append(record.module)
      line.append("\"")
    }
    appendKey("msg", &line)
    let start = line.count
    text(record.message, maximum: limits.messageBytesMaximum, &line)
    // Escaping may make a message six times as long: what then exceeds the line is cut shorter.
    let room = limits.lineBytesMaximum - Self.requestIDBytes - Self.tailBytes
    var maximum = room - start - LogText.cutMarkBytes
    while line.count > room && maximum > 0 {
      line.truncate(to: start)
      text(record.message, maximum: maximum, &line)
      maximum /= 2
    }
    if let requestID = record.requestID {
      appendKey("request_id", &line)
      if format == .json { line.append("\"") }
      requestID.append(to: &line)
      if format == .json { line.append("\"") }
    }
  }

  /// Bytes that a request's identifier takes at most, with its key.
  private static let requestIDBytes = RequestID.acceptedBytesMaximum + 16

  private func append(
    _ list: LogFields, hiddenBy nearer: LogFields, _ nearest: LogFields, _ line: inout ByteBuffer,
    _ omitted: inout Int
  ) {
    for (index, (key, value)) in list.entries.enumerated() {
      if list.contains(key, from: index + 1) || nearer.contains(key) || nearest.contains(key) { continue }
      let before = line.count
      appendKey(key, isField: true, &line)
      appendValue(value, &line)
      if line.count > limits.lineBytesMaximum - Self.tailBytes {
        line.truncate(to: before)
        omitted += 1
      }
    }
  }

  /// Appends what comes before a value. Keys are literals, yet a character that would break the line is
  /// replaced, and a key of the line's own gets an underscore so that no key comes twice.
  private func appendKey(_ key: StaticString, isField: Bool = false, _ line: inout ByteBuffer) {
    line.append(format == .json ? ",\"" : " ")
    key.withUTF8Buffer { bytes in
      if bytes.allSatisfy(LogText.isKey) {
        line.append(UnsafeRawBufferPointer(bytes))
      } else {
        for byte in bytes { line.append(LogText.isKey(byte) ? byte : UInt8(ascii: "_")) }
      }
    }
    if isField && Self.reservedKeys.contains(where: { key.isSame(as: $0) }) { line.append("_") }
    line.append(format == .json ? "\":" : "=")
  }

  private static let reservedKeys: [StaticString] = [
    "time", "level", "module", "msg", "request_id", "fields_omitted",
  ]

  private func appendValue(_ value: LogValue, _ line: inout ByteBuffer) {
    switch value.storage {
    case .string(let string): text(string, maximum: limits.fieldBytesMaximum, &line)
    case .int(let number): LogText.append(number, to: &line)
    case .uint(let number): LogText.append(number, to: &line)
    case .bool(let flag): line.append(flag ? "true" : "false")
    case .error(let error): text("\(error)", maximum: limits.fieldBytesMaximum, &line)
    case .redacted: line.append(format == .json ? "\"[redacted]\"" : "[redacted]")
    case .double(let number):
      if number.isFinite || format == .logfmt {
        line.append(number.description)
      } else {
        text(number.description, maximum: limits.fieldBytesMaximum, &line)
      }
    case .duration(let duration):
      if format == .json {
        let seconds = Double(duration.magnitude.wholeNanoseconds) / 1e9
        line.append((duration < .zero ? -seconds : seconds).description)
      } else {
        LogText.append(duration, to: &line)
      }
    case .bytes(let bytes):
      if format == .json { line.append("\"") }
      LogText.append(hexadecimal: bytes, maximum: limits.fieldBytesMaximum / 2, to: &line)
      if format == .json { line.append("\"") }
    }
  }

  private func text(_ string: String, maximum: Int, _ line: inout ByteBuffer) {
    LogText.append(string, maximum: maximum, quoted: format == .json, to: &line)
  }

  /// The sequence of terminal attributes a level is shown in.
  private static func colour(of level: LogLevel) -> StaticString {
    switch level {
    case .trace, .debug: "\u{1b}[90m"
    case .info: "\u{1b}[32m"
    case .warning: "\u{1b}[33m"
    case .error: "\u{1b}[31m"
    case .critical: "\u{1b}[1;31m"
    }
  }
}
