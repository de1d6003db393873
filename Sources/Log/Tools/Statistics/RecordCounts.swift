// Records, counted.

import Bytes
import Records

/// What some batches hold, in numbers.
public struct RecordCounts: Hashable, Sendable {
  /// How many records; control records are not counted.
  public internal(set) var records = 0
  /// How many batches, control batches among them.
  public internal(set) var batches = 0
  /// How many bytes the batches take.
  public internal(set) var bytes = 0
  /// How many of them are records, as they are stored.
  public internal(set) var recordBytesStored = 0
  /// How many bytes the records take uncompressed.
  public internal(set) var recordBytes = 0
  /// How many records have a key.
  public internal(set) var keyed = 0
  /// How many records have no value.
  public internal(set) var tombstones = 0
  /// How many different keys there are, told apart by a 64-bit hash; nil when they were not counted, or are too
  /// many.
  public internal(set) var keys: Int?
  /// The first offset; nil without batches.
  public internal(set) var firstOffset: Int64?
  /// The last offset; nil without batches.
  public internal(set) var lastOffset: Int64?
  /// The earliest timestamp of a record, in milliseconds since 1970.
  public internal(set) var firstTimestamp: Int64?
  /// The latest timestamp of a record.
  public internal(set) var lastTimestamp: Int64?

  /// How many times smaller compression made the records; 1 without any.
  public var compressionRatio: Double {
    recordBytesStored == 0 ? 1 : Double(recordBytes) / Double(recordBytesStored)
  }

  init() {}

  var withoutKeys: RecordCounts {
    var copy = self
    copy.keys = nil
    return copy
  }

  mutating func note(_ batch: RecordBatch, keys: inout KeyCount?) throws(RecordError) {
    batches += 1
    bytes += batch.bytes.count
    firstOffset = firstOffset ?? batch.header.baseOffset
    lastOffset = batch.header.lastOffset
    if batch.header.attributes.isControl { return }
    let payload = try batch.payload()
    recordBytesStored += batch.bytes.count - RecordBatchHeader.byteCount
    recordBytes += payload.count
    var iterator = RecordIterator(batch.header, payload: payload.readable)
    while let record = try iterator.next() {
      records += 1
      if let key = record.key {
        keyed += 1
        keys?.note(key)
      }
      if record.value == nil { tombstones += 1 }
      firstTimestamp = min(firstTimestamp ?? .max, record.timestamp)
      lastTimestamp = max(lastTimestamp ?? .min, record.timestamp)
    }
  }

  mutating func add(_ later: RecordCounts) {
    records += later.records
    batches += later.batches
    bytes += later.bytes
    recordBytesStored += later.recordBytesStored
    recordBytes += later.recordBytes
    keyed += later.keyed
    tombstones += later.tombstones
    keys = later.keys
    firstOffset = firstOffset ?? later.firstOffset
    lastOffset = later.lastOffset ?? lastOffset
    firstTimestamp = [firstTimestamp, later.firstTimestamp].compactMap { $0 }.min()
    lastTimestamp = [lastTimestamp, later.lastTimestamp].compactMap { $0 }.max()
  }
}

/// Counts different keys.
struct KeyCount {
  private var hashes: Set<UInt64> = []
  private var isOverfull = false
  private let maximum: Int

  init(maximum: Int) { self.maximum = maximum }

  /// How many there were; nil when they were too many.
  var count: Int? { isOverfull ? nil : hashes.count }

  mutating func note(_ key: RawSpan) {
    if isOverfull { return }
    var hasher = Hasher()
    key.withUnsafeBytes { hasher.combine(bytes: $0) }
    hashes.insert(UInt64(bitPattern: Int64(hasher.finalize())))
    if hashes.count > maximum {
      isOverfull = true
      hashes = []
    }
  }
}
