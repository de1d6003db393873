// Memory in which appends become batches. Appends of many callers share a batch while it is small; the
// records of one append are always in one batch, because a torn tail is cut between batches and an append
// must not be torn. Producers fill one arena while the writer thread writes another.

import Records

/// A batch in an arena: its records are encoded, its header is not stored yet.
struct BatchDraft {
  /// Where its header begins in the arena.
  let start: Int
  /// Everything but length and checksum.
  var header: RecordBatchHeader
  /// How many bytes its records have.
  var recordBytes = 0
  /// Whether it may take more records: it has no producer's stamp.
  let isShared: Bool

  /// Where the next record goes.
  var end: Int { start + RecordBatchHeader.byteCount + recordBytes }
}

/// Batches waiting to be written.
///
/// Owns raw memory, and is owned by one place at a time: the append queue under its lock, or the writer
/// thread. Nothing else sees the memory.
struct BatchArena: ~Copyable {
  private(set) var memory: UnsafeMutableRawPointer
  private(set) var capacity: Int
  private(set) var drafts: ContiguousArray<BatchDraft> = []

  /// A batch that is as large takes no more appends: readers decode batches whole, so smaller ones are found
  /// more precisely, and larger ones cost less a record.
  static let sharedBatchBytes = 64 << 10

  init(capacity: Int) {
    memory = .allocate(byteCount: capacity, alignment: 64)
    self.capacity = capacity
  }

  deinit { memory.deallocate() }

  /// How many bytes the batches have, headers included.
  var usedBytes: Int { drafts.last?.end ?? 0 }
  /// Whether there is nothing to write.
  var isEmpty: Bool { drafts.isEmpty }

  /// What one append is to become.
  struct Placement {
    let recordBytes: Int
    let sharesBatch: Bool
    /// How many bytes the arena grows by.
    var addedBytes: Int { recordBytes + (sharesBatch ? 0 : RecordBatchHeader.byteCount) }
    /// How large a batch of these records alone is.
    var batchBytes: Int { recordBytes + RecordBatchHeader.byteCount }
  }

  /// Where an append would go, and how many bytes it takes there.
  borrowing func placement(
    of records: UnsafeBufferPointer<Record>, now: Int64, isStamped: Bool, batchBytesMaximum: Int
  ) -> Placement {
    if !isStamped, let last = drafts.last, last.isShared {
      let count = Int(last.header.recordCount)
      let bytes = Self.byteCount(
        of: records, now: now, baseTimestamp: last.header.baseTimestamp, firstDelta: count)
      if last.recordBytes + bytes <= Swift.min(Self.sharedBatchBytes, batchBytesMaximum)
        - RecordBatchHeader.byteCount
      {
        return Placement(recordBytes: bytes, sharesBatch: true)
      }
    }
    let base = records[0].timestamp ?? now
    return Placement(
      recordBytes: Self.byteCount(of: records, now: now, baseTimestamp: base, firstDelta: 0),
      sharesBatch: false)
  }

  /// Encodes an append where `placement(of:)` said.
  mutating func add(
    _ records: UnsafeBufferPointer<Record>, placement: Placement, at offset: Int64, now: Int64,
    stamp: ProducerStamp?, leaderEpoch: Int32
  ) {
    grow(toHold: usedBytes + placement.addedBytes)
    if !placement.sharesBatch {
      let base = records[0].timestamp ?? now
      var header = RecordBatchHeader(
        baseOffset: offset, leaderEpoch: leaderEpoch, lastOffsetDelta: -1, baseTimestamp: base,
        maxTimestamp: base, recordCount: 0)
      if let stamp {
        header.producerID = stamp.id
        header.producerEpoch = stamp.epoch
        header.baseSequence = stamp.sequence
      }
      drafts.append(BatchDraft(start: usedBytes, header: header, isShared: stamp == nil))
    }
    let index = drafts.count - 1
    var draft = drafts[index]
    var target = memory + draft.end
    var delta = draft.header.recordCount
    var latest = draft.header.maxTimestamp
    // By index: a loop over the records would copy each, which counts references up and down.
    for index in records.indices {
      let timestamp = records[index].timestamp ?? now
      latest = Swift.max(latest, timestamp)
      target += RecordEncoding.encode(
        records[index], timestampDelta: timestamp &- draft.header.baseTimestamp, offsetDelta: delta,
        to: target)
      delta += 1
    }
    draft.recordBytes += placement.recordBytes
    precondition(memory + draft.end == target, "records take the bytes that were counted")
    draft.header.maxTimestamp = latest
    draft.header.recordCount = delta
    draft.header.lastOffsetDelta = delta - 1
    drafts[index] = draft
  }

  /// Drops the batches and keeps the memory, unless it is much more than was needed.
  mutating func clear() {
    let used = usedBytes
    drafts.removeAll(keepingCapacity: drafts.capacity <= 4096)
    if capacity > Self.usualBytes && used < capacity / 8 { replaceMemory(capacity / 2) }
  }

  /// What a partition that is written now and then keeps.
  static let usualBytes = 64 << 10

  private mutating func grow(toHold bytes: Int) {
    if bytes <= capacity { return }
    replaceMemory(Swift.max(bytes, capacity * 2))
  }

  private mutating func replaceMemory(_ bytes: Int) {
    let fresh = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
    fresh.copyMemory(from: memory, byteCount: usedBytes)
    memory.deallocate()
    memory = fresh
    capacity = bytes
  }

  private static func byteCount(
    of records: UnsafeBufferPointer<Record>, now: Int64, baseTimestamp: Int64, firstDelta: Int
  ) -> Int {
    var bytes = 0
    var delta = Int32(truncatingIfNeeded: firstDelta)
    for index in records.indices {
      bytes += RecordEncoding.byteCount(
        records[index], timestampDelta: (records[index].timestamp ?? now) &- baseTimestamp, offsetDelta: delta
      )
      delta += 1
    }
    return bytes
  }
}
