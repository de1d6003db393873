// Every call that a log makes of its file system is failed in turn. Whatever fails: the process goes on, the
// error names the file, nothing that was acknowledged is lost, and once the fault is gone the log works again.

import Bytes
import Files
import Foundation
import Records
import Runtime
import Testing

@testable import Log
@testable import log_crash_probe

@Suite("Failing calls")
struct FaultSweepTests {
  private static let topic = "events"

  @Test(
    "one call fails and nothing that was acknowledged is lost",
    arguments: [ErrorNumber.inputOutput, .noSpace], TopicSettings.Preallocation.allCases)
  func eachCallFails(_ number: ErrorNumber, _ preallocation: TopicSettings.Preallocation) async throws {
    let pool = try BlockingPool(name: "faults", threads: 2, queueLimit: 64)
    let whole = FaultScenario(files: SimulatedFiles(), preallocation: preallocation, pool: pool)
    #expect(await whole.run() == nil)
    let calls = whole.files.faults.calls
    #expect(calls > 100, "the scenario does what it is to try")
    // A part of the calls each time, another one the next: with VARVE_EVERY_CALL set all of them.
    let step = ProcessInfo.processInfo.environment["VARVE_EVERY_CALL"] == nil ? 24 : 1
    for call in stride(from: Int.random(in: 1...step), through: calls, by: step) {
      let scenario = FaultScenario(
        files: SimulatedFiles(seed: UInt64(call)), preallocation: preallocation, pool: pool)
      scenario.files.faults.add(FaultRule(.fail(number), at: .call(call)))
      let failure = await scenario.run()
      scenario.files.faults.removeAll()
      if let failure { expectNamesFile(failure, call, scenario.files) }
      try await scenario.expectWhole("\(number.name) at call \(call): \(failure?.description ?? "unnoticed")")
    }
  }

  @Test("writes and reads that do only a part, or are interrupted, are not noticed", arguments: 0..<8)
  func shortAndInterrupted(_ seed: UInt64) async throws {
    let pool = try BlockingPool(name: "faults", threads: 2, queueLimit: 64)
    let files = SimulatedFiles(seed: seed)
    files.faults.add(FaultRule(.shortRandomly, at: .probability(0.5)))
    files.faults.add(
      FaultRule(.fail(.interrupted), on: [.read, .write, .sync, .syncData], at: .probability(0.3)))
    let scenario = FaultScenario(
      files: files, preallocation: TopicSettings.Preallocation.allCases[Int(seed % 3)], pool: pool)
    #expect(await scenario.run() == nil)
    files.faults.removeAll()
    try await scenario.expectWhole("seed \(seed)")
  }

  @Test("after a failed sync nothing is acknowledged until the partition is opened again")
  func failedSync() async throws {
    let files = SimulatedFiles()
    try await LogFixture(files).withLog { log in
      let partition = try await log.createTopic(TopicName(Self.topic), smallSegments()).partitions[0]
      try await partition.append(Record("first"))
      let rule = files.faults.add(FaultRule(.fail(.inputOutput), on: [.syncData], of: .suffix(".log")))
      for text in ["second", "third"] {
        await #expect(throws: LogError.self) { try await partition.append(Record(text)) }
      }
      files.faults.remove(rule)
      guard case .stopped(.stopped(partition.id, let cause)) = partition.standing else {
        Issue.record("\(partition.standing)")
        return
      }
      #expect(cause.number == .inputOutput)
      #expect("\(cause)".contains("/log/events-0/00000000000000000000.log"))
      #expect(throws: LogError.self) { try partition.appendWritten([Record("fourth")]) }
      await #expect(throws: LogError.self) { try await partition.sync() }
      #expect(try partition.contents().map(\.text) == ["first"])
      partition.wish { $0.reopen = true }
      await becomesOpen(partition)
      #expect(try await partition.append(Record("fifth")).first == 1)
      #expect(try partition.contents().map(\.text) == ["first", "fifth"])
    }
    try await LogFixture(files.afterCrash(.nothing)).withLog { log in
      let partition = try log.partition(PartitionID(TopicName(Self.topic), 0))
      #expect(try partition.contents().map(\.text) == ["first", "fifth"])
    }
  }

  @Test("a marker whose removal failed halfway does not keep the partition from being written")
  func markerRemovedHalfway() async throws {
    let files = SimulatedFiles()
    let fixture = try LogFixture(files)
    let name = try TopicName(Self.topic)
    try await fixture.withLog { log in
      try await log.createTopic(name, smallSegments()).partitions[0].append(Record("first"))
    }
    try await fixture.withLog { log in
      let partition = try log.partition(PartitionID(name, 0))
      files.faults.add(FaultRule(.fail(.noSpace), on: [.sync], of: .suffix("events-0"), at: .call(1)))
      await #expect(throws: LogError.self) { try await partition.append(Record("second")) }
      files.faults.removeAll()
      log.runUpkeep()
      await becomesOpen(partition)
      #expect(try await partition.append(Record("third")).first == 1)
    }
  }

  @Test("a partition that was opened again does without the segment that was prepared before")
  func preparedSegmentSwept() async throws {
    let files = SimulatedFiles()
    var settings = smallSegments()
    settings.preallocation = .segment
    try await LogFixture(files).withLog { log in
      let partition = try await log.createTopic(TopicName(Self.topic), settings).partitions[0]
      var appended: [String] = []
      func append(_ text: String) async throws {
        try await partition.append(Record(text + String(repeating: ".", count: 500)))
        appended.append(text)
      }
      // More than half of a segment: the next one is made ready.
      for index in 0..<5 { try await append("\(index)") }
      await until {
        files.faults.record.contains { $0.operation == .sync && $0.path.string.contains(".tmp-") }
      }
      files.faults.add(FaultRule(.fail(.noSpace), on: [.syncData], of: .suffix(".log"), at: .call(1)))
      await #expect(throws: LogError.self) { try await partition.append(Record("lost")) }
      log.runUpkeep()
      await becomesOpen(partition)
      for index in 5..<40 { try await append("\(index)") }
      #expect(try partition.contents().map { String($0.text.prefix { $0 != "." }) } == appended)
    }
  }

  private func expectNamesFile(_ error: LogError, _ call: Int, _ files: SimulatedFiles) {
    switch error {
    case .stopped(_, let cause), .file(let cause):
      #expect("\(cause)".contains(" /"), "call \(call): \(error)")
    default: Issue.record("call \(call) failed with \(error)\n\(files.faults.transcript(last: 8))")
    }
  }
}

/// Something of everything that a log does with files, one thing after the other.
final class FaultScenario: Sendable {
  let files: SimulatedFiles
  private let preallocation: TopicSettings.Preallocation
  private let pool: BlockingPool
  private let ledger = Locked(Ledger())

  init(files: SimulatedFiles, preallocation: TopicSettings.Preallocation, pool: BlockingPool) {
    self.files = files
    self.preallocation = preallocation
    self.pool = pool
  }

  private func open(_ files: SimulatedFiles) async throws(LogError) -> EventLog {
    try await EventLog.open(EventLog.Configuration(path: "/log"), files: files, pool: pool)
  }

  /// Makes and fills a topic, makes and deletes another, closes, opens, goes on. The first error that anybody
  /// was told is returned; whoever gets one goes on all the same.
  func run() async -> LogError? {
    var first: LogError?
    for life in 0..<2 {
      do throws(LogError) {
        let log = try await open(files)
        var failure: LogError?
        do throws(LogError) { try await use(log, life) } catch { failure = error }
        do throws(LogError) { try await log.close() } catch { failure = failure ?? error }
        if let failure { throw failure }
      } catch {
        first = first ?? error
      }
    }
    return first
  }

  private func use(_ log: EventLog, _ life: Int) async throws(LogError) {
    let name = try TopicName("events")
    var settings = smallSegments()
    settings.preallocation = preallocation
    var first: LogError?
    do throws(LogError) {
      let other = try TopicName("other-\(life)")
      try await log.createTopic(other)
      try await log.deleteTopic(other)
    } catch {
      first = error
    }
    let partition =
      log.topics.contains { $0.name == name }
      ? try log.topic(name).partitions[0] : try await log.createTopic(name, settings).partitions[0]
    for number in 0..<9 {
      let append = AppendName(producer: "life\(life)", number: number)
      let label = { RecordLabel(append, index: $0, count: 2).text + String(repeating: "y", count: 400) }
      let records = [Record(label(0), key: "a"), Record(label(1))]
      do throws(LogError) {
        if number % 4 == 3 {
          let receipt = try await partition.append(records, .written)
          ledger.withLock { $0.note(append, count: 2, .written(receipt.first.value)) }
          try await partition.sync()
          ledger.withLock { $0.note(append, count: 2, .durable(receipt.first.value)) }
        } else {
          let receipt = try await partition.append(records)
          ledger.withLock { $0.note(append, count: 2, .durable(receipt.first.value)) }
        }
      } catch {
        first = first ?? error
        // What was written and not synced may have become durable, and may not.
        ledger.withLock { $0.note(append, count: 2, .unknown) }
        partition.wish { $0.reopen = true }
        await becomesOpen(partition)
      }
    }
    if let first { throw first }
  }

  /// With the fault gone, and even when the power goes too: the log opens, keeps the laws, and takes appends.
  func expectWhole(_ comment: String) async throws {
    for survival in [Survival.everything, .nothing] {
      let files = files.afterCrash(survival)
      let transcript = "\(comment), \(survival)\n\(self.files.faults.transcript(last: 30))"
      do {
        let log = try await open(files)
        let name = try TopicName("events")
        if log.topics.contains(where: { $0.name == name }) {
          let partition = try log.topic(name).partitions[0]
          var copy = ledger.withLock { $0 }
          #expect(partition.standing == .open, "\(transcript)")
          try copy.settle(with: try partition.contents())
          try await partition.append(Record("after"))
        } else {
          var copy = ledger.withLock { $0 }
          try copy.settle(with: [])
        }
        try await log.close()
      } catch {
        Issue.record("\(error)\n\(transcript)")
      }
    }
  }
}

/// Returns when `holds` does, after letting others work; gives up when that takes a great many turns.
func until(_ holds: () -> Bool, turns: Int = 2_000_000) async {
  for _ in 0..<turns {
    if holds() { return }
    await Task.yield()
  }
  Issue.record("it never came to be")
}

/// Returns when the partition takes appends again, or was not opened for an error that lasts.
func becomesOpen(_ partition: Partition) async {
  await until { partition.standing == .open }
}
