// What a part of the process holds to write its lines. A value: copy it, attach fields to the copy, pass it
// down. A call below the module's level is one relaxed load and a comparison; its arguments are not built.

public import Synchronization

/// Writes the lines of one module.
public struct Logger: Sendable {
  @usableFromInline let channel: LogChannel
  var requestID: RequestID?
  var fields: LogFields = [:]

  init(channel: LogChannel) { self.channel = channel }

  /// A logger that writes nothing.
  public static let disabled = Logger(channel: LogChannel(module: "disabled", core: nil, level: nil))

  /// The module whose lines these are.
  public var module: String { channel.module }

  /// The least level that is written now; nil when none is.
  public var level: LogLevel? { LogLevel(rawValue: channel.threshold.load(ordering: .relaxed)) }

  /// Whether a line of `level` would be written.
  @inlinable
  public func isEnabled(_ level: LogLevel) -> Bool {
    level.rawValue >= channel.threshold.load(ordering: .relaxed)
  }

  // MARK: Attaching

  /// The same logger with `fields` on every line.
  public func with(_ fields: LogFields) -> Logger {
    var copy = self
    copy.fields.append(fields)
    return copy
  }

  /// The same logger with the request's identifier on every line; it comes before the task's own.
  public func with(requestID: RequestID) -> Logger {
    var copy = self
    copy.requestID = requestID
    return copy
  }

  /// The same logger when `limit` lets an event through, nil when not; lines tell how many were held back.
  public func limited(by limit: RepeatLimit) -> Logger? {
    guard let suppressed = limit.admit() else { return nil }
    return suppressed == 0 ? self : with(["suppressed": .uint(suppressed)])
  }

  // MARK: Writing

  /// Writes a line of `level`.
  @inlinable
  public func log(
    _ level: LogLevel, _ message: @autoclosure () -> String, _ fields: @autoclosure () -> LogFields = [:]
  ) {
    if isEnabled(level) { emit(level, message(), fields()) }
  }

  /// Writes a trace line.
  @inlinable
  public func trace(_ message: @autoclosure () -> String, _ fields: @autoclosure () -> LogFields = [:]) {
    if isEnabled(.trace) { emit(.trace, message(), fields()) }
  }

  /// Writes a debug line.
  @inlinable
  public func debug(_ message: @autoclosure () -> String, _ fields: @autoclosure () -> LogFields = [:]) {
    if isEnabled(.debug) { emit(.debug, message(), fields()) }
  }

  /// Writes an info line.
  @inlinable
  public func info(_ message: @autoclosure () -> String, _ fields: @autoclosure () -> LogFields = [:]) {
    if isEnabled(.info) { emit(.info, message(), fields()) }
  }

  /// Writes a warning.
  @inlinable
  public func warning(_ message: @autoclosure () -> String, _ fields: @autoclosure () -> LogFields = [:]) {
    if isEnabled(.warning) { emit(.warning, message(), fields()) }
  }

  /// Writes an error.
  @inlinable
  public func error(_ message: @autoclosure () -> String, _ fields: @autoclosure () -> LogFields = [:]) {
    if isEnabled(.error) { emit(.error, message(), fields()) }
  }

  /// Writes a critical line.
  @inlinable
  public func critical(_ message: @autoclosure () -> String, _ fields: @autoclosure () -> LogFields = [:]) {
    if isEnabled(.critical) { emit(.critical, message(), fields()) }
  }

  // Out of line: the caller carries the check and nothing else.
  @usableFromInline
  @inline(never)
  func emit(_ level: LogLevel, _ message: String, _ fields: LogFields) {
    channel.core?.emit(level, module: channel.module, message, fields, of: self)
  }
}
