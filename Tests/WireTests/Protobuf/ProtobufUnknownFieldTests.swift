import Bytes
import Testing
import Wire

@Suite("Protobuf unknown fields") struct ProtobufUnknownFieldTests {
  /// A program that knows no field of a message gives it back byte for byte, whatever form it was in.
  @Test func comeBackByteForByte() throws {
    var random = RandomEverything(generator: SeededGenerator(seed: 21))
    for _ in 0..<50 {
      let bytes = random.message()
      let nothing = try Varve_Testing_Nothing(serializedBytes: bytes)
      #expect(nothing.unknownFields.bytes == bytes)
      #expect(try encoded(nothing) == bytes)
    }
    // Tags and values that are longer than they need be stay so.
    let padded: [UInt8] = [0x98, 0x80, 0x80, 0x00, 0x81, 0x80, 0x00]
    #expect(try encoded(Varve_Testing_Nothing(serializedBytes: padded)) == padded)
  }

  /// A program that knows a few fields loses none of the others.
  @Test func surviveAnOlderProgram() throws {
    var random = RandomEverything(generator: SeededGenerator(seed: 22))
    for _ in 0..<50 {
      let message = try Varve_Testing_Everything(serializedBytes: random.message())
      let through = try Varve_Testing_Little(serializedBytes: message.serializedBytes())
      #expect(through.plainInt32 == message.plainInt32)
      #expect(through.repeatedNested == message.repeatedNested)
      #expect(try Varve_Testing_Everything(serializedBytes: through.serializedBytes()) == message)
    }
  }

  @Test func groupsAreKept() throws {
    let bytes = WireWriter.bytes { writer in
      writer.tag(600, 3)
      writer.field(1, varint: 5)
      writer.tag(2, 3)
      writer.field(3, [1, 2])
      writer.tag(2, 4)
      writer.tag(600, 4)
      writer.field(3, varint: 9)
    }
    let message = try Varve_Testing_Everything(serializedBytes: bytes)
    #expect(message.plainInt32 == 9)
    #expect(message.unknownFields.bytes == Array(bytes.dropLast(2)))
    #expect(try encoded(message) == [0x18, 9] + bytes.dropLast(2))
  }

  /// Enums are open: a number without a name is a value like any other.
  @Test func enumNumbersWithoutNamesAreKept() throws {
    let bytes: [UInt8] = [0x80, 0x01, 0x4d]
    var message = try Varve_Testing_Everything(serializedBytes: bytes)
    #expect(message.plainColour == .UNRECOGNIZED(77))
    #expect(message.plainColour.rawValue == 77 && message.plainColour.protoName == nil)
    #expect(try encoded(message) == bytes)
    message.plainColour = .UNRECOGNIZED(1)
    #expect(
      message.plainColour == .red && message.plainColour.hashValue == Varve_Testing_Colour.red.hashValue)
    #expect(Varve_Testing_Colour(rawValue: 1 << 40) == nil)
    #expect(Varve_Testing_Alias.first == .one && Varve_Testing_Alias(protoName: "ALIAS_FIRST") == .one)
  }

  /// Equality and hashing take unknown fields into account: two messages that encode differently differ.
  @Test func countForEquality() throws {
    let known = try Varve_Testing_Little(serializedBytes: [0x18, 1])
    let more = try Varve_Testing_Little(serializedBytes: [0x18, 1, 0x68, 1])
    #expect(known != more)
  }
}
