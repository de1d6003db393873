// Imports an export into a topic. Every append carries a producer's stamp made of the export's id, so an import
// that was interrupted can be repeated from the beginning: what is there already is recognised and left out. That
// rests on cutting the records into the same batches each time, so the rule for that is fixed here and depends on
// nothing but the export.

import Bytes
public import Log
import Records
import Wire

/// An import that is under way.
public struct LogImport {
  /// Which partition a record goes to.
  public enum Placement: Hashable, Sendable {
    /// The one it was in.
    case samePartition
    /// The one its key belongs to in the topic as it is now; records without keys keep theirs, as far as there
    /// are so many.
    case byKey
  }

  /// What came of it.
  public struct Summary: Hashable, Sendable {
    /// Records appended.
    public var appended = 0
    /// Records that an earlier run of the same import had appended.
    public var alreadyThere = 0
  }

  /// A batch is closed when it has so many records…
  static let batchRecordsMaximum = 500
  /// …or would have more than so many bytes of keys, values and headers.
  static let batchBytesMaximum = 256 << 10

  /// What came of it so far.
  public private(set) var summary = Summary()

  private let topic: Topic
  private let placement: Placement
  private let producer: Int64
  private var pending: [Int: Pending] = [:]

  private struct Pending {
    var records: [Record] = []
    var bytes = 0
    /// The number of the first pending record in this partition's count.
    var sequence: Int32 = 0
  }

  /// An import of the export with this header into `topic`.
  public init(
    of header: ExportHeader, into topic: Topic, placement: Placement = .samePartition
  ) throws(ExportError) {
    if placement == .samePartition, topic.partitions.count < header.partitions {
      throw .fewerPartitions(
        topic: topic.name, partitions: topic.partitions.count, needed: header.partitions)
    }
    self.topic = topic
    self.placement = placement
    var id = ByteBuffer(capacity: 16)
    header.id.append(to: &id)
    producer = id.withReadableBytes {
      Int64(truncatingIfNeeded: $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self).bigEndian >> 1)
    }
  }

  /// Takes the next record.
  public mutating func add(_ exported: ExportedRecord) async throws(LogError) {
    let record = exported.stored.record
    let index = try partition(for: exported)
    let bytes = Self.bytes(of: record)
    if let open = pending[index], !open.records.isEmpty,
      open.records.count == Self.batchRecordsMaximum || open.bytes + bytes > Self.batchBytesMaximum
    {
      try await append(index)
    }
    pending[index, default: Pending()].records.append(record)
    pending[index, default: Pending()].bytes += bytes
  }

  /// Appends what is left.
  public mutating func finish() async throws(LogError) {
    for index in pending.keys.sorted() { try await append(index) }
  }

  private mutating func append(_ index: Int) async throws(LogError) {
    guard var batch = pending[index], !batch.records.isEmpty else { return }
    let stamp = ProducerStamp(id: producer, sequence: batch.sequence)
    do throws(LogError) {
      let receipt = try await topic.partitions[index].append(
        batch.records, AppendOptions(producer: stamp))
      if receipt.isDuplicate {
        summary.alreadyThere += receipt.count
      } else {
        summary.appended += receipt.count
      }
    } catch .sequenceTooOld {
      // Appended so long ago that the partition no longer knows where; it only knows that it was.
      summary.alreadyThere += batch.records.count
    }
    batch.sequence = Int32(
      truncatingIfNeeded: (Int64(batch.sequence) + Int64(batch.records.count)) & Int64(Int32.max))
    batch.records.removeAll(keepingCapacity: true)
    batch.bytes = 0
    pending[index] = batch
  }

  private func partition(for exported: ExportedRecord) throws(LogError) -> Int {
    let count = topic.partitions.count
    switch placement {
    case .samePartition:
      guard exported.partition < count else {
        throw .unknownPartition(PartitionID(topic.name, exported.partition))
      }
      return exported.partition
    case .byKey:
      guard let key = exported.stored.record.key else { return exported.partition % count }
      return KeyPartitioning.index(of: key, partitions: count)
    }
  }

  private static func bytes(of record: Record) -> Int {
    record.headers.reduce((record.key?.count ?? 0) + (record.value?.count ?? 0)) {
      $0 + $1.key.utf8.count + ($1.value?.count ?? 0)
    }
  }
}
