// The examples of RFC 8949: appendix A, both ways, and the malformed ones of appendix F.

import Bytes
import Testing
import Wire

@Suite("CBOR: examples of RFC 8949") struct CBORAppendixTests {
  @Test("appendix A decodes", arguments: CBORVector.appendixA)
  func decodes(_ vector: CBORVector) throws {
    #expect(try CBORValue(decoding: bytes(cbor: vector.hex)) == vector.value)
  }

  @Test("appendix A encodes", arguments: CBORVector.appendixA)
  func encodes(_ vector: CBORVector) throws {
    let encoded = try vector.value.encoded()
    if vector.isPreferred {
      #expect(cborHex(encoded) == vector.hex)
    } else {
      #expect(
        try encoded.count <= bytes(cbor: vector.hex).count && CBORValue(decoding: encoded) == vector.value)
    }
  }

  @Test("appendix A is printed in diagnostic notation", arguments: CBORVector.appendixA)
  func prints(_ vector: CBORVector) {
    #expect(vector.value.description == vector.notation)
  }

  @Test("appendix A is passed over whole", arguments: CBORVector.appendixA)
  func skips(_ vector: CBORVector) throws {
    let message = bytes(cbor: vector.hex)
    var reader = try CBORReader(message)
    try reader.skip()
    try reader.finish()
  }

  @Test("every cut of appendix A is truncated", arguments: CBORVector.appendixA)
  func cuts(_ vector: CBORVector) throws {
    let whole = bytes(cbor: vector.hex)
    for length in 0..<whole.count {
      #expect {
        try CBORValue(decoding: whole.slice(from: 0, count: length))
      } throws: { error in
        if case .truncated? = error as? CBORError { true } else { false }
      }
    }
  }

  @Test("only preferred examples pass where shortest forms are required", arguments: CBORVector.appendixA)
  func requiresPreferred(_ vector: CBORVector) {
    let accepted = (try? CBORValue(decoding: bytes(cbor: vector.hex), options: .deterministic)) != nil
    #expect(accepted == vector.isPreferred)
  }

  /// An input that is not well-formed, and why it is refused.
  struct Malformed: Sendable {
    let inputs: [String]
    let isExpected: @Sendable (CBORError) -> Bool
  }

  static let appendixF: [Malformed] = [
    // End of input in a head.
    Malformed(
      inputs: [
        "18", "19", "1a", "1b", "1901", "1a0102", "1b01020304050607", "38", "58", "78", "98", "9a01ff00",
        "b8", "d8", "f8", "f900", "fa0000", "fb000000",
      ], isExpected: { if case .truncated = $0 { true } else { false } }),
    // Definite-length strings with short data.
    Malformed(
      inputs: [
        "41", "61", "5affffffff00", "5bffffffffffffffff010203", "7affffffff00", "7b7fffffffffffffff010203",
      ],
      isExpected: {
        switch $0 {
        case .truncated, .stringTooLong: true
        default: false
        }
      }),
    // Definite-length maps and arrays not closed with enough items.
    Malformed(
      inputs: ["81", "818181818181818181", "8200", "a1", "a20102", "a100", "a2000000"],
      isExpected: { if case .truncated = $0 { true } else { false } }),
    // Tag number not followed by tag content.
    Malformed(inputs: ["c0"], isExpected: { $0 == .truncated(at: 1) }),
    // Indefinite-length strings, maps and arrays not closed by a break.
    Malformed(
      inputs: [
        "5f4100", "7f6100", "9f", "9f0102", "bf", "bf01020102", "819f", "9f8000", "9f9f9f9f9fffffffff",
        "9f819f819f9fffffff",
      ],
      // The map that is cut off repeats a key before that.
      isExpected: {
        switch $0 {
        case .truncated, .duplicateKey: true
        default: false
        }
      }),
    // Reserved additional information values.
    Malformed(
      inputs: [
        "1c", "1d", "1e", "3c", "3d", "3e", "5c", "5d", "5e", "7c", "7d", "7e", "9c", "9d", "9e", "bc", "bd",
        "be", "dc", "dd", "de", "fc", "fd", "fe",
      ], isExpected: { if case .reservedInformation(28...30, at: 0) = $0 { true } else { false } }),
    // Reserved two-byte encodings of simple values.
    Malformed(
      inputs: ["f800", "f801", "f818", "f81f"],
      isExpected: { if case .invalidSimple(0..<32, at: 0) = $0 { true } else { false } }),
    // Chunks not of the correct type, and not of definite length.
    Malformed(
      inputs: [
        "5f00ff", "5f21ff", "5f6100ff", "5f80ff", "5fa0ff", "5fc000ff", "5fe0ff", "7f4100ff", "5f5f4100ffff",
        "7f7f6100ffff",
      ], isExpected: { $0 == .invalidChunk(at: 1) }),
    // A break on its own, or in a definite-length array or map, or in a tag.
    Malformed(
      inputs: [
        "ff", "81ff", "8200ff", "a1ff", "a1ff00", "a100ff", "a20000ff", "9f81ff", "9f829f819f9fffffffff",
        "c0ff",
      ],
      isExpected: {
        switch $0 {
        case .unexpectedBreak, .truncated: true
        default: false
        }
      }),
    // A break in the place of a value.
    Malformed(
      inputs: ["bf00ff", "bf000000ff"],
      isExpected: {
        switch $0 {
        case .missingMapValue, .duplicateKey: true
        default: false
        }
      }),
    // Integers and tags of indefinite length.
    Malformed(inputs: ["1f", "3f", "df"], isExpected: { $0 == .indefiniteWithoutLength(at: 0) }),
  ]

  @Test("appendix F is refused, by every way of reading", arguments: appendixF.indices)
  func refuses(_ index: Int) throws {
    let group = Self.appendixF[index]
    let lenient = CBORReadingOptions(duplicateKeys: .allowed)
    for hex in group.inputs {
      for options in [CBORReadingOptions(), lenient] {
        #expect(throws: CBORError.self, "\(hex)") {
          do throws(CBORError) {
            _ = try CBORValue(decoding: bytes(cbor: hex), options: options)
          } catch {
            #expect(group.isExpected(error), "\(hex): \(error)")
            throw error
          }
        }
        #expect(throws: CBORError.self, "\(hex)") {
          let message = bytes(cbor: hex)
          var reader = try CBORReader(message, options: options)
          try reader.skip()
          try reader.finish()
        }
        #expect(throws: DecodingError.self, "\(hex)") {
          try CBORDecoder(options: options).decode(CBORValue.self, from: bytes(cbor: hex))
        }
      }
    }
  }
}
