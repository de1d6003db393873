// One record where it stands in its batch's payload: nothing is copied until `owned()` is asked for.

import Bytes

/// A borrowed record.
public struct RecordView: ~Escapable {
  /// Where it stands in the log.
  public let offset: Int64
  /// Milliseconds since 1970: the producer's time, or that of appending.
  public let timestamp: Int64
  /// How many headers it has.
  public let headerCount: Int
  // The payload's first byte: the fields are at known distances from it, which is how slices are made.
  @usableFromInline let origin: UnsafeRawPointer
  @usableFromInline let keyField: RecordField
  @usableFromInline let valueField: RecordField
  @usableFromInline let headersStart: UnsafeRawPointer

  // The iterator that makes a view overrides this lifetime with its own, which is the payload's.
  @inlinable
  @_lifetime(immortal)
  init(
    offset: Int64, timestamp: Int64, origin: UnsafeRawPointer, keyField: RecordField,
    valueField: RecordField, headerCount: Int, headersStart: UnsafeRawPointer
  ) {
    self.offset = offset
    self.timestamp = timestamp
    self.origin = origin
    self.keyField = keyField
    self.valueField = valueField
    self.headerCount = headerCount
    self.headersStart = headersStart
  }

  /// The key; nil when the record has none.
  @inlinable
  public var key: RawSpan? {
    @_lifetime(copy self)
    get {
      if keyField.count < 0 { return nil }
      return _overrideLifetime(
        RawSpan(_unsafeStart: keyField.start, byteCount: keyField.count), copying: self)
    }
  }

  /// The value; nil for a tombstone.
  @inlinable
  public var value: RawSpan? {
    @_lifetime(copy self)
    get {
      if valueField.count < 0 { return nil }
      return _overrideLifetime(
        RawSpan(_unsafeStart: valueField.start, byteCount: valueField.count), copying: self)
    }
  }

  /// The headers, in order.
  @inlinable
  public var headers: HeaderIterator {
    @_lifetime(copy self)
    get {
      _overrideLifetime(
        HeaderIterator(start: headersStart, count: headerCount, origin: origin), copying: self)
    }
  }

  /// A copy that owns its bytes. Header names that are not UTF-8 come out with U+FFFD where it breaks off.
  public func owned() -> StoredRecord {
    stored { ByteBuffer(copying: UnsafeRawBufferPointer(start: $0.start, count: $0.count)) }
  }

  /// The same, its bytes being slices of `payload`, which is what the iterator was made over.
  func owned(slicing payload: ByteBuffer) -> StoredRecord {
    let origin = origin
    return stored { payload.slice(from: $0.start - origin, count: $0.count) }
  }

  private func stored(_ bytes: (RecordField) -> ByteBuffer) -> StoredRecord {
    var fields: [RecordHeader] = []
    fields.reserveCapacity(headerCount)
    var headers = headers
    while let header = headers.next() {
      fields.append(
        RecordHeader(key: header.name, value: header.valueField.count < 0 ? nil : bytes(header.valueField)))
    }
    let record = Record(
      key: keyField.count < 0 ? nil : bytes(keyField), value: valueField.count < 0 ? nil : bytes(valueField),
      headers: fields, timestamp: timestamp)
    return StoredRecord(offset: offset, timestamp: timestamp, record: record)
  }
}
