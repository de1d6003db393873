// What compaction leaves of one batch. Offsets, timestamps, compression and the producer's stamp stay; so does
// the last offset, because batches say from where to where they reach. A tombstone gets its time to live when a
// pass first meets it: the batch's base timestamp becomes the moment from which on the tombstones in it may
// go, and an attribute says so, as in Kafka's logs.

import Bytes
import Records

/// Filters the batches of one partition during one pass.
struct BatchFilter {
  /// The latest offset of each key that was said something new about, before `end`.
  let keys: CompactionKeys
  let end: Int64
  /// The time, in milliseconds since 1970.
  let now: Int64
  let tombstoneMilliseconds: Int64
  /// Tombstones at or after this offset stay: somebody has not read so far.
  let floor: Int64
  /// Batches that the partition remembers of its producers stay, if need be without records.
  let producers: ProducerTable
  /// How many tombstones stayed because of the floor alone.
  private(set) var heldBack = 0

  private let context = CompressionContext()

  init(
    keys: CompactionKeys, end: Int64, now: Int64, tombstoneMilliseconds: Int64, floor: Int64,
    producers: ProducerTable
  ) {
    self.keys = keys
    self.end = end
    self.now = now
    self.tombstoneMilliseconds = tombstoneMilliseconds
    self.floor = floor
    self.producers = producers
  }

  /// What becomes of a batch.
  enum Verdict {
    case unchanged
    case gone
    case changed(RecordBatch)
  }

  /// Judges a batch.
  ///
  /// - Parameters:
  ///   - mustStay: whether the batch says where the segment ends.
  ///   - bytesMaximum: how large it may become.
  mutating func judge(
    _ batch: RecordBatch, mustStay: Bool, bytesMaximum: Int
  ) throws(RecordError) -> Verdict {
    let header = batch.header
    // Nobody here knows which transactions were aborted, so nothing is concluded from theirs.
    if header.attributes.isControl || header.attributes.isTransactional { return .unchanged }
    let mustStay = mustStay || isRemembered(header)
    if header.recordCount == 0 { return mustStay ? .unchanged : .gone }
    let payload = try batch.payload()
    let choice = try choose(header, payload)
    let wantsHorizon =
      choice.tombstones > 0 && !header.attributes.hasDeleteHorizon && header.lastOffset < end
    if choice.count == header.recordCount && !wantsHorizon { return .unchanged }
    if choice.count == 0 { return mustStay ? .changed(try empty(header)) : .gone }
    if wantsHorizon {
      let changed = try withHorizon(header, payload, choice)
      if changed.bytes.count <= bytesMaximum { return .changed(changed) }
      // No room in the segment's 32-bit positions: the tombstones wait for another pass.
      if choice.count == header.recordCount { return .unchanged }
    }
    let changed = try sealed(header, choice, payload: choice.copied(from: payload))
    if changed.bytes.count > bytesMaximum { throw .lengthOutOfRange(changed.header.batchLength) }
    return .changed(changed)
  }

  private func isRemembered(_ header: RecordBatchHeader) -> Bool {
    guard header.producerID >= 0, let entry = producers.entries[header.producerID] else { return false }
    return entry.latestOffset == header.lastOffset
      || entry.stored.contains { $0.lastOffset == header.lastOffset }
  }

  // MARK: Choosing

  /// The records that stay.
  private struct Choice {
    /// Where they stand in the payload; one range for those that adjoin.
    var ranges: [Range<Int>] = []
    var count: Int32 = 0
    var tombstones = 0
    var latest = Int64.min

    mutating func keep(_ range: Range<Int>, isTombstone: Bool, timestamp: Int64) {
      if let last = ranges.last, last.upperBound == range.lowerBound {
        ranges[ranges.count - 1] = last.lowerBound..<range.upperBound
      } else {
        ranges.append(range)
      }
      count += 1
      if isTombstone { tombstones += 1 }
      latest = max(latest, timestamp)
    }

    func contains(_ position: Int) -> Bool {
      let index = ranges.partitionPoint { $0.upperBound <= position }
      return index < ranges.count && ranges[index].contains(position)
    }

    func copied(from payload: ByteBuffer) -> ByteBuffer {
      var bytes = ByteBuffer(capacity: ranges.reduce(0) { $0 + $1.count })
      for range in ranges { bytes.append(payload.slice(from: range.lowerBound, count: range.count)) }
      return bytes
    }
  }

  private mutating func choose(
    _ header: RecordBatchHeader, _ payload: ByteBuffer
  ) throws(RecordError) -> Choice {
    // Set when an earlier pass met the batch's tombstones.
    let isPastHorizon = header.attributes.hasDeleteHorizon && header.baseTimestamp <= now
    var choice = Choice()
    var start = 0
    var records = RecordIterator(header, payload: payload.readable)
    while let record = try records.next() {
      let range = start..<records.byteCount
      start = range.upperBound
      var stays = true
      // A record without a key is of a time when the topic was not compacted; it stays.
      if let key = record.key {
        if let latest = keys.latest(of: key), latest > record.offset {
          stays = false
        } else if record.value == nil && isPastHorizon && record.offset < end {
          stays = record.offset >= floor
          if stays { heldBack += 1 }
        }
      }
      if stays {
        choice.keep(
          range, isTombstone: record.value == nil && record.key != nil, timestamp: record.timestamp)
      }
    }
    return choice
  }

  // MARK: Writing

  /// A batch without records, which says who produced it and where it ends.
  private func empty(_ header: RecordBatchHeader) throws(RecordError) -> RecordBatch {
    var header = header
    header.recordCount = 0
    return try sealed(header, payload: ByteBuffer())
  }

  private func sealed(
    _ header: RecordBatchHeader, _ choice: Choice, payload: ByteBuffer
  ) throws(RecordError) -> RecordBatch {
    var header = header
    header.recordCount = choice.count
    // The time of appending is every record's, whichever are left.
    if !header.attributes.isLogAppendTime { header.maxTimestamp = choice.latest }
    return try sealed(header, payload: payload)
  }

  private func withHorizon(
    _ header: RecordBatchHeader, _ payload: ByteBuffer, _ choice: Choice
  ) throws(RecordError) -> RecordBatch {
    var changed = header
    changed.baseTimestamp = now + tombstoneMilliseconds
    changed.attributes.hasDeleteHorizon = true
    var bytes = ByteBuffer(capacity: payload.count + Int(choice.count) * 5)
    var start = 0
    var records = RecordIterator(header, payload: payload.readable)
    while let record = try records.next() {
      let end = records.byteCount
      if choice.contains(start) {
        let encoded = payload.slice(from: start, count: end - start)
        let (delta, overflow) = record.timestamp.subtractingReportingOverflow(changed.baseTimestamp)
        if overflow {
          throw .malformedRecord(index: 0, reason: "its timestamp \(record.timestamp) is too far away")
        }
        try encoded.withReadableBytes { encoded throws(RecordError) in
          try RecordEncoding.append(encoded, timestampDelta: delta, to: &bytes)
        }
      }
      start = end
    }
    return try sealed(changed, choice, payload: bytes)
  }

  private func sealed(_ header: RecordBatchHeader, payload: ByteBuffer) throws(RecordError) -> RecordBatch {
    guard let compression = header.attributes.compression else {
      throw .unsupportedCompression(header.attributes.compressionCode)
    }
    var header = header
    let headerBytes = RecordBatchHeader.byteCount
    let room = headerBytes + max(payload.count, BatchSealing.bound(compression, recordBytes: payload.count))
    var bytes = ByteBuffer(capacity: room)
    let context = context
    try bytes.withWritableBytes(minimum: room) { memory throws(RecordError) in
      guard let start = memory.baseAddress else { return 0 }
      let body = UnsafeMutableRawBufferPointer(rebasing: memory[headerBytes..<room])
      let count = try payload.withReadableBytes { records throws(RecordError) in
        if !records.isEmpty,
          let count = try BatchSealing.compress(compression, records: records, into: body, context: context)
        {
          return count
        }
        header.attributes.compression = Compression.none
        body.copyMemory(from: records)
        return records.count
      }
      BatchSealing.seal(&header, recordBytes: count, at: start)
      return headerBytes + count
    }
    return RecordBatch(trusted: header, bytes: bytes)
  }
}
