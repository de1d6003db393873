// What the killed and the listing process do.

import Bytes
import Files
import Glibc
import Log
import Records
import Runtime

enum ChildProcess {
  private static func open(_ options: Options) async throws -> EventLog {
    let pool = try BlockingPool(name: "crash", threads: 2, queueLimit: 64)
    return try await EventLog.open(
      EventLog.Configuration(path: FilePath(options.directory) / "log"), files: LocalFiles(), pool: pool)
  }

  /// Appends, and says what was acknowledged, until it is killed or done.
  static func append(_ options: Options) async throws {
    let random = SeededRandom(seed: options.seed &* 1000 &+ UInt64(options.life))
    let log = try await open(options)
    let topic = try TopicName("events")
    let partition: Partition
    if log.topics.isEmpty {
      var settings = TopicSettings()
      settings.segmentBytes = (16 << 10) << Int(random.next(below: 4))
      settings.batchBytesMaximum = 8192
      settings.recordBytesMaximum = 4096
      settings.flushBytes = 16 << 10
      settings.compression = Compression.allCases[Int(random.next(below: 3))]
      settings.preallocation = TopicSettings.Preallocation.allCases[Int(random.next(below: 3))]
      partition = try await log.createTopic(topic, settings).partitions[0]
    } else {
      partition = try log.topic(topic).partitions[0]
    }
    let ledger = Locked(Ledger())
    let failure = await withTaskGroup(of: LogError?.self) { group in
      for index in 0..<4 {
        let workload = Workload(
          producer: "g\(options.life)p\(index)", random: SeededRandom(seed: random.next()), ledger: ledger,
          appends: 400, fillerMaximum: Int(random.next(below: 1000)), onAnswer: say)
        group.addTask { await workload.run(on: partition) }
      }
      return await group.reduce(nil) { $0 ?? $1 }
    }
    if let failure { throw failure }
    try await log.close()
  }

  private static let say: @Sendable (AppendName, Int, Ledger.Fate) -> Void = { name, count, fate in
    let line: String
    switch fate {
    case .durable(let first): line = "durable \(name) \(count) \(first)\n"
    case .written(let first): line = "written \(name) \(count) \(first)\n"
    case .absent: line = "absent \(name) \(count) 0\n"
    case .unknown: return
    }
    // One call, and shorter than a pipe writes at once: a line is there whole or not at all.
    line.withContiguousUTF8 { bytes in
      precondition(Glibc.write(1, bytes.baseAddress, bytes.count) == bytes.count, "the parent is gone")
    }
  }

  /// Opens the log, recovers it, and lists its records.
  static func list(_ options: Options) async throws {
    let log = try await open(options)
    if !log.topics.isEmpty {
      let partition = try log.topic(TopicName("events")).partitions[0]
      guard partition.standing == .open else { throw Violation("it opened as \(partition.standing)") }
      var reader = try partition.reader(from: .beginning)
      while let batch = try reader.next() {
        for stored in try batch.records() {
          guard let value = stored.record.value, let text = String(validating: value) else {
            throw Violation("the record at \(stored.offset) is not one that was appended")
          }
          print(stored.offset, text)
        }
      }
    }
    try await log.close()
  }
}

extension String {
  fileprivate func withContiguousUTF8(_ body: (UnsafeBufferPointer<UInt8>) -> Void) {
    var copy = self
    copy.withUTF8 { body($0) }
  }
}
