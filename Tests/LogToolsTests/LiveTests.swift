// Looking at a partition beside the process that writes it, on a real disk: reading, waiting, verifying and
// counting, while segments are appended to, rolled, taken away and put in each other's place.

import Bytes
import Files
import Foundation
import Log
import LogTools
import Records
import Runtime
import Testing

@Suite("Beside a writer")
struct LiveTests {
  @Test("readers that wait see every record once, in order; verification never blames a living log")
  func tailAndVerify() async throws {
    let place = try TemporaryLog()
    let count = 1500
    try await place.withLog { log in
      let partition = try await log.createTopic(place.id.topic, ToolsFixture.settings).partitions[0]
      let inspector = try LogDirectory(path: place.path, files: LocalFiles()).partition(place.id)
      #expect(try inspector.holder()?.processID == ProcessInfo.processInfo.processIdentifier)
      let isDone = Locked(false)
      try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<2 {
          group.addTask {
            try await place.pool.perform {
              () throws(LogError) in try Self.tail(inspector, count)
            }
          }
        }
        group.addTask {
          try await place.pool.perform {
            () throws(LogError) in try Self.verify(inspector) { isDone.withLock { $0 } }
          }
        }
        group.addTask {
          for index in 0..<count {
            let options: AppendOptions = index % 3 == 0 ? .durable : .written
            try await partition.append(
              Record(key: nil, value: ByteBuffer("value \(index)"), headers: []), options)
          }
          try await partition.sync()
          isDone.withLock { $0 = true }
        }
        try await group.waitForAll()
      }
      let statistics = try PartitionStatistics.collect(inspector)
      #expect(statistics.total.records == count && statistics.damage == nil)
    }
    let inspector = try LogDirectory(path: place.path, files: LocalFiles()).partition(place.id)
    #expect(try inspector.holder() == nil)
    #expect(try PartitionVerification(inspector).run().findings.isEmpty)
  }

  private static func tail(_ inspector: PartitionInspector, _ count: Int) throws(LogError) {
    var reader = try inspector.reader(from: .beginning)
    var next: Int64 = 0
    while next < Int64(count) {
      while let batch = try reader.next() {
        #expect(batch.header.baseOffset == next)
        next = batch.header.nextOffset
      }
      if next < Int64(count) {
        _ = try inspector.waitForMore(from: reader.nextOffset, timeout: .seconds(60))
      }
    }
  }

  private static func verify(_ inspector: PartitionInspector, until isDone: () -> Bool) throws(LogError) {
    var records = 0
    repeat {
      let report = try PartitionVerification(inspector).run()
      #expect(report.findings.isEmpty, "\(report.findings)")
      #expect(report.records >= records && report.wasLive)
      records = report.records
    } while !isDone()
  }

  @Test("waiting ends when its time is over, and at once when there is something already")
  func waiting() async throws {
    let place = try TemporaryLog()
    try await place.withLog { log in
      let partition = try await log.createTopic(place.id.topic, ToolsFixture.settings).partitions[0]
      let inspector = try LogDirectory(path: place.path, files: LocalFiles()).partition(place.id)
      #expect(try !inspector.waitForMore(from: 0, timeout: .milliseconds(1)))
      try await partition.append(Record(key: nil, value: ByteBuffer("x"), headers: []))
      #expect(try inspector.waitForMore(from: 0, timeout: .zero))
      #expect(try !inspector.waitForMore(from: 1, timeout: .zero))
    }
  }

  @Test("a directory where nobody says what is durable is followed by its segments, as one of Kafka's")
  func withoutDurableEnd() async throws {
    let place = try TemporaryLog()
    try await place.withLog { log in
      let partition = try await log.createTopic(place.id.topic).partitions[0]
      for index in 0..<5 {
        try await partition.append(Record(key: nil, value: ByteBuffer("\(index)"), headers: []))
      }
    }
    let files = LocalFiles()
    let directory = place.path / place.id.directoryName
    try files.remove(directory / SegmentDirectory.durableEndName)
    try files.remove(directory / SegmentDirectory.cleanShutdownName)
    let inspector = try PartitionInspector(path: directory, files: files)
    let name = SegmentFileName.name(0, .log)
    let whole = try files.contents(of: directory / name, bytesMaximum: 1 << 20)
    #expect(try inspector.extent().end == 5)
    // The same batches, one offset block later, appended by somebody else.
    var more = ByteBuffer()
    var scanner = BatchScanner(expectedOffset: nil, batchBytesMaximum: 1 << 20)
    var rest = whole
    while case .batch(let header, let count) = rest.withReadableBytes({ scanner.next($0, atEnd: true) }) {
      var batch = rest.split(count)
      batch.withMutableReadableBytes { $0.storeBytes(of: (header.baseOffset + 5).bigEndian, as: Int64.self) }
      more.append(batch)
    }
    let appended = more
    try await withThrowingTaskGroup(of: Bool.self) { group in
      group.addTask {
        try await place.pool.perform {
          () throws(LogError) in try inspector.waitForMore(from: 5, timeout: .seconds(60))
        }
      }
      let file = try files.open(directory / name, [.read, .write])
      try file.write(appended, at: whole.count)
      try file.close()
      for try await isMore in group { #expect(isMore) }
    }
    #expect(try inspector.extent().end == 10)
    #expect(try inspector.count() == 10)
  }
}

/// A log on the machine's own disk, removed at the end.
final class TemporaryLog: Sendable {
  let path: FilePath
  let id: PartitionID
  let pool: BlockingPool

  init() throws {
    let place = FileManager.default.temporaryDirectory.appendingPathComponent("log-\(UUID().uuidString)")
    path = FilePath(place.path)
    id = PartitionID(try TopicName("events"), 0)
    pool = try BlockingPool(name: "live", threads: 4, queueLimit: 64)
  }

  deinit {
    do { try LocalFiles().removeTree(path) } catch { Issue.record("\(path) is left: \(error)") }
  }

  func withLog(_ body: (EventLog) async throws -> Void) async throws {
    let log = try await EventLog.open(EventLog.Configuration(path: path), files: LocalFiles(), pool: pool)
    do {
      try await body(log)
      try await log.close()
    } catch {
      try await log.close()
      throw error
    }
  }
}

extension PartitionInspector {
  /// How many records there are.
  func count() throws -> Int {
    var reader = try reader(from: .beginning)
    var count = 0
    while let batch = try reader.next() { count += Int(batch.header.recordCount) }
    return count
  }
}
