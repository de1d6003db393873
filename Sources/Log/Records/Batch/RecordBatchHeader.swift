// The 61 bytes before a batch's records, as Kafka's format version 2 lays them out. docs/formats/segment.md
// has the table; the offsets here are its rows.

/// The header of a record batch.
@frozen public struct RecordBatchHeader: Equatable, Sendable {
  /// The offset of the first record the batch was written with.
  public var baseOffset: Int64
  /// How many bytes follow the length field, as stored: the rest of the header and the records.
  public var batchLength: Int32
  /// The epoch of the leader that appended the batch; -1 when none did.
  public var leaderEpoch: Int32
  /// The CRC-32C of everything from the attributes to the end of the batch.
  public var crc: UInt32
  /// How the records are stored, and what they are.
  public var attributes: BatchAttributes
  /// The offset of the last record the batch was written with, less `baseOffset`. Compaction keeps it.
  public var lastOffsetDelta: Int32
  /// What record timestamps are deltas to, in milliseconds since 1970.
  public var baseTimestamp: Int64
  /// The largest timestamp among the records, or the time of appending.
  public var maxTimestamp: Int64
  /// Who produced the batch idempotently; -1 when nobody did.
  public var producerID: Int64
  /// The producer's epoch; -1 without a producer.
  public var producerEpoch: Int16
  /// The sequence number of the first record; -1 without one.
  public var baseSequence: Int32
  /// How many records follow. After compaction it may be fewer than the offsets covered, even none.
  public var recordCount: Int32

  /// How many bytes a header takes.
  @inlinable public static var byteCount: Int { 61 }
  /// What a batch whose records take no bytes has in its length field.
  @inlinable public static var batchLengthMinimum: Int32 { 49 }
  /// Where the checksummed part begins.
  @inlinable public static var checksummedFrom: Int { 21 }

  /// A header of these fields. `batchLength` and `crc` are filled by `BatchSealing.seal`.
  @inlinable
  public init(
    baseOffset: Int64, batchLength: Int32 = RecordBatchHeader.batchLengthMinimum, leaderEpoch: Int32 = -1,
    crc: UInt32 = 0, attributes: BatchAttributes = BatchAttributes(), lastOffsetDelta: Int32,
    baseTimestamp: Int64, maxTimestamp: Int64, producerID: Int64 = -1, producerEpoch: Int16 = -1,
    baseSequence: Int32 = -1, recordCount: Int32
  ) {
    self.baseOffset = baseOffset
    self.batchLength = batchLength
    self.leaderEpoch = leaderEpoch
    self.crc = crc
    self.attributes = attributes
    self.lastOffsetDelta = lastOffsetDelta
    self.baseTimestamp = baseTimestamp
    self.maxTimestamp = maxTimestamp
    self.producerID = producerID
    self.producerEpoch = producerEpoch
    self.baseSequence = baseSequence
    self.recordCount = recordCount
  }

  // MARK: Bytes

  /// The header that `bytes` begin with. Its fields are checked for themselves and against each other; the
  /// checksum, which needs the whole batch, is not.
  @inlinable
  public init(parsing bytes: UnsafeRawBufferPointer) throws(RecordError) {
    guard bytes.count >= Self.byteCount, let base = bytes.baseAddress else {
      throw .truncated(needed: Self.byteCount, got: bytes.count)
    }
    let magic: UInt8 = base.bigEndian(at: 16)
    if magic != 2 { throw .wrongMagic(magic) }
    self.init(
      baseOffset: base.bigEndian(at: 0), batchLength: base.bigEndian(at: 8),
      leaderEpoch: base.bigEndian(at: 12), crc: base.bigEndian(at: 17),
      attributes: BatchAttributes(rawValue: base.bigEndian(at: 21)), lastOffsetDelta: base.bigEndian(at: 23),
      baseTimestamp: base.bigEndian(at: 27), maxTimestamp: base.bigEndian(at: 35),
      producerID: base.bigEndian(at: 43), producerEpoch: base.bigEndian(at: 51),
      baseSequence: base.bigEndian(at: 53), recordCount: base.bigEndian(at: 57))
    try check()
  }

  /// The header that `bytes` begin with, checked as `init(parsing:)` of a pointer does.
  @inlinable
  public init(parsing bytes: RawSpan) throws(RecordError) {
    self = try bytes.withUnsafeBytes { bytes throws(RecordError) in
      try RecordBatchHeader(parsing: bytes)
    }
  }

  /// Writes the 61 bytes, the checksum as it is.
  @inlinable
  public func store(to memory: UnsafeMutableRawPointer) {
    memory.store(bigEndian: baseOffset, at: 0)
    memory.store(bigEndian: batchLength, at: 8)
    memory.store(bigEndian: leaderEpoch, at: 12)
    memory.store(bigEndian: 2 as UInt8, at: 16)
    memory.store(bigEndian: crc, at: 17)
    memory.store(bigEndian: attributes.rawValue, at: 21)
    memory.store(bigEndian: lastOffsetDelta, at: 23)
    memory.store(bigEndian: baseTimestamp, at: 27)
    memory.store(bigEndian: maxTimestamp, at: 35)
    memory.store(bigEndian: producerID, at: 43)
    memory.store(bigEndian: producerEpoch, at: 51)
    memory.store(bigEndian: baseSequence, at: 53)
    memory.store(bigEndian: recordCount, at: 57)
  }

  @inlinable
  func check() throws(RecordError) {
    let length = Int(batchLength)
    if batchLength < Self.batchLengthMinimum || length > RecordLimits.batchBytesMaximum - 12 {
      throw .lengthOutOfRange(batchLength)
    }
    let ids = producerID < -1 || producerEpoch < -1 || baseSequence < -1
    let counts = recordCount < 0 || Int64(recordCount) > Int64(lastOffsetDelta) + 1
    // No record takes fewer than 7 bytes; compressed ones say nothing about it.
    let crowded =
      attributes.compressionCode == 0
      && Int(recordCount) * RecordEncoding.byteCountMinimum > length - Int(Self.batchLengthMinimum)
    if baseOffset < 0 || lastOffsetDelta < 0 || ids || counts || crowded { throw contradiction }
    if baseOffset > .max - Int64(lastOffsetDelta) - 1 { throw contradiction }
  }

  /// Names what `check` found; apart from it, so that a good header is checked in few instructions.
  @usableFromInline
  var contradiction: RecordError {
    if baseOffset < 0 { return .malformedHeader("base offset \(baseOffset)") }
    if lastOffsetDelta < 0 { return .malformedHeader("last offset delta \(lastOffsetDelta)") }
    if producerID < -1 { return .malformedHeader("producer id \(producerID)") }
    if producerEpoch < -1 { return .malformedHeader("producer epoch \(producerEpoch)") }
    if baseSequence < -1 { return .malformedHeader("base sequence \(baseSequence)") }
    if baseOffset > .max - Int64(lastOffsetDelta) - 1 {
      return .malformedHeader("base offset \(baseOffset) leaves no room for \(lastOffsetDelta) more")
    }
    return .malformedHeader(
      "\(recordCount) records in \(batchLength) bytes with a last offset delta of \(lastOffsetDelta)")
  }

  // MARK: What follows from the fields

  /// How many bytes the whole batch takes.
  @inlinable public var totalBytes: Int { 12 + Int(batchLength) }

  /// The offset of the last record the batch was written with.
  @inlinable public var lastOffset: Int64 { baseOffset + Int64(lastOffsetDelta) }

  /// The offset after the batch.
  @inlinable public var nextOffset: Int64 { lastOffset + 1 }

  /// The sequence number of the last record; after `Int32.max` comes 0. -1 without sequence numbers.
  @inlinable
  public var lastSequence: Int32 {
    if baseSequence < 0 { return -1 }
    return Int32(truncatingIfNeeded: (Int64(baseSequence) + Int64(lastOffsetDelta)) & 0x7fff_ffff)
  }
}
