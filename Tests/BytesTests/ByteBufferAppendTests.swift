import Bytes
import Testing

/// The bytes `body` appends.
private func appended(_ body: (inout ByteBuffer) -> Void) -> [UInt8] {
  var buffer = ByteBuffer()
  body(&buffer)
  return [UInt8](buffer)
}

@Suite("ByteBuffer appending") struct ByteBufferAppendTests {
  @Test func takesBytesOfEveryKind() {
    let bytes: [UInt8] = [1, 2, 3]
    #expect(appended { $0.append(7 as UInt8) } == [7])
    #expect(appended { buffer in bytes.withUnsafeBytes { buffer.append($0) } } == bytes)
    #expect(appended { $0.append(ByteBuffer(bytes).readable) } == bytes)
    #expect(appended { $0.append(ByteBuffer(bytes)) } == bytes)
    #expect(appended { $0.append("abc" as StaticString) } == Array("abc".utf8))
    #expect(appended { $0.append("né€" as String) } == Array("né€".utf8))
    #expect(appended { $0.append("xnéx".dropFirst().dropLast()) } == Array("né".utf8))
    #expect(appended { $0.append(contentsOf: bytes) } == bytes)
    #expect(appended { $0.append(contentsOf: AnySequence(bytes)) } == bytes)
    #expect(appended { $0.append(contentsOf: bytes.lazy.map { $0 + 1 }) } == [2, 3, 4])
    #expect(appended { $0.append(repeating: 9, count: 4) } == [9, 9, 9, 9])
  }

  @Test func takesNothingAsNothing() {
    #expect(appended { $0.append(UnsafeRawBufferPointer(start: nil, count: 0)) } == [])
    #expect(appended { $0.append(ByteBuffer().readable) } == [])
    #expect(appended { $0.append(ByteBuffer()) } == [])
    #expect(appended { $0.append("" as StaticString) } == [])
    #expect(appended { $0.append("" as String) } == [])
    #expect(appended { $0.append("" as Substring) } == [])
    #expect(appended { $0.append(contentsOf: []) } == [])
    #expect(appended { $0.append(repeating: 9, count: 0) } == [])
  }

  @Test func takesItself() {
    var buffer = ByteBuffer("ab")
    for _ in 0..<8 { buffer.append(buffer) }
    #expect(buffer == ByteBuffer(String(repeating: "ab", count: 256)))
  }

  @Test func writesIntegersInBothOrders() {
    #expect(appended { $0.append(bigEndian: 0x12 as UInt8) } == [0x12])
    #expect(appended { $0.append(bigEndian: 0x1234 as UInt16) } == [0x12, 0x34])
    #expect(appended { $0.append(bigEndian: 0x1234_5678 as UInt32) } == [0x12, 0x34, 0x56, 0x78])
    #expect(appended { $0.append(bigEndian: 0x0102_0304_0506_0708 as UInt64) } == [1, 2, 3, 4, 5, 6, 7, 8])
    #expect(appended { $0.append(bigEndian: -2 as Int32) } == [0xff, 0xff, 0xff, 0xfe])
    #expect(appended { $0.append(littleEndian: 0x1234 as UInt16) } == [0x34, 0x12])
    #expect(appended { $0.append(littleEndian: 0x1234_5678 as UInt32) } == [0x78, 0x56, 0x34, 0x12])
    #expect(
      appended { $0.append(littleEndian: 0x0102_0304_0506_0708 as UInt64) } == [8, 7, 6, 5, 4, 3, 2, 1])
    #expect(appended { $0.append(littleEndian: -2 as Int16) } == [0xfe, 0xff])
    #expect(appended { $0.append(bigEndian: 1 as UInt128) } == [UInt8](repeating: 0, count: 15) + [1])
  }

  @Test func writesIntegersAtEveryAlignment() throws {
    for lead in 0..<9 {
      var buffer = ByteBuffer()
      buffer.append(repeating: 0xee, count: lead)
      buffer.append(bigEndian: UInt64.max - 7)
      buffer.append(littleEndian: UInt32(9))
      var reader = ByteReader(buffer.readable)
      try reader.skip(lead)
      #expect(try reader.readBigEndian(UInt64.self) == .max - 7)
      #expect(try reader.readLittleEndian(UInt32.self) == 9)
    }
  }

  @Test(
    arguments: [
      (0, [0]), (1, [1]), (127, [0x7f]), (128, [0x80, 1]), (300, [0xac, 2]), (16_383, [0xff, 0x7f]),
      (16_384, [0x80, 0x80, 1]), (UInt64(UInt32.max), [0xff, 0xff, 0xff, 0xff, 0x0f]),
      (1 << 63, [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 1]),
      (.max, [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1]),
    ] as [(UInt64, [UInt8])])
  func writesVarints(value: UInt64, bytes: [UInt8]) {
    #expect(appended { $0.append(varint: value) } == bytes)
  }

  @Test(
    arguments: [
      (0, [0]), (-1, [1]), (1, [2]), (-2, [3]), (63, [126]), (-64, [127]), (64, [0x80, 1]),
      (.max, [0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1]),
      (.min, [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1]),
    ] as [(Int64, [UInt8])])
  func writesSignedVarintsInZigzag(value: Int64, bytes: [UInt8]) {
    #expect(appended { $0.append(zigzag: value) } == bytes)
  }

  @Test func growsExactlyWhenItMust() {
    // Every kind of append at the very edge of its room.
    for room in 0..<12 {
      var buffer = ByteBuffer(capacity: 64)
      buffer.append(repeating: 0x2e, count: 64 - room)
      var expected = [UInt8](repeating: 0x2e, count: 64 - room)
      buffer.append(varint: .max)
      expected += [UInt8](repeating: 0xff, count: 9) + [1]
      buffer.append(bigEndian: UInt16(0x4142))
      buffer.append("yz" as StaticString)
      expected += Array("AByz".utf8)
      #expect([UInt8](buffer) == expected)
    }
  }
}
