// Reading the records of a batch without copying or allocating: every length is checked before it is believed,
// and the records must fill the payload exactly. What comes out are views into the payload.

/// Walks the uncompressed records of one batch.
public struct RecordIterator: ~Escapable {
  @usableFromInline let baseOffset: Int64
  @usableFromInline let baseTimestamp: Int64
  /// The time all records have, where the topic wants the time of appending.
  @usableFromInline let appendTime: Int64?
  @usableFromInline let lastOffsetDelta: Int
  @usableFromInline let recordCount: Int
  @usableFromInline let start: UnsafeRawPointer
  @usableFromInline let end: UnsafeRawPointer
  @usableFromInline var cursor: UnsafeRawPointer
  @usableFromInline var index = 0
  @usableFromInline var previousDelta = -1

  /// An iterator over `payload`, which is what `RecordBatch.payload` gives for the batch of that header.
  @inlinable
  @_lifetime(copy payload)
  public init(_ header: RecordBatchHeader, payload: RawSpan) {
    baseOffset = header.baseOffset
    baseTimestamp = header.baseTimestamp
    appendTime = header.attributes.isLogAppendTime ? header.maxTimestamp : nil
    lastOffsetDelta = Int(header.lastOffsetDelta)
    recordCount = Int(header.recordCount)
    // Safe: the lifetime annotation keeps the iterator inside the span's borrow, so the pointers stay good.
    (start, end) = payload.withUnsafeBytes { bytes in
      let start = bytes.baseAddress ?? UnsafeRawPointer(bitPattern: 16)!
      return (start, start + bytes.count)
    }
    cursor = start
  }

  /// The next record; nil after the last. After an error the iterator stands where it stood and would throw
  /// the same one again.
  @inlinable
  @_lifetime(copy self)
  @_lifetime(self: copy self)
  public mutating func next() throws(RecordError) -> RecordView? {
    guard index < recordCount else {
      if cursor != end { throw malformed("\(end - cursor) bytes follow the last record") }
      return nil
    }
    var at = cursor
    guard let length = Varint.read32(&at, before: end), length >= 6, length <= end - at else {
      throw malformed("its length is missing, too small, or more than the \(end - cursor) bytes left")
    }
    let recordEnd = at + length
    at += 1  // attributes: no bit has a meaning yet
    guard let timestampDelta = Varint.read64(&at, before: recordEnd),
      let offsetDelta = Varint.read32(&at, before: recordEnd)
    else { throw malformed("its timestamp or offset delta is no varint") }
    guard offsetDelta > previousDelta, offsetDelta <= lastOffsetDelta else {
      throw malformed("offset delta \(offsetDelta) after \(previousDelta), of at most \(lastOffsetDelta)")
    }
    let (producerTime, overflow) = baseTimestamp.addingReportingOverflow(timestampDelta)
    if overflow { throw malformed("its timestamp does not fit in 64 bits") }
    guard let key = Self.readField(&at, before: recordEnd) else {
      throw malformed("its key is longer than the record")
    }
    guard let value = Self.readField(&at, before: recordEnd) else {
      throw malformed("its value is longer than the record")
    }
    guard let headerCount = Varint.read32(&at, before: recordEnd), headerCount >= 0 else {
      throw malformed("its number of headers is missing or negative")
    }
    let headers = at
    if headerCount > 0 && !Self.skipHeaders(headerCount, &at, before: recordEnd) {
      throw malformed("its headers are longer than the record")
    }
    if at != recordEnd { throw malformed("\(recordEnd - at) bytes follow its headers") }
    index &+= 1
    previousDelta = offsetDelta
    cursor = recordEnd
    let view = RecordView(
      offset: baseOffset &+ Int64(offsetDelta), timestamp: appendTime ?? producerTime, origin: start,
      keyField: key, valueField: value, headerCount: headerCount, headersStart: headers)
    return _overrideLifetime(view, copying: self)
  }

  /// How many bytes of the payload the records given so far take.
  @inlinable public var byteCount: Int { cursor - start }

  /// A field's length, or -1 for null, and its bytes; nil when they do not fit.
  @inlinable
  @inline(__always)
  static func readField(
    _ cursor: inout UnsafeRawPointer, before end: UnsafeRawPointer
  ) -> RecordField? {
    guard let count = Varint.read32(&cursor, before: end), count >= -1, count <= end - cursor else {
      return nil
    }
    let field = RecordField(start: cursor, count: count)
    cursor += Swift.max(count, 0)
    return field
  }

  @usableFromInline
  static func skipHeaders(
    _ count: Int, _ cursor: inout UnsafeRawPointer, before end: UnsafeRawPointer
  ) -> Bool {
    // No header takes fewer than two bytes: a number that cannot be is refused before counting up to it.
    if count > (end - cursor) / 2 { return false }
    for _ in 0..<count {
      guard let key = readField(&cursor, before: end), key.count >= 0,
        readField(&cursor, before: end) != nil
      else { return false }
    }
    return true
  }

  @usableFromInline
  @inline(never)
  func malformed(_ reason: String) -> RecordError { .malformedRecord(index: index, reason: reason) }
}

/// Where a key or value stands; the count is -1 for null.
@usableFromInline
struct RecordField {
  @usableFromInline let start: UnsafeRawPointer
  @usableFromInline let count: Int

  @inlinable
  init(start: UnsafeRawPointer, count: Int) {
    self.start = start
    self.count = count
  }
}
