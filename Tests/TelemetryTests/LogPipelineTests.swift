// From call to sink: what is written, what is dropped and how that is told, and what a failing sink does.

import Bytes
import Glibc
import Runtime
import Testing

@testable import Telemetry

/// A sink whose writes wait while it is held, and fail as told.
final class TestSink: LogSink {
  private struct State {
    var written: [UInt8] = []
    var failures: [LogSinkError] = []
    var partial: Int?
    var reopened = 0
  }
  private let state = Locked(State())
  let arrived = Semaphore()
  let go = Semaphore()
  let holds: Bool

  init(holding: Bool = false) { holds = holding }

  var isTerminal: Bool { false }
  var descriptor: Int32? { nil }
  func fail(_ failures: [LogSinkError], afterBytes partial: Int? = nil) {
    state.withLock { ($0.failures, $0.partial) = (failures, partial) }
  }

  func write(_ bytes: UnsafeRawBufferPointer) throws(LogSinkError) -> Int {
    if holds {
      arrived.signal()
      go.wait()
    }
    return try state.withLock { state throws(LogSinkError) in
      if let partial = state.partial {
        state.partial = nil
        state.written.append(contentsOf: bytes.prefix(partial))
        return partial
      }
      if !state.failures.isEmpty { throw state.failures.removeFirst() }
      state.written.append(contentsOf: bytes)
      return bytes.count
    }
  }

  func reopen() throws(LogSinkError) { state.withLock { $0.reopened += 1 } }
  var reopened: Int { state.withLock { $0.reopened } }
  var lines: [String] {
    String(decoding: state.withLock { $0.written }, as: UTF8.self).split(separator: "\n").map(String.init)
  }
}

/// A counting semaphore for threads.
final class Semaphore: @unchecked Sendable {
  // The pointer never changes, and sem_t is made for threads.
  private let semaphore = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)
  init() { sem_init(semaphore, 0, 0) }
  deinit {
    sem_destroy(semaphore)
    semaphore.deallocate()
  }
  func signal() { sem_post(semaphore) }
  func wait() { while sem_wait(semaphore) != 0 {} }
}

@Suite("Log pipeline") struct LogPipelineTests {
  static let patience = Duration.seconds(60)

  static func smallLimits() -> LogLimits {
    var limits = LogLimits()
    limits.lineBytesMaximum = 512
    limits.queueBytesMaximum = 8192
    return limits
  }

  @Test func linesComeOutInOrder() throws {
    let sink = MemorySink()
    let pipeline = try LogPipeline(sink: sink, time: ManualTime())
    let log = pipeline.logger("net").with(["listener": 1])
    for number in 0..<5000 { log.info("line", ["number": .int(number)]) }
    #expect(pipeline.flush(within: Self.patience))
    #expect(sink.lines.count == 5000)
    #expect(
      sink.lines.first
        == "time=2023-11-14T22:13:20.000000Z level=info module=net msg=line listener=1 number=0")
    #expect(zip(sink.lines, 0...).allSatisfy { $0.hasSuffix(" number=\($1)") })
  }

  @Test func nothingIsBuiltForALineThatIsNotWritten() throws {
    let pipeline = try LogPipeline(sink: MemorySink(), levels: LogLevels(.warning))
    let log = pipeline.logger("net")
    func built() -> String {
      Issue.record("built for a line that is off")
      return ""
    }
    log.info(built(), ["v": .string(built())])
    log.log(.debug, built())
    Logger.disabled.critical(built())
  }

  @Test func levelsChangeWhileLoggersAreHeld() throws {
    let sink = MemorySink()
    let pipeline = try LogPipeline(sink: sink, levels: LogLevels(.info))
    let net = pipeline.logger("net.http")
    let files = pipeline.logger("files")
    #expect(net.level == .info)
    net.debug("no")
    pipeline.levels = try LogLevels(parsing: "error,net=debug")
    #expect(net.isEnabled(.debug) && !files.isEnabled(.warning))
    net.debug("yes")
    files.warning("no")
    pipeline.levels = LogLevels(nil)
    #expect(net.level == nil)
    net.critical("no")
    #expect(pipeline.flush(within: Self.patience))
    #expect(sink.lines.count == 1 && sink.lines[0].contains("msg=yes"))
  }

  @Test func aFullQueueDropsTheLeastFirstAndSaysSo() throws {
    let sink = TestSink(holding: true)
    let pipeline = try LogPipeline(sink: sink, levels: LogLevels(.trace), limits: Self.smallLimits())
    let log = pipeline.logger("net")
    log.info("first")
    sink.arrived.wait()  // The writer now sits in the sink with the first line; all that follows queues.
    let filler = String(repeating: "x", count: 100)
    for level in [LogLevel.debug, .info, .warning, .error] {
      for _ in 0..<100 { log.log(level, filler) }
    }
    let counts = pipeline.counts
    #expect(counts.dropped.reduce(0, +) + counts.accepted.reduce(0, +) == 401)
    // Each level found the queue full, and the next one still some room.
    for level in [LogLevel.debug, .info, .warning, .error] {
      #expect((1..<100).contains(counts.accepted[Int(level.rawValue)]), "\(level.name)")
    }
    for _ in 0..<4 { sink.go.signal() }
    #expect(pipeline.flush(within: Self.patience))
    let told = try #require(sink.lines.last)
    #expect(told.contains(" level=error module=telemetry msg=\"log lines dropped\""))
    for level in [LogLevel.debug, .info, .warning, .error] {
      #expect(told.contains(" \(level.name)=\(counts.dropped[Int(level.rawValue)])"))
    }
    #expect(sink.lines.count == Int(counts.accepted.reduce(0, +)) + 1)
  }

  @Test func dropsAreToldOnce() throws {
    let sink = TestSink(holding: true)
    let pipeline = try LogPipeline(sink: sink, limits: Self.smallLimits())
    let log = pipeline.logger("net")
    log.info("first")
    sink.arrived.wait()
    for _ in 0..<100 { log.info("fill") }
    for _ in 0..<10 { sink.go.signal() }
    #expect(pipeline.flush(within: Self.patience))
    log.info("later")
    #expect(pipeline.flush(within: Self.patience))
    #expect(sink.lines.filter { $0.contains("log lines dropped") }.count == 1)
    #expect(sink.lines.last?.contains("msg=later") == true)
  }

  @Test(
    "A failing sink loses its lines, once, and says so",
    arguments: [
      .cannotWrite(errno: EPIPE), .cannotWrite(errno: ENOSPC), .stalled,
    ] as [LogSinkError])
  func failingSink(error: LogSinkError) throws {
    let sink = TestSink()
    let pipeline = try LogPipeline(sink: sink)
    let log = pipeline.logger("net")
    sink.fail([error])
    log.info("lost")
    #expect(pipeline.flush(within: Self.patience))
    // The report is the first thing written after the error.
    #expect(sink.lines.count == 1 && sink.lines[0].contains("level=error module=telemetry"))
    #expect(sink.lines[0].contains(" lost=1 cause="))
    log.info("kept")
    #expect(pipeline.flush(within: Self.patience))
    #expect(sink.lines.count == 2 && sink.lines[1].contains("msg=kept"))
    #expect(pipeline.counts.writeErrors == 1 && pipeline.counts.lost == 1)
  }

  @Test func aSinkThatKeepsFailingIsTriedOnceALine() throws {
    let sink = TestSink()
    let pipeline = try LogPipeline(sink: sink)
    let log = pipeline.logger("net")
    sink.fail(Array(repeating: .cannotWrite(errno: ENOSPC), count: 6))
    for _ in 0..<3 {
      log.info("lost")
      #expect(pipeline.flush(within: Self.patience))
    }
    // Each flush is one attempt at the line and one at the report.
    #expect(pipeline.counts.writeErrors == 6 && pipeline.counts.lost == 3)
    log.info("kept")
    #expect(pipeline.flush(within: Self.patience))
    #expect(sink.lines.count == 2)
    #expect(sink.lines[0].contains("msg=kept") && sink.lines[1].contains(" lost=3 "))
  }

  @Test func aTornLineIsEndedBeforeTheNext() throws {
    let sink = TestSink()
    let pipeline = try LogPipeline(sink: sink)
    let log = pipeline.logger("net")
    sink.fail([.cannotWrite(errno: ENOSPC)], afterBytes: 10)
    log.info("torn")
    #expect(pipeline.flush(within: Self.patience))
    #expect(sink.lines.count == 2)
    #expect(sink.lines[0].utf8.count == 10)
    #expect(sink.lines[1].hasPrefix("time=") && sink.lines[1].contains(" lost=1 "))
  }

  @Test func flushGivesUpWhenTheSinkHangs() throws {
    let sink = TestSink(holding: true)
    let pipeline = try LogPipeline(sink: sink)
    pipeline.logger("net").info("stuck")
    sink.arrived.wait()
    #expect(!pipeline.flush(within: .milliseconds(1)))
    #expect(!pipeline.close(within: .milliseconds(1)))
    sink.go.signal()
    #expect(pipeline.flush(within: Self.patience))
  }

  @Test func closingWritesWhatIsQueuedAndTakesNoMore() throws {
    let sink = MemorySink()
    let pipeline = try LogPipeline(sink: sink)
    let log = pipeline.logger("net")
    log.info("before")
    #expect(pipeline.close(within: Self.patience))
    log.error("after")
    #expect(sink.lines.count == 1)
    #expect(pipeline.counts.dropped[Int(LogLevel.error.rawValue)] == 1)
    #expect(pipeline.close(within: Self.patience))
  }

  @Test func aFieldMayLogWhileItIsDescribed() throws {
    struct Chatty: Error, CustomStringConvertible {
      let log: Logger
      var description: String {
        log.info("inner")
        return "outer"
      }
    }
    let sink = MemorySink()
    let pipeline = try LogPipeline(sink: sink)
    let log = pipeline.logger("net")
    log.info("x", ["cause": .error(Chatty(log: log))])
    #expect(pipeline.flush(within: Self.patience))
    #expect(sink.lines.map { $0.suffix(9) } == ["msg=inner", "use=outer"])
  }

  @Test func manyThreadsLogWholeLines() throws {
    let sink = MemorySink()
    let pipeline = try LogPipeline(sink: sink)
    let threads = try (0..<4).map { thread in
      let log = pipeline.logger("thread\(thread)")
      return try SystemThread.start(name: "logs") {
        for number in 0..<500 { log.info("line", ["number": .int(number)]) }
      }
    }
    for thread in threads { thread.join() }
    #expect(pipeline.flush(within: Self.patience))
    for thread in 0..<4 {
      let mine = sink.lines.filter { $0.contains(" module=thread\(thread) ") }
      #expect(mine.count == 500)
      #expect(zip(mine, 0...).allSatisfy { $0.hasSuffix(" msg=line number=\($1)") })
    }
  }

  @Test func whatBecameOfTheLinesIsMeasured() throws {
    let registry = MetricRegistry()
    let sink = TestSink()
    let pipeline = try LogPipeline(sink: sink)
    pipeline.register(in: registry)
    sink.fail([.cannotWrite(errno: EPIPE)])
    pipeline.logger("net").warning("lost")
    #expect(pipeline.flush(within: Self.patience))
    let text = exposition(registry)
    for line in [
      "varve_log_lines_total{level=\"warning\"} 1", "varve_log_lines_total{level=\"error\"} 0",
      "varve_log_lines_dropped_total{level=\"warning\"} 0", "varve_log_lines_lost_total 1",
      "varve_log_write_errors_total 1", "varve_log_queue_bytes 0",
    ] {
      #expect(text.contains(line + "\n"))
    }
  }

  @Test func reopeningReachesTheSink() throws {
    let sink = TestSink()
    try LogPipeline(sink: sink).reopen()
    #expect(sink.reopened == 1)
  }

  @Test(
    "A module name is lower-case words joined by dots", arguments: ["", "Net", "a b", "a..b", "a=b", "a\n"])
  func badModules(name: String) async {
    await #expect(processExitsWith: .failure) { [name] in
      _ = try LogPipeline(sink: MemorySink()).logger(name)
    }
  }
}
