// The logging of one process: made once by the composer, which hands loggers to the parts. Levels can be
// changed while it runs; the sink and the format can not.

import Bytes
public import Runtime

/// Owns the queue, the writer thread and the levels, and makes loggers.
public final class LogPipeline: Sendable {
  /// When lines are coloured.
  public enum Colour: Hashable, Sendable {
    /// When the sink says that it is a terminal and the format is logfmt.
    case onTerminal
    /// Never.
    case never
  }

  private struct State {
    var levels: LogLevels
    var channels: [String: LogChannel] = [:]
  }

  private let core: LogCore
  private let sink: any LogSink
  private let state: Locked<State>

  /// Starts the writer thread.
  ///
  /// - Parameters:
  ///   - sink: where lines go.
  ///   - format: how lines are written.
  ///   - levels: what is logged.
  ///   - colour: whether a terminal gets colours.
  ///   - time: what lines are stamped with.
  ///   - limits: how long lines and the queue may get.
  public init(
    sink: some LogSink, format: LogFormat = .logfmt, levels: LogLevels = LogLevels(),
    colour: Colour = .onTerminal, time: some TimeSource = SystemTime(), limits: LogLimits = LogLimits()
  ) throws(ThreadError) {
    let renderer = LogRenderer(
      format: format, coloured: colour == .onTerminal && sink.isTerminal, limits: limits)
    let queue = try LogQueue(sink: sink, limits: limits) { dropped, lost, error in
      renderer.losses(dropped: dropped, lost: lost, error: error, at: time.wall)
    }
    core = LogCore(queue: queue, renderer: renderer, time: time)
    self.sink = sink
    state = Locked(State(levels: levels))
  }

  /// The writer ends once it has written what is queued.
  deinit { _ = core.queue.close(within: .zero) }

  /// A logger for `module`: lower-case words, digits and underscores, joined by dots.
  public func logger(_ module: String) -> Logger {
    precondition(LogLevels.isModule(module), "not a module name: \(module)")
    return state.withLock { state in
      if let known = state.channels[module] { return Logger(channel: known) }
      let channel = LogChannel(module: module, core: core, level: state.levels.level(of: module))
      state.channels[module] = channel
      return Logger(channel: channel)
    }
  }

  /// What is logged. Setting it changes every logger at once.
  public var levels: LogLevels {
    get { state.withLock { $0.levels } }
    set {
      state.withLock { state in
        state.levels = newValue
        for channel in state.channels.values { channel.setLevel(newValue.level(of: channel.module)) }
      }
    }
  }

  /// Waits until every line logged so far was given to the sink.
  ///
  /// - Returns: false when `limit` passed first. It blocks the calling thread: never call it on an event loop.
  public func flush(within limit: Duration) -> Bool { core.queue.flush(within: limit) }

  /// Takes no more lines, writes what is queued and ends the writer thread.
  ///
  /// - Returns: false when `limit` passed first.
  public func close(within limit: Duration) -> Bool { core.queue.close(within: limit) }

  /// Goes on in a fresh file, for log rotation. Lines keep going to the old one when this fails.
  public func reopen() throws(LogSinkError) { try sink.reopen() }

  /// Lets a crash handler write the lines that are queued, when the sink is a descriptor. For the one
  /// pipeline of the process; it is kept in memory for ever. `Lifecycle` calls it.
  public func publishForCrash() { core.queue.publishForCrash() }

  /// What became of the lines so far.
  var counts: LogQueue.Counts { core.queue.counts }

  /// Registers what became of the lines.
  public func register(in registry: MetricRegistry) {
    let queue = core.queue
    @Sendable func byLevel(_ counts: [UInt64]) -> [(labels: [String], value: Double)] {
      LogLevel.allCases.map { (["\($0.name)"], Double(counts[Int($0.rawValue)])) }
    }
    registry.counter(
      "varve_log_lines_total", help: "Log lines queued for the sink, by level.", labels: ["level"]
    ) { byLevel(queue.counts.accepted) }
    registry.counter(
      "varve_log_lines_dropped_total", help: "Log lines dropped because the queue was full, by level.",
      labels: ["level"]
    ) { byLevel(queue.counts.dropped) }
    registry.counter(
      "varve_log_lines_lost_total", help: "Queued log lines that the sink failed to write."
    ) { Double(queue.counts.lost) }
    registry.counter(
      "varve_log_write_errors_total", help: "Failed writes to the log's sink."
    ) { Double(queue.counts.writeErrors) }
    registry.gauge("varve_log_queue_bytes", help: "Bytes of log lines waiting for the writer.") {
      Double(queue.queuedBytes)
    }
  }
}

extension LogRenderer {
  /// The line that tells what was dropped for want of room and lost to a failing sink.
  func losses(dropped: [UInt64], lost: UInt64, error: LogSinkError?, at time: Timestamp) -> ByteBuffer {
    var fields: LogFields = [:]
    var level = lost > 0 ? LogLevel.error : .warning
    for candidate in LogLevel.allCases where dropped[Int(candidate.rawValue)] > 0 {
      fields.append(candidate.name, .uint(dropped[Int(candidate.rawValue)]))
      level = max(level, min(candidate, .error))
    }
    if lost > 0 {
      fields.append("lost", .uint(lost))
      if let error { fields.append("cause", .error(error)) }
    }
    var line = ByteBuffer(capacity: 256)
    render(
      LogRecord(time: time, level: level, module: "telemetry", message: "log lines dropped", fields: fields),
      into: &line)
    return line
  }
}
