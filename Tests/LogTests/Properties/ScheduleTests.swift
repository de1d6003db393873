// Random schedules of everything that can be done to a partition, beside a model that is an array.

import Bytes
import Files
import Records
import Runtime
import Testing

@testable import Log

@Suite("Random schedules")
struct ScheduleTests {
  /// What the log must hold: every record, and how many of them are durable.
  private struct Model {
    var records: [(text: String, key: String?, time: Int64)] = []
    var durable = 0
  }

  @Test("a partition does what the model does", arguments: UInt64(1)...24)
  func schedule(_ seed: UInt64) async throws {
    let random = SeededRandom(seed: seed)
    func pick(_ bound: Int) -> Int { Int(random.next(below: UInt64(bound))) }
    var files = SimulatedFiles(seed: seed)
    let pool = try BlockingPool(name: "schedule", threads: 2, queueLimit: 64)
    let time = ManualTime()
    func open() async throws -> EventLog {
      try await EventLog.open(EventLog.Configuration(path: "/log"), files: files, pool: pool, time: time)
    }
    var settings = smallSegments(4096 << pick(2))
    settings.segmentAge = .seconds(10)
    // Nothing is synced but when it is asked for.
    settings.flushInterval = .seconds(1_000_000)
    settings.flushBytes = 1 << 30
    settings.preallocation = TopicSettings.Preallocation.allCases[pick(3)]
    var log = try await open()
    let id = PartitionID(try TopicName("events"), 0)
    var partition = try await log.createTopic(id.topic, settings).partitions[0]
    var model = Model()
    var history: [String] = []

    func append(_ options: AppendOptions) async throws {
      let records = (0...pick(4)).map { _ in
        Record(
          "\(random.next())" + String(repeating: "-", count: pick(250)),
          key: pick(3) == 0 ? nil : "k\(pick(6))",
          timestamp: 1000 + Int64(model.records.count * 5 + pick(40)))
      }
      let receipt = try await partition.append(records, options)
      #expect(receipt.first.value == Int64(model.records.count))
      for record in records {
        model.records.append(
          (Record.text(record.value) ?? "", Record.text(record.key), record.timestamp ?? 0))
      }
      if options.durability == .durable { model.durable = model.records.count }
    }

    for _ in 0..<60 {
      let step = pick(14)
      history.append("\(step)")
      switch step {
      case 0..<3: try await append(.durable)
      case 3..<6: try await append(.written)
      case 6:
        try await partition.sync()
        model.durable = model.records.count
      case 7:
        // Old enough to be rolled.
        let before = partition.table.segments
        try await partition.sync()
        model.durable = model.records.count
        time.advance(by: .seconds(20))
        partition.wish { $0.roll = true }
        try await partition.sync()
        let after = partition.table.segments
        #expect(after.count >= before.count, "\(history)")
        #expect(after.last?.bytes == 0, "\(history)")
      case 8:
        let compression = Compression.allCases[pick(3)]
        let bytes = 4096 << pick(3)
        try await log.alterTopic(id.topic) {
          $0.compression = compression
          $0.segmentBytes = bytes
        }
      case 9:
        try await log.close()
        model.durable = model.records.count
        log = try await open()
        partition = try log.partition(id)
      case 10:
        let survivor = files.afterCrash(.random(seed: random.next()))
        // The power is off for the log that had it.
        files.faults.turnOff()
        await #expect(throws: LogError.self) { try await log.close() }
        files = survivor
        log = try await open()
        partition = try log.partition(id)
        let end = Int(partition.extent().end.value)
        #expect((model.durable...model.records.count).contains(end), "\(history)")
        model.records.removeSubrange(min(end, model.records.count)...)
        model.durable = end
      case 11:
        let key = "k\(pick(6))"
        let last = model.records.lastIndex { $0.key == key }.map { LogOffset(Int64($0)) }
        try await append(AppendOptions(conditions: [.lastOffset(last, ofKey: ByteBuffer(key))]))
      case 12:
        try await partition.sync()
        model.durable = model.records.count
        let wanted = 1000 + Int64(pick(model.records.count * 5 + 60))
        let expected = model.records.firstIndex { $0.time >= wanted } ?? model.records.count
        #expect(try partition.reader(from: .time(wanted)).nextOffset.value == Int64(expected), "\(history)")
      default:
        let from = pick(model.durable + 1)
        let found = try partition.contents(from: .offset(LogOffset(Int64(from)))).filter { $0.offset >= from }
        // A reader that sees what is durable sees at least that.
        #expect(found.count >= model.durable - from, "\(history)")
        let expected = model.records[from..<min(from + found.count, model.records.count)]
        #expect(found.map(\.text) == expected.map(\.text), "\(history)")
        #expect(found.map(\.offset).elementsEqual(Int64(from)..<Int64(from + found.count)), "\(history)")
      }
    }
    try await log.close()
    log = try await open()
    let found = try log.partition(id).contents()
    #expect(found.map(\.text) == model.records.map(\.text), "\(history)")
    #expect(found.map(\.timestamp) == model.records.map(\.time), "\(history)")
    try await log.close()
  }
}

extension Record {
  fileprivate static func text(_ bytes: ByteBuffer?) -> String? { bytes.flatMap { String(validating: $0) } }
}
