// One record as it stands in a batch: varint length, attributes, timestamp delta, offset delta, key, value and
// headers. Written straight to memory the caller has measured with `byteCount`.

public import Bytes
public import Glibc

/// How a record is written.
public enum RecordEncoding {
  /// No record takes less: a length, no attributes, two deltas, no key, no value and no headers.
  @inlinable public static var byteCountMinimum: Int { 7 }

  /// How many bytes `encode` writes, the length prefix included.
  @inlinable
  public static func byteCount(_ record: Record, timestampDelta: Int64, offsetDelta: Int32) -> Int {
    let body = bodyByteCount(record, timestampDelta: timestampDelta, offsetDelta: offsetDelta)
    return Varint.byteCount(Int64(body)) &+ body
  }

  /// Writes the record to `memory`, which has room for `byteCount` bytes.
  ///
  /// - Returns: how many bytes were written.
  @inlinable
  public static func encode(
    _ record: Record, timestampDelta: Int64, offsetDelta: Int32, to memory: UnsafeMutableRawPointer
  ) -> Int {
    let body = bodyByteCount(record, timestampDelta: timestampDelta, offsetDelta: offsetDelta)
    precondition(body <= RecordLimits.batchBytesMaximum, "a record no batch can hold")
    var cursor = memory
    Varint.write(Int64(body), to: &cursor)
    cursor.storeBytes(of: 0, as: UInt8.self)
    cursor += 1
    Varint.write(timestampDelta, to: &cursor)
    Varint.write(Int64(offsetDelta), to: &cursor)
    write(record.key, to: &cursor)
    write(record.value, to: &cursor)
    Varint.write(Int64(record.headers.count), to: &cursor)
    if !record.headers.isEmpty { writeHeaders(record.headers, to: &cursor) }
    return cursor - memory
  }

  /// Appends one encoded record with another timestamp delta; the rest of it stays byte for byte.
  public static func append(
    _ record: UnsafeRawBufferPointer, timestampDelta: Int64, to buffer: inout ByteBuffer
  ) throws(RecordError) {
    let unsound = RecordError.malformedRecord(index: 0, reason: "it is not one encoded record")
    guard var cursor = record.baseAddress else { throw unsound }
    let end = cursor + record.count
    guard let length = Varint.read32(&cursor, before: end), length > 1, length == end - cursor else {
      throw unsound
    }
    let attributes = cursor.load(as: UInt8.self)
    cursor += 1
    guard Varint.read64(&cursor, before: end) != nil else { throw unsound }
    let rest = end - cursor
    let body = 1 + Varint.byteCount(timestampDelta) + rest
    let source = cursor
    buffer.withWritableBytes(minimum: Varint.byteCount(Int64(body)) + body) { room in
      guard let start = room.baseAddress else { return 0 }
      var target = start
      Varint.write(Int64(body), to: &target)
      target.storeBytes(of: attributes, as: UInt8.self)
      target += 1
      Varint.write(timestampDelta, to: &target)
      target.copyMemory(from: source, byteCount: rest)
      return target - start + rest
    }
  }

  @inlinable
  @inline(__always)
  static func bodyByteCount(
    _ record: Record, timestampDelta: Int64, offsetDelta: Int32
  ) -> Int {
    var count = 1 &+ Varint.byteCount(timestampDelta) &+ Varint.byteCount(Int64(offsetDelta))
    count &+= byteCount(record.key) &+ byteCount(record.value)
    let headers = record.headers.count
    count &+= Varint.byteCount(Int64(headers))
    if headers > 0 { count &+= headersByteCount(record.headers) }
    return count
  }

  @inlinable
  @inline(__always)
  static func byteCount(_ bytes: ByteBuffer?) -> Int {
    guard let count = bytes?.count else { return 1 }
    return Varint.byteCount(Int64(count)) &+ count
  }

  @inlinable
  @inline(__always)
  static func write(_ bytes: ByteBuffer?, to cursor: inout UnsafeMutableRawPointer) {
    guard let count = bytes?.count else { return Varint.write(-1, to: &cursor) }
    Varint.write(Int64(count), to: &cursor)
    let target = cursor
    bytes?.withReadableBytes { source in
      if let start = source.baseAddress { memcpy(target, start, count) }
    }
    cursor += count
  }

  @usableFromInline
  static func headersByteCount(_ headers: [RecordHeader]) -> Int {
    headers.reduce(0) { sum, header in
      let key = header.key.utf8.count
      return sum + Varint.byteCount(Int64(key)) + key + byteCount(header.value)
    }
  }

  @usableFromInline
  static func writeHeaders(_ headers: [RecordHeader], to cursor: inout UnsafeMutableRawPointer) {
    for header in headers {
      let count = header.key.utf8.count
      Varint.write(Int64(count), to: &cursor)
      UnsafeMutableRawBufferPointer(start: cursor, count: count).copyBytes(from: header.key.utf8)
      cursor += count
      write(header.value, to: &cursor)
    }
  }
}
