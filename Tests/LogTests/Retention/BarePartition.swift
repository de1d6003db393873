// A partition without threads: segments written straight to a simulated disk, and upkeep run on them call by
// call, so that the same seed always gives the same run.

import Bytes
import Files
import Records
import Telemetry

@testable import Log

/// The segments of one partition on a disk, and what a test knows of them.
struct BarePartition {
  /// One append: its records share a batch.
  struct Append {
    var records: [Record]
    var compression = Compression.none
    var stamp: ProducerStamp?
  }

  static let id: PartitionID = {
    do throws(LogError) {
      return PartitionID(try TopicName("events"), 0)
    } catch {
      preconditionFailure("\(error)")
    }
  }()

  var settings = TopicSettings()
  private(set) var segments: ContiguousArray<SegmentInfo> = []
  private(set) var end: Int64 = 0
  /// Every record that was written.
  private(set) var records: [StoredRecord] = []
  private(set) var files = SimulatedFiles()

  /// Writes sealed segments and an active one after them, all durable.
  init(
    _ sealed: [[Append]], active: [Append] = [Append(records: [Record("active", key: "active")])],
    settings: TopicSettings = TopicSettings(), model: CrashModel = .hostile, now: Int64 = 1_000_000
  ) throws {
    let disk = SimulatedFiles(model: model)
    self.settings = settings
    let directory = Self.directory(on: disk)
    try disk.createDirectories(directory.path)
    for appends in sealed + [active] {
      let writer = try SegmentWriter.begin(directory, base: end, prepared: nil)
      for append in appends { try write(append, with: writer, now: now) }
      try writer.close()
      segments.append(SegmentInfo(base: writer.base, bytes: writer.bytes))
    }
    try DurableEnd(directory).write(end)
    files = disk.afterCrash(.everything)
  }

  private mutating func write(_ append: Append, with writer: SegmentWriter, now: Int64) throws {
    var arena = BatchArena(capacity: BatchArena.usualBytes)
    let first = end
    append.records.withUnsafeBufferPointer { records in
      let placement = arena.placement(of: records, now: now, isStamped: true, batchBytesMaximum: 4 << 20)
      arena.add(
        records, placement: placement, at: first, now: now, stamp: append.stamp, leaderEpoch: 0)
    }
    var compressor = BatchCompressor()
    let sealed = compressor.seal(&arena, compression: append.compression)
    try writer.write(sealed.batches, sealed.bytes(of: sealed.batches.indices), roomAhead: 0)
    for record in append.records {
      let timestamp = record.timestamp ?? now
      var stored = record
      stored.timestamp = timestamp
      records.append(StoredRecord(offset: end, timestamp: timestamp, record: stored))
      end += 1
    }
  }

  static func directory(on files: any FileSystem) -> SegmentDirectory {
    SegmentDirectory(files: files, path: "/log/events-0", partition: id)
  }

  /// What the process that writes the partition knows of it.
  func table(on files: any FileSystem) -> SegmentTable {
    SegmentTable(
      Self.directory(on: files), settings: settings, segments: segments,
      active: ActiveIndex(IndexBuilder(base: segments[segments.count - 1].base)), first: segments[0].base,
      end: end, onDamage: { _ in })
  }

  /// Opens what a crash left.
  func recover(_ files: any FileSystem) throws -> RecoveredPartition {
    try PartitionRecovery(
      directory: Self.directory(on: files), settings: settings, logger: .disabled
    ).run()
  }

  /// Every record that a recovered partition has.
  func contents(_ recovered: RecoveredPartition, on files: any FileSystem) throws -> [StoredRecord] {
    let table = SegmentTable(
      Self.directory(on: files), settings: settings, segments: recovered.segments,
      active: recovered.writer?.index, first: recovered.first, end: recovered.end, onDamage: { _ in })
    return try table.contents()
  }
}

extension SegmentTable {
  /// Every record there is from an offset on, by a reader.
  func contents(from start: LogOffset? = nil) throws -> [StoredRecord] {
    var reader = try BatchReader(self, from: start ?? extent(.written).first, options: .init())
    var found: [StoredRecord] = []
    while let batch = try reader.next() { found += try batch.records() }
    return found
  }
}

/// The models of power cuts that everything is tried under.
let crashModels: [CrashModel] = [.hostile, .tornAnywhere, .journaled]

/// A position that somebody holds in the bare partition.
func position(_ name: String, _ offset: Int64, kind: ConsumerKind = .consumer) throws -> ConsumerPosition {
  ConsumerPosition(
    name: try ConsumerName(name), kind: kind, partition: BarePartition.id, position: LogOffset(offset),
    committedAt: 0)
}
