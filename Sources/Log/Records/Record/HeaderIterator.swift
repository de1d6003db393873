// Walking a record's headers where they stand. The record iterator has already checked every length, so
// nothing can fail here.

/// Walks the headers of one record.
public struct HeaderIterator: ~Escapable {
  @usableFromInline var cursor: UnsafeRawPointer
  @usableFromInline var left: Int
  @usableFromInline let origin: UnsafeRawPointer

  @inlinable
  @_lifetime(immortal)
  init(start: UnsafeRawPointer, count: Int, origin: UnsafeRawPointer) {
    cursor = start
    left = count
    self.origin = origin
  }

  /// The next header; nil after the last.
  @inlinable
  @_lifetime(copy self)
  @_lifetime(self: copy self)
  public mutating func next() -> HeaderView? {
    if left == 0 { return nil }
    left &-= 1
    let key = readChecked()
    let value = readChecked()
    return _overrideLifetime(HeaderView(keyField: key, valueField: value), copying: self)
  }

  /// Reads a field whose length was found good before the record was handed out.
  @inlinable
  @_lifetime(self: copy self)
  mutating func readChecked() -> RecordField {
    // A varint of 32 bits has at most five significant bytes, and padded ones at most ten.
    guard let count = Varint.read32(&cursor, before: cursor + 10) else {
      preconditionFailure("headers changed after they were checked")
    }
    let field = RecordField(start: cursor, count: count)
    cursor += Swift.max(count, 0)
    return field
  }
}

/// A borrowed header.
public struct HeaderView: ~Escapable {
  @usableFromInline let keyField: RecordField
  @usableFromInline let valueField: RecordField

  @inlinable
  @_lifetime(immortal)
  init(keyField: RecordField, valueField: RecordField) {
    self.keyField = keyField
    self.valueField = valueField
  }

  /// The name's bytes, which should be UTF-8.
  @inlinable
  public var key: RawSpan {
    @_lifetime(copy self)
    get {
      _overrideLifetime(RawSpan(_unsafeStart: keyField.start, byteCount: keyField.count), copying: self)
    }
  }

  /// The name as text, with U+FFFD where it is not UTF-8.
  public var name: String {
    String(decoding: UnsafeRawBufferPointer(start: keyField.start, count: keyField.count), as: UTF8.self)
  }

  /// The value; nil is not the same as empty.
  @inlinable
  public var value: RawSpan? {
    @_lifetime(copy self)
    get {
      if valueField.count < 0 { return nil }
      return _overrideLifetime(
        RawSpan(_unsafeStart: valueField.start, byteCount: valueField.count), copying: self)
    }
  }
}
