// A partition on a disk that the test owns, filled by the log itself and then damaged by hand.

import Bytes
import Files
import Log
import LogTools
import Records
import Runtime

/// A log with one topic, for one test.
struct ToolsFixture {
  let files: SimulatedFiles
  let path: FilePath = "/log"
  let id: PartitionID
  private let pool: BlockingPool

  init(_ files: SimulatedFiles = SimulatedFiles()) throws {
    try self.init(files, pool: BlockingPool(name: "tools", threads: 2, queueLimit: 64))
  }

  private init(_ files: SimulatedFiles, pool: BlockingPool) throws {
    self.files = files
    self.pool = pool
    id = PartitionID(try TopicName("events"), 0)
  }

  /// The same log on another disk.
  func on(_ files: SimulatedFiles) throws -> ToolsFixture { try ToolsFixture(files, pool: pool) }

  /// Segments so small that there are many.
  static var settings: TopicSettings {
    var settings = TopicSettings()
    settings.segmentBytes = 4096
    settings.recordBytesMaximum = 1024
    settings.batchBytesMaximum = 2048
    settings.queueBytesMaximum = 64 << 10
    settings.flushBytes = 4096
    // The records' times are long ago; no segment ends for its age.
    settings.segmentAge = .seconds(4_000_000_000)
    return settings
  }

  func open() async throws -> EventLog {
    try await EventLog.open(EventLog.Configuration(path: path), files: files, pool: pool)
  }

  func withLog<Result>(_ body: (EventLog) async throws -> Result) async throws -> Result {
    let log = try await open()
    do {
      let result = try await body(log)
      try await log.close()
      return result
    } catch {
      try await log.close()
      throw error
    }
  }

  /// Appends `value 0` and so on, one record a batch.
  @discardableResult
  func filled(
    _ count: Int, _ settings: TopicSettings = Self.settings, valueBytes: Int = 0
  ) async throws -> ToolsFixture {
    try await withLog { log in
      let partition = try await log.createTopic(id.topic, settings).partitions[0]
      for index in 0..<count {
        try await partition.append(
          Record(
            key: ByteBuffer("key \(index % 10)"),
            value: ByteBuffer("value \(index)" + String(repeating: ".", count: valueBytes)), headers: [],
            timestamp: 1_000_000 + Int64(index)))
      }
    }
    return self
  }

  var directory: FilePath { path / id.directoryName }

  func inspector() throws -> PartitionInspector {
    try LogDirectory(path: path, files: files).partition(id)
  }

  func verify() throws -> VerificationReport { try PartitionVerification(inspector()).run() }

  func repair(salvage: Bool = false) throws -> RepairPlan {
    try PartitionRepair(inspector(), options: .salvaging(salvage), time: ManualTime()).run()
  }

  /// What the log itself finds in the partition once it has opened it, and whether it can be written.
  func openedContents() async throws -> (values: [String], offsets: [Int64], isOpen: Bool) {
    try await withLog { log in
      let partition = try log.partition(id)
      var reader = try partition.reader(from: .beginning)
      var records: [StoredRecord] = []
      while let batch = try reader.next() { records += try batch.records() }
      return (records.map(\.text), records.map(\.offset), partition.standing == .open)
    }
  }

  // MARK: Damaging

  /// Where each batch of a segment stands, and the offset it begins with.
  func batches(of base: Int64) throws -> [(position: Int, header: RecordBatchHeader)] {
    let bytes = try files.contents(of: directory / SegmentFileName.name(base, .log), bytesMaximum: 1 << 20)
    var scanner = BatchScanner(expectedOffset: nil, batchBytesMaximum: 1 << 20)
    var found: [(Int, RecordBatchHeader)] = []
    var position = 0
    while position < bytes.count {
      let rest = bytes.slice(from: position, count: bytes.count - position)
      guard case .batch(let header, let count) = rest.withReadableBytes({ scanner.next($0, atEnd: true) })
      else { break }
      found.append((position, header))
      position += count
    }
    return found
  }

  func bases() throws -> [Int64] { try inspector().segmentFiles().map(\.base) }

  func flip(_ name: String, at position: Int) throws {
    let file = try files.open(directory / name, [.read, .write])
    var bytes = ByteBuffer()
    try file.read(exactly: 1, into: &bytes, at: position)
    try file.write(ByteBuffer([bytes.withReadableBytes { $0[0] } ^ 0x41]), at: position)
    try file.sync()
    try file.close()
  }

  func write(_ bytes: [UInt8], to name: String, at position: Int? = nil) throws {
    let file = try files.open(directory / name, [.read, .write, .create])
    try file.write(ByteBuffer(bytes), at: try position ?? file.status().bytes)
    try file.sync()
    try file.close()
  }

  func truncate(_ name: String, to count: Int) throws {
    let file = try files.open(directory / name, [.read, .write])
    try file.truncate(to: count)
    try file.sync()
    try file.close()
  }

  func remove(_ name: String) throws { try files.removeDurably(directory / name) }

  /// As if the log had not been closed.
  func uncleanly() throws { try remove(SegmentDirectory.cleanShutdownName) }
}

extension PartitionRepair.Options {
  static func salvaging(_ salvage: Bool) -> PartitionRepair.Options {
    var options = PartitionRepair.Options()
    options.salvage = salvage
    return options
  }
}

extension StoredRecord {
  /// The value as text.
  var text: String { record.value.flatMap { String(validating: $0) } ?? "-" }
}

func segmentName(_ base: Int64) -> String { SegmentFileName.name(base, .log) }
