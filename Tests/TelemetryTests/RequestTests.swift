// Request identifiers, the context that carries them, repeated warnings and secrets.

import Bytes
import Runtime
import Testing

@testable import Telemetry

@Suite("Requests") struct RequestTests {
  @Test func identifiersAreShortSortableAndUnique() {
    let time = ManualTime()
    let source = RequestIDSource(time: time, random: SeededRandom(seed: 1))
    var texts: [String] = []
    for step in 0..<2000 {
      texts.append(source.next().description)
      if step % 100 == 0 { time.advance(by: .milliseconds(1)) }
    }
    #expect(texts == texts.sorted() && Set(texts).count == texts.count)
    #expect(texts.allSatisfy { $0.utf8.count == 20 && RequestID(accepting: $0) != nil })
  }

  @Test func identifiersRiseWhenTheClockStepsBack() {
    let time = ManualTime()
    let source = RequestIDSource(time: time, random: SeededRandom(seed: 1))
    let first = source.next()
    time.setWall(Timestamp(nanoseconds: 0))
    #expect(source.next().description > first.description)
  }

  @Test func theTextIsTheTimeThenTheTail() {
    #expect(RequestID(milliseconds: 0, tail: 0).description == "00000000000000000000")
    #expect(RequestID(milliseconds: 0, tail: 33).description == "00000000000000000011")
    #expect(RequestID(milliseconds: .max, tail: .max).description == "zzzzzzzzzzzzzzzzzzzz")
    #expect(RequestID(milliseconds: 1, tail: 0).description == "00000000040000000000")
    var buffer = ByteBuffer()
    RequestID(milliseconds: 1, tail: 33).append(to: &buffer)
    #expect(String(validating: buffer) == RequestID(milliseconds: 1, tail: 33).description)
  }

  @Test(
    "A caller's identifier is kept when it is short and plain",
    arguments: [
      ("a", true), ("4bf92f3577b34da6-a3ce929d0e0e4736", true), ("A.b_c-9", true),
      (String(repeating: "x", count: 64), true), (String(repeating: "x", count: 65), false),
      ("", false), ("a b", false), ("a\nlevel=error", false), ("a;b", false), ("é", false), ("a\"", false),
      ("a=b", false), ("\0", false), ("{a}", false),
    ])
  func accepting(text: String, accepted: Bool) {
    #expect(RequestID(accepting: text)?.description == (accepted ? text : nil))
    #expect(RequestID(accepting: ByteBuffer(text).readable)?.description == (accepted ? text : nil))
  }

  @Test func bytesThatAreNotTextAreRefused() {
    #expect(RequestID(accepting: ByteBuffer([0xff, 0xfe] as [UInt8]).readable) == nil)
  }

  @Test func identifiersAreEqualWhenTheyReadTheSame() throws {
    let made = RequestID(milliseconds: 7, tail: 9)
    let accepted = try #require(RequestID(accepting: made.description))
    #expect(made == accepted && made.hashValue == accepted.hashValue)
    #expect(made != RequestID(milliseconds: 7, tail: 10))
  }

  @Test func everyLineOfATaskCarriesItsRequest() async throws {
    struct Refused: Error {}
    let sink = MemorySink()
    let pipeline = try LogPipeline(sink: sink)
    let log = pipeline.logger("net")
    let outer = try #require(RequestID(accepting: "outer"))
    let inner = try #require(RequestID(accepting: "inner"))
    await LogContext.with(requestID: outer) {
      log.info("a")
      async let child: Void = log.info("b")
      await child
      await LogContext.with(requestID: inner) { log.info("c") }
      log.with(requestID: inner).info("d")
    }
    await #expect(throws: Refused.self) {
      try await LogContext.with(requestID: outer) { () async throws(Refused) in throw Refused() }
    }
    LogContext.$current.withValue(LogContext(requestID: nil, fields: ["volume": 3])) { log.info("e") }
    log.info("f")
    #expect(pipeline.flush(within: .seconds(60)))
    let tails = sink.lines.map { $0.split(separator: " msg=")[1] }
    #expect(
      tails == [
        "a request_id=outer", "b request_id=outer", "c request_id=inner", "d request_id=inner", "e volume=3",
        "f",
      ])
  }

  @Test func whatATaskServesChangesUnderItsContext() async throws {
    let sink = MemorySink()
    let pipeline = try LogPipeline(sink: sink)
    let log = pipeline.logger("net")
    let current = CurrentRequest()
    await LogContext.with(current) {
      log.info("a")
      current.id = RequestID(accepting: "first")
      log.info("b")
      async let child: Void = log.info("c")
      await child
      current.id = RequestID(accepting: "second")
      log.info("d")
      if let own = RequestID(accepting: "own") { await LogContext.with(requestID: own) { log.info("e") } }
    }
    log.info("f")
    #expect(pipeline.flush(within: .seconds(60)))
    let tails = sink.lines.map { $0.split(separator: " msg=")[1] }
    #expect(
      tails == [
        "a", "b request_id=first", "c request_id=first", "d request_id=second", "e request_id=own", "f",
      ])
  }

  @Test func aRepeatedWarningIsWrittenOnceAnInterval() throws {
    let time = ManualTime()
    let sink = MemorySink()
    let pipeline = try LogPipeline(sink: sink, time: time)
    let log = pipeline.logger("net")
    let limit = RepeatLimit(every: .seconds(10), time: time)
    for _ in 0..<25 {
      log.limited(by: limit)?.warning("slow disk")
      time.advance(by: .seconds(1))
    }
    #expect(pipeline.flush(within: .seconds(60)))
    #expect(
      sink.lines.map { $0.split(separator: "disk\"")[1...].joined() } == [
        "", " suppressed=9", " suppressed=9",
      ])
  }

  @Test func ofManyThreadsOneSpeaks() throws {
    let time = ManualTime()
    let limit = RepeatLimit(every: .seconds(1), time: time)
    let admitted = Counter()
    let threads = try (0..<4).map { _ in
      try SystemThread.start(name: "warns") {
        for _ in 0..<1000 { if limit.admit() != nil { admitted.increment() } }
      }
    }
    for thread in threads { thread.join() }
    #expect(admitted.value == 1)
    time.advance(by: .seconds(1))
    #expect(limit.admit() == 3999)
  }
}
