import Bytes
import Testing
import Wire

private typealias Everything = Varve_Testing_Everything

/// The bytes of a message as an array.
func encoded(_ message: some Message) throws -> [UInt8] { [UInt8](try message.serializedBytes()) }

@Suite("Protobuf wire format") struct ProtobufWireFormatTests {
  /// Bytes for one field, by the encoding guide; they decode to the value and it encodes to them.
  @Test func encodesEachTypeAsSpecified() throws {
    let cases: [([UInt8], (inout Everything) -> Void)] = [
      ([0x18, 0x96, 0x01], { $0.plainInt32 = 150 }),
      ([0x72, 0x07] + Array("testing".utf8), { $0.plainString = "testing" }),
      ([0x18] + [UInt8](repeating: 0xff, count: 9) + [0x01], { $0.plainInt32 = -1 }),
      ([0x28, 0xff, 0xff, 0xff, 0xff, 0x0f], { $0.plainUint32 = .max }),
      ([0x30] + [UInt8](repeating: 0xff, count: 9) + [0x01], { $0.plainUint64 = .max }),
      ([0x38, 0x01], { $0.plainSint32 = -1 }),
      ([0x38, 0xff, 0xff, 0xff, 0xff, 0x0f], { $0.plainSint32 = .min }),
      ([0x40, 0x02], { $0.plainSint64 = 1 }),
      ([0x4d, 1, 0, 0, 0], { $0.plainFixed32 = 1 }),
      ([0x51, 0, 0, 0, 0, 0, 0, 0, 0x80], { $0.plainFixed64 = 1 << 63 }),
      ([0x09, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f], { $0.plainDouble = 1 }),
      ([0x09, 0, 0, 0, 0, 0, 0, 0, 0x80], { $0.plainDouble = -0.0 }),
      ([0x15, 0, 0, 0x80, 0x3f], { $0.plainFloat = 1 }),
      ([0x68, 0x01], { $0.plainBool = true }),
      ([0x80, 0x01] + [UInt8](repeating: 0xff, count: 9) + [0x01], { $0.plainColour = .infrared }),
      ([0x8a, 0x01, 0x02, 0x08, 0x07], { $0.plainNested.number = 7 }),
      ([0xb2, 0x02, 0x06, 0x03, 0x8e, 0x02, 0x9e, 0xa7, 0x05], { $0.repeatedInt32 = [3, 270, 86942] }),
      ([0xb8, 0x03, 0x03, 0xb8, 0x03, 0x8e, 0x02], { $0.unpackedInt32 = [3, 270] }),
      ([0x9a, 0x04, 0x04, 0x08, 0x01, 0x10, 0x02], { $0.mapInt32[1] = 2 }),
      ([0xf8, 0xff, 0xff, 0xff, 0x0f, 0x01], { $0.farthest = 1 }),
    ]
    for (bytes, set) in cases {
      var message = Everything()
      set(&message)
      #expect(try encoded(message) == bytes)
      #expect(try Everything(serializedBytes: bytes) == message)
    }
  }

  @Test func leavesDefaultsOutAndKeepsPresence() throws {
    var message = Everything()
    message.plainInt32 = 0
    message.plainString = ""
    message.plainBytes = ByteBuffer()
    #expect(try encoded(message).isEmpty)
    #expect(!message.hasOptionalInt32)
    message.optionalInt32 = 0
    message.optionalString = ""
    message.optionalBytes = ByteBuffer()
    message.choiceInt32 = 0
    let again = try Everything(serializedBytes: message.serializedBytes())
    #expect(again.hasOptionalInt32 && again.hasOptionalString && again.hasOptionalBytes)
    #expect(again.choice == .choiceInt32(0))
    #expect(again == message)
    message.clearOptionalInt32()
    #expect(!message.hasOptionalInt32 && message != again)
  }

  @Test func acceptsPackedAndUnpackedAlike() throws {
    var expected = Everything()
    expected.repeatedUint32 = [1, 300, 2]
    expected.unpackedFixed64 = [7, 8]
    let bytes = WireWriter.bytes { writer in
      writer.field(40, varint: 1)
      writer.field(40, [0xac, 0x02, 0x02])
      writer.field(62, [7, 0, 0, 0, 0, 0, 0, 0])
      writer.tag(62, 1)
      writer.fixed(8, bytes: 8)
    }
    #expect(try Everything(serializedBytes: bytes) == expected)
  }

  /// "Last one wins" for scalars and oneofs; messages merge; repeated fields concatenate.
  @Test func mergesRepeatedOccurrences() throws {
    let bytes = WireWriter.bytes { writer in
      writer.field(3, varint: 1)
      writer.field(3, varint: 2)
      writer.field(17, [0x08, 0x01])
      writer.field(17, [0x12, 0x01, 0x61])
      writer.field(100, [0x08, 0x05])
      writer.field(100, [0x12, 0x01, 0x62])
      writer.field(49, Array("x".utf8))
      writer.field(49, Array("y".utf8))
      writer.field(67, [0x08, 0x01, 0x10, 0x02])
      writer.field(67, [0x08, 0x01, 0x10, 0x03])
    }
    let message = try Everything(serializedBytes: bytes)
    #expect(message.plainInt32 == 2)
    #expect(message.plainNested.number == 1 && message.plainNested.text == "a")
    #expect(message.choiceNested.number == 5 && message.choiceNested.text == "b")
    #expect(message.repeatedString == ["x", "y"])
    #expect(message.mapInt32 == [1: 3])
    let other = try Everything(serializedBytes: bytes + WireWriter.bytes { $0.field(86, varint: 9) })
    #expect(other.choice == .choiceInt32(9))
    var merged = message
    try merged.merge(serializedBytes: message.serializedBytes())
    #expect(merged.repeatedString == ["x", "y", "x", "y"] && merged.plainNested == message.plainNested)
  }

  /// A map entry without key or value has their defaults; a value given twice merges; other fields are dropped.
  @Test func readsOddMapEntries() throws {
    let bytes = WireWriter.bytes { writer in
      writer.field(67, [])
      writer.field(83, [0x08, 0x01, 0x12, 0x02, 0x08, 0x05, 0x12, 0x03, 0x12, 0x01, 0x61, 0x18, 0x63])
    }
    let message = try Everything(serializedBytes: bytes)
    #expect(message.mapInt32 == [0: 0])
    #expect(message.mapInt32Nested[1]?.number == 5 && message.mapInt32Nested[1]?.text == "a")
  }

  /// A field of a known number but another wire type is an unknown field, not an error.
  @Test func keepsFieldsOfAnotherWireType() throws {
    let bytes = WireWriter.bytes { writer in
      writer.field(14, varint: 5)
      writer.tag(3, 5)
      writer.fixed(1, bytes: 4)
    }
    let message = try Everything(serializedBytes: bytes)
    #expect(message.plainString.isEmpty && message.plainInt32 == 0)
    #expect(message.unknownFields.bytes == bytes)
    #expect(try encoded(message) == bytes)
  }

  /// Values wider than their field are cut to its low bits.
  @Test func cutsWideVarints() throws {
    let bytes = WireWriter.bytes { writer in
      writer.field(3, varint: 0x1_0000_0005)
      writer.field(5, varint: .max)
      writer.field(7, varint: 0x1_0000_0001)
      writer.field(13, varint: 1 << 40)
      writer.field(16, varint: 0x7_0000_0001)
    }
    let message = try Everything(serializedBytes: bytes)
    #expect(message.plainInt32 == 5 && message.plainUint32 == .max && message.plainSint32 == -1)
    #expect(message.plainBool && message.plainColour == .red)
  }

  /// Every length of varint, shortest form and padded with empty groups, at the end of input and before more.
  @Test func readsVarintsOfEveryLength() throws {
    for bits in 0..<64 {
      for value in [UInt64(1) << UInt64(bits), .max >> UInt64(bits)] {
        let short = WireWriter.bytes { $0.varint(value) }
        for padding in 0...(10 - short.count) {
          var long = short
          if padding > 0 {
            long[long.count - 1] |= 0x80
            long += [UInt8](repeating: 0x80, count: padding - 1) + [0]
          }
          #expect(try Everything(serializedBytes: [0x30] + long).plainUint64 == value)
          let more = try Everything(serializedBytes: [0x30] + long + [UInt8](repeating: 0x68, count: 1) + [1])
          #expect(more.plainUint64 == value && more.plainBool)
        }
      }
    }
  }

  @Test func writesMapsInKeyOrder() throws {
    var message = Everything()
    for key in ["b", "", "aa", "a", "é", "Z"] { message.mapString[key] = key }
    for key in [3, -1, 0, 2] as [Int32] { message.mapSint32[key] = key }
    message.mapBool = [true: true, false: false]
    let bytes = try encoded(message)
    var keys: [String] = []
    var rest = bytes[...]
    while let entry = rest.firstRange(of: [0xf2, 0x04]) {
      let keyCount = Int(rest[entry.upperBound + 2])
      keys.append(
        String(decoding: rest[entry.upperBound + 3..<entry.upperBound + 3 + keyCount], as: UTF8.self))
      rest = rest[(entry.upperBound + 3 + keyCount)...]
    }
    #expect(keys == ["", "Z", "a", "aa", "b", "é"])
    for _ in 0..<20 {
      // Another insertion order, another table in memory: the same bytes.
      var other = Everything()
      for (key, value) in message.mapString.shuffled() { other.mapString[key] = value }
      for (key, value) in message.mapSint32.shuffled() { other.mapSint32[key] = value }
      other.mapBool = [false: false, true: true]
      #expect(try encoded(other) == bytes)
    }
  }

  @Test func appendsToABufferThatHoldsSomething() throws {
    var buffer = ByteBuffer("head")
    var message = Everything()
    message.plainString = String(repeating: "long ", count: 100)
    try message.serialize(into: &buffer)
    #expect(buffer.count == 4 + message.serializedSize)
    buffer.consume(4)
    #expect(try Everything(serializedBytes: buffer) == message)
  }

  @Test func allocatesExactlyTheSize() throws {
    var message = Everything()
    message.plainBytes = ByteBuffer([UInt8](repeating: 1, count: 1000))
    message.repeatedNested = (0..<50).map { index in
      var nested = Everything.Nested()
      nested.number = Int32(index)
      return nested
    }
    let bytes = try message.serializedBytes()
    #expect(bytes.capacity == bytes.count && bytes.count == message.serializedSize)
  }

  /// Long `bytes` share the input's storage, short ones do not; from an array nothing can be shared.
  @Test func sharesLongBytesOnly() throws {
    var message = Everything()
    message.plainBytes = ByteBuffer([UInt8](repeating: 7, count: 5000))
    message.repeatedBytes = [ByteBuffer([1, 2, 3])]
    let input = try message.serializedBytes()
    let shared = try Everything(serializedBytes: input)
    #expect(shared == message)
    #expect(shared.plainBytes.capacity == input.capacity)
    #expect(shared.repeatedBytes[0].capacity < 100)
    var never = ProtobufDecodingLimits.standard
    never.sharedBytesMinimum = .max
    #expect(try Everything(serializedBytes: input, limits: never).plainBytes.capacity < input.capacity)
    #expect(try Everything(serializedBytes: [UInt8](input)).plainBytes.capacity < input.capacity)
  }
}
