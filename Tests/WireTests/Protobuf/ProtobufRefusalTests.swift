import Bytes
import Testing
import Wire

private typealias Everything = Varve_Testing_Everything
private typealias At = ProtobufPosition

private func refusal(_ bytes: [UInt8], limits: ProtobufDecodingLimits = .standard) -> ProtobufError? {
  do throws(ProtobufError) {
    _ = try Everything(serializedBytes: bytes, limits: limits)
    return nil
  } catch {
    return error
  }
}

@Suite("Protobuf refuses") struct ProtobufRefusalTests {
  /// Malformed input, and the error with the byte and field where it shows.
  @Test func malformedBytes() {
    let ff = { (count: Int) in [UInt8](repeating: 0xff, count: count) }
    let cases: [(String, [UInt8], ProtobufError)] = [
      ("tag cut off", [0x80], .truncated(At(byte: 1, field: 0))),
      ("tag without value", [0x18], .truncated(At(byte: 1, field: 3))),
      ("varint cut off", [0x18, 0x80], .truncated(At(byte: 2, field: 3))),
      ("varint of eleven bytes", [0x18] + ff(10) + [1], .varintOverflow(At(byte: 11, field: 3))),
      ("varint of 65 bits", [0x18] + ff(9) + [2], .varintOverflow(At(byte: 11, field: 3))),
      ("field 0", [0x00, 0x01], .fieldNumberZero(At(byte: 1, field: 0))),
      ("field 0 in two bytes", [0x85, 0x00], .fieldNumberZero(At(byte: 2, field: 0))),
      ("tag of six bytes", ff(5) + [1], .varintOverflow(At(byte: 5, field: 0x1fff_ffff))),
      ("tag of 33 bits", ff(4) + [0x1f], .varintOverflow(At(byte: 5, field: 0x1fff_ffff))),
      ("wire type 6", [0x1e, 0x00], .wireType(6, At(byte: 1, field: 3))),
      ("wire type 7", [0x1f, 0x00], .wireType(7, At(byte: 1, field: 3))),
      ("fixed32 cut off", [0x4d, 1, 2, 3], .truncated(At(byte: 1, field: 9))),
      ("fixed64 cut off", [0x51, 1, 2, 3, 4, 5, 6, 7], .truncated(At(byte: 1, field: 10))),
      ("string longer than the rest", [0x72, 0x02, 0x61], .truncated(At(byte: 2, field: 14))),
      ("length beyond all memory", [0x72] + ff(9) + [1], .truncated(At(byte: 11, field: 14))),
      ("string not UTF-8", [0x72, 0x01, 0xff], .notUTF8(At(byte: 2, field: 14))),
      ("string with a surrogate", [0x72, 0x03, 0xed, 0xa0, 0x80], .notUTF8(At(byte: 2, field: 14))),
      ("string in overlong form", [0x72, 0x02, 0xc0, 0x80], .notUTF8(At(byte: 2, field: 14))),
      ("map key not UTF-8", [0xf2, 0x04, 0x03, 0x0a, 0x01, 0xff], .notUTF8(At(byte: 5, field: 1))),
      ("message past its end", [0x8a, 0x01, 0x01, 0x08, 0x01], .truncated(At(byte: 4, field: 1))),
      ("nested message past the outer", [0x8a, 0x01, 0x7f, 0x08], .truncated(At(byte: 3, field: 17))),
      ("packed run cut in a value", [0xb2, 0x02, 0x01, 0x80], .truncated(At(byte: 4, field: 38))),
      ("packed fixed of odd length", [0xe2, 0x02, 0x03, 1, 2, 3], .truncated(At(byte: 3, field: 44))),
      ("group never ended", [0xc3, 0x25, 0x08, 0x01], .truncated(At(byte: 4, field: 1))),
      ("group ended by another", [0xc3, 0x25, 0xcc, 0x25], .endGroup(At(byte: 4, field: 601))),
      ("group ended, never begun", [0x1c], .endGroup(At(byte: 1, field: 3))),
      ("unknown field cut off", [0xc2, 0x25, 0x05, 0x61], .truncated(At(byte: 3, field: 600))),
    ]
    for (name, bytes, expected) in cases { #expect(refusal(bytes) == expected, "\(name)") }
  }

  /// Every prefix of a message that ends inside a field is refused or is a shorter message; none traps.
  @Test func cutOffMessages() throws {
    var random = RandomEverything(generator: SeededGenerator(seed: 11))
    for _ in 0..<20 {
      let bytes = random.message()
      for length in 0..<bytes.count {
        do throws(ProtobufError) {
          let message = try Everything(serializedBytes: Array(bytes[..<length]))
          #expect(message.serializedSize <= length * 2 + 64)
        } catch {
          guard case .truncated(let position) = error else {
            Issue.record("\(error)")
            continue
          }
          #expect(position.byte <= length)
        }
      }
    }
  }

  @Test func nestingBeyondTheLimit() throws {
    func nested(_ levels: Int) -> [UInt8] {
      var bytes: [UInt8] = []
      for _ in 0..<levels { bytes = WireWriter.bytes { $0.field(18, bytes) } }
      return bytes
    }
    #expect(refusal(nested(100)) == nil)
    guard case .tooDeep(_, limit: 100) = refusal(nested(101)) else {
      Issue.record("\(String(describing: refusal(nested(101))))")
      return
    }
    let groups = { (levels: Int) in
      WireWriter.bytes { writer in
        for _ in 0..<levels { writer.tag(600, 3) }
        for _ in 0..<levels { writer.tag(600, 4) }
      }
    }
    #expect(refusal(groups(100)) == nil)
    #expect(refusal(groups(101)) == .tooDeep(At(byte: 202, field: 600), limit: 100))
    var flat = ProtobufDecodingLimits.standard
    flat.depth = 0
    #expect(refusal([0x18, 0x01], limits: flat) == nil)
    #expect(refusal([0x8a, 0x01, 0x00], limits: flat) == .tooDeep(At(byte: 3, field: 17), limit: 0))
  }

  @Test func sizesBeyondTheLimits() {
    var limits = ProtobufDecodingLimits.standard
    limits.messageBytes = 4
    limits.fieldBytes = 2
    #expect(refusal([0x72, 0x02, 0x61, 0x62], limits: limits) == nil)
    #expect(refusal([0x72, 0x02, 0x61, 0x62, 0x18], limits: limits) == .messageTooLarge(bytes: 5, limit: 4))
    limits.messageBytes = 100
    let long: [UInt8] = [0x03, 0x61, 0x62, 0x63]
    let error = ProtobufError.fieldTooLong(At(byte: 2, field: 14), bytes: 3, limit: 2)
    #expect(refusal([0x72] + long, limits: limits) == error)
    let bytesError = ProtobufError.fieldTooLong(At(byte: 2, field: 15), bytes: 3, limit: 2)
    #expect(refusal([0x7a] + long, limits: limits) == bytesError)
  }

  /// Elements of every container count together, nested ones too, so that a small input makes no large message.
  @Test func moreElementsThanTheLimit() {
    var limits = ProtobufDecodingLimits.standard
    limits.elements = 4
    let cases: [(String, (Int) -> [UInt8])] = [
      ("packed", { count in WireWriter.bytes { $0.field(38, [UInt8](repeating: 1, count: count)) } }),
      (
        "packed fixed",
        { count in WireWriter.bytes { $0.field(44, [UInt8](repeating: 1, count: count * 4)) } }
      ),
      ("unpacked", { count in WireWriter.bytes { for _ in 0..<count { $0.field(55, varint: 1) } } }),
      ("strings", { count in WireWriter.bytes { for _ in 0..<count { $0.field(49, []) } } }),
      ("messages", { count in WireWriter.bytes { for _ in 0..<count { $0.field(52, []) } } }),
      ("messages in a oneof", { count in WireWriter.bytes { for _ in 0..<count { $0.field(100, []) } } }),
      ("map entries", { count in WireWriter.bytes { for _ in 0..<count { $0.field(67, []) } } }),
      (
        "at two levels",
        { count in
          WireWriter.bytes { writer in
            writer.field(38, [1, 1])
            writer.field(18, WireWriter.bytes { $0.field(38, [UInt8](repeating: 1, count: count - 2)) })
          }
        }
      ),
    ]
    for (name, bytes) in cases {
      #expect(refusal(bytes(4), limits: limits) == nil, "\(name)")
      guard case .tooManyElements(_, limit: 4) = refusal(bytes(5), limits: limits) else {
        Issue.record("\(name): \(String(describing: refusal(bytes(5), limits: limits)))")
        continue
      }
    }
  }
}
