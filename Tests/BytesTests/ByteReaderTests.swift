import Bytes
import Testing

/// What a read of `bytes` throws, having made sure that a refused read consumed nothing.
private func failure(
  of bytes: [UInt8], _ read: (inout ByteReader) throws(ByteReaderError) -> Void
) -> ByteReaderError? {
  let buffer = ByteBuffer(bytes)
  var reader = ByteReader(buffer.readable)
  do {
    try read(&reader)
    return nil
  } catch {
    #expect(reader.position == 0 && reader.remaining == bytes.count)
    return error
  }
}

@Suite("ByteReader") struct ByteReaderTests {
  @Test func readsOneThingAfterAnother() throws {
    var buffer = ByteBuffer()
    buffer.append(7 as UInt8)
    buffer.append(bigEndian: UInt16(0x0102))
    buffer.append(littleEndian: Int32(-5))
    buffer.append(varint: 300)
    buffer.append(zigzag: -300)
    buffer.append("span" as StaticString)
    buffer.append("rest" as StaticString)
    var reader = ByteReader(buffer.readable)
    #expect(reader.next == 7)
    #expect(try reader.readByte() == 7)
    #expect(try reader.readBigEndian(UInt16.self) == 0x0102)
    #expect(try reader.readLittleEndian() as Int32 == -5)
    #expect(try reader.readVarint() == 300)
    #expect(try reader.readZigzag() == -300)
    #expect(reader.position == 11 && reader.remaining == 8 && !reader.isAtEnd)
    #expect(ByteBuffer(copying: try reader.readSpan(4)) == ByteBuffer("span"))
    #expect(reader.withRemainingBytes { String(decoding: $0, as: UTF8.self) } == "rest")
    #expect(reader.remaining == 4)  // looking consumed nothing
    try reader.skip(4)
    #expect(reader.isAtEnd && reader.next == nil && reader.remaining == 0)
  }

  @Test func readsNothingFromNothing() throws {
    let empty = ByteBuffer()
    var reader = ByteReader(empty.readable)
    #expect(reader.isAtEnd && reader.next == nil && reader.remaining == 0 && reader.position == 0)
    try reader.skip(0)
    #expect(try reader.readSpan(0).byteCount == 0)
    #expect(reader.withRemainingBytes { $0.count } == 0)
    let none = UnsafeRawBufferPointer(start: nil, count: 0)
    let unbased = ByteReader(none.bytes)
    #expect(unbased.remaining == 0)
  }

  @Test func isTruncatedAtEveryLengthShortOfTheWhole() {
    for length in 0..<16 {
      let bytes = [UInt8](repeating: 0x2a, count: length)
      #expect(
        failure(of: bytes) { (r) throws(ByteReaderError) in _ = try r.readByte() }
          == (length < 1 ? .truncated : nil))
      #expect(
        failure(of: bytes) { (r) throws(ByteReaderError) in _ = try r.readLittleEndian(UInt16.self) }
          == (length < 2 ? .truncated : nil))
      #expect(
        failure(of: bytes) { (r) throws(ByteReaderError) in _ = try r.readBigEndian(UInt16.self) }
          == (length < 2 ? .truncated : nil))
      #expect(
        failure(of: bytes) { (r) throws(ByteReaderError) in _ = try r.readLittleEndian(UInt32.self) }
          == (length < 4 ? .truncated : nil))
      #expect(
        failure(of: bytes) { (r) throws(ByteReaderError) in _ = try r.readBigEndian(Int32.self) }
          == (length < 4 ? .truncated : nil))
      #expect(
        failure(of: bytes) { (r) throws(ByteReaderError) in _ = try r.readLittleEndian(UInt64.self) }
          == (length < 8 ? .truncated : nil))
      #expect(
        failure(of: bytes) { (r) throws(ByteReaderError) in _ = try r.readBigEndian(UInt64.self) }
          == (length < 8 ? .truncated : nil))
      for wanted in 0..<18 {
        let expected: ByteReaderError? = length < wanted ? .truncated : nil
        #expect(failure(of: bytes) { (r) throws(ByteReaderError) in _ = try r.readSpan(wanted) } == expected)
        #expect(failure(of: bytes) { (r) throws(ByteReaderError) in try r.skip(wanted) } == expected)
      }
    }
  }

  @Test func aVarintIsTruncatedAtEveryLengthShortOfItsLast() throws {
    for shift in stride(from: 0, through: 63, by: 7) {
      var buffer = ByteBuffer()
      buffer.append(varint: 1 << UInt64(shift))
      let whole = [UInt8](buffer)
      #expect(whole.count == shift / 7 + 1)
      for length in 0..<whole.count {
        let part = Array(whole[..<length])
        #expect(failure(of: part) { (r) throws(ByteReaderError) in _ = try r.readVarint() } == .truncated)
        #expect(failure(of: part) { (r) throws(ByteReaderError) in _ = try r.readZigzag() } == .truncated)
      }
      var reader = ByteReader(buffer.readable)
      #expect(try reader.readVarint() == 1 << UInt64(shift))
      #expect(reader.remaining == 0)
    }
  }

  @Test(
    arguments: [
      // Nine groups of seven bits and then more than the one that is left.
      [UInt8](repeating: 0xff, count: 9) + [2], [UInt8](repeating: 0x80, count: 9) + [0x7f],
      [UInt8](repeating: 0xff, count: 9) + [0x81, 0], [UInt8](repeating: 0x80, count: 10) + [0],
      [UInt8](repeating: 0xff, count: 20), [UInt8](repeating: 0x80, count: 10),
    ])
  func refusesVarintsOfMoreThan64Bits(bytes: [UInt8]) {
    #expect(failure(of: bytes) { (r) throws(ByteReaderError) in _ = try r.readVarint() } == .varintOverflow)
    #expect(failure(of: bytes) { (r) throws(ByteReaderError) in _ = try r.readZigzag() } == .varintOverflow)
  }

  @Test func takesVarintsWithEmptyGroupsBehindTheValue() throws {
    // Longer than need be, as protobuf allows.
    for zeros in 0..<9 {
      let buffer = ByteBuffer([0x85] + [UInt8](repeating: 0x80, count: zeros) + [0x00])
      var reader = ByteReader(buffer.readable)
      #expect(try reader.readVarint() == 5)
      #expect(reader.remaining == 0)
    }
  }

  @Test func readsBackEveryVarintItsBufferWrites() throws {
    var values: [UInt64] = []
    for bit in 0..<64 {
      let power = UInt64(1) << UInt64(bit)
      values += [power - 1, power, power + 1, UInt64.max - power]
    }
    var buffer = ByteBuffer()
    for value in values {
      buffer.append(varint: value)
      buffer.append(zigzag: Int64(bitPattern: value))
    }
    var reader = ByteReader(buffer.readable)
    for value in values {
      #expect(try reader.readVarint() == value)
      #expect(try reader.readZigzag() == Int64(bitPattern: value))
    }
    #expect(reader.remaining == 0)
  }

  @Test func refusesNegativeLengths() {
    #expect(failure(of: [1, 2]) { (r) throws(ByteReaderError) in _ = try r.readSpan(-1) } == .truncated)
    #expect(failure(of: [1, 2]) { (r) throws(ByteReaderError) in try r.skip(-1) } == .truncated)
    #expect(failure(of: [1, 2]) { (r) throws(ByteReaderError) in try r.skip(.min) } == .truncated)
    #expect(failure(of: [1, 2]) { (r) throws(ByteReaderError) in _ = try r.readSpan(.max) } == .truncated)
  }

  @Test func aRefusedReadInTheMiddleLeavesTheRest() throws {
    let buffer = ByteBuffer([1, 2, 3])
    var reader = ByteReader(buffer.readable)
    try reader.skip(1)
    #expect(throws: ByteReaderError.truncated) { try reader.readBigEndian(UInt32.self) }
    #expect(reader.position == 1)
    #expect(try reader.readBigEndian(UInt16.self) == 0x0203)
  }

  @Test func passesErrorsOfABorrowOn() {
    struct Stop: Error, Equatable {}
    let buffer = ByteBuffer("abc")
    let reader = ByteReader(buffer.readable)
    #expect(throws: Stop()) { try reader.withRemainingBytes { (_) throws(Stop) in throw Stop() } }
  }
}
