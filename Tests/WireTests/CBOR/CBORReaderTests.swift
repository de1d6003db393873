// The pull reader: what a caller may ask for, what it gets, and that it never leaves its container.

import Bytes
import Testing
import Wire

@Suite("CBOR: reader") struct CBORReaderTests {
  /// What reading `hex` by `body`, to the end, throws.
  private func error(
    _ hex: String, _ options: CBORReadingOptions = CBORReadingOptions(),
    _ body: (inout CBORReader) throws(CBORError) -> Void
  ) -> CBORError? {
    let message = bytes(cbor: hex)
    do throws(CBORError) {
      var reader = try CBORReader(message, options: options)
      try body(&reader)
      try reader.finish()
      return nil
    } catch {
      return error
    }
  }

  @Test func readsARequestFieldByField() throws {
    // {"id": 7, "to": [1, -2], "raw": h'ff', "ok": true, "at": 1.5, "why": null, "new": {"x": [1]}}
    let message = bytes(
      cbor: "a7 626964 07 62746f 820121 63726177 41ff 626f6b f5 626174 f93e00 63776879 f6 636e6577 a161788101"
    )
    var reader = try CBORReader(message)
    var seen: [String] = []
    #expect(try reader.beginMap() == 7)
    while try reader.hasNext() {
      switch try reader.readTextView() {
      case "id": seen.append("id \(try reader.readInteger(UInt8.self))")
      case "to":
        #expect(try reader.beginArray() == 2)
        while try reader.hasNext() { seen.append("to \(try reader.readInteger(Int.self))") }
      case "raw": seen.append("raw \(try reader.readBytes())")
      case "ok": seen.append("ok \(try reader.readBool())")
      case "at": seen.append("at \(try reader.readDouble())")
      case "why": seen.append("why \(try reader.readNullIfNext())")
      default: try reader.skip()
      }
    }
    try reader.finish()
    #expect(seen == ["id 7", "to 1", "to -2", "raw 1 bytes: ff", "ok true", "at 1.5", "why true"])
  }

  @Test("integers fit or are refused")
  func integers() throws {
    func read<Integer: FixedWidthInteger>(_ hex: String, _ type: Integer.Type) throws -> Integer {
      let message = bytes(cbor: hex)
      var reader = try CBORReader(message)
      return try reader.readInteger(type)
    }
    #expect(try read("1bffffffffffffffff", UInt64.self) == .max)
    #expect(try read("1b7fffffffffffffff", Int64.self) == .max)
    #expect(try read("3b7fffffffffffffff", Int64.self) == .min)
    #expect(try read("3bffffffffffffffff", Int128.self) == -18_446_744_073_709_551_616)
    #expect(try read("387f", Int8.self) == -128)
    #expect(throws: CBORError.outOfRange(at: 0)) { try read("1b8000000000000000", Int64.self) }
    #expect(throws: CBORError.outOfRange(at: 0)) { try read("3b8000000000000000", Int64.self) }
    #expect(throws: CBORError.outOfRange(at: 0)) { try read("3880", Int8.self) }
    #expect(throws: CBORError.outOfRange(at: 0)) { try read("20", UInt64.self) }
    #expect(throws: CBORError.outOfRange(at: 0)) { try read("190100", UInt8.self) }
  }

  @Test("every typed read names what it found instead")
  func mismatches() {
    #expect(
      error("6161") { (reader) throws(CBORError) in _ = try reader.readInteger(Int.self) }
        == .typeMismatch(expected: .integer, found: .text, at: 0))
    #expect(
      error("00") { (reader) throws(CBORError) in _ = try reader.readText() }
        == .typeMismatch(expected: .text, found: .unsigned, at: 0))
    #expect(
      error("20") { (reader) throws(CBORError) in _ = try reader.readBytes() }
        == .typeMismatch(expected: .bytes, found: .negative, at: 0))
    #expect(
      error("f4") { (reader) throws(CBORError) in _ = try reader.readDouble() }
        == .typeMismatch(expected: .float, found: .bool, at: 0))
    #expect(
      error("f6") { (reader) throws(CBORError) in _ = try reader.readBool() }
        == .typeMismatch(expected: .bool, found: .null, at: 0))
    #expect(
      error("f7") { (reader) throws(CBORError) in try reader.readNull() }
        == .typeMismatch(expected: .null, found: .undefined, at: 0))
    #expect(
      error("f93c00") { (reader) throws(CBORError) in try reader.readUndefined() }
        == .typeMismatch(expected: .undefined, found: .float, at: 0))
    #expect(
      error("80") { (reader) throws(CBORError) in _ = try reader.beginMap() }
        == .typeMismatch(expected: .map, found: .array, at: 0))
    #expect(
      error("a0") { (reader) throws(CBORError) in _ = try reader.beginArray() }
        == .typeMismatch(expected: .array, found: .map, at: 0))
    #expect(
      error("4100") { (reader) throws(CBORError) in _ = try reader.readTag() }
        == .typeMismatch(expected: .tag, found: .bytes, at: 0))
    #expect(
      error("c000") { (reader) throws(CBORError) in _ = try reader.readSimple() }
        == .typeMismatch(expected: .simple, found: .tag, at: 0))
    #expect(
      error("c04100") { (reader) throws(CBORError) in _ = try reader.readBignum() }
        == .typeMismatch(expected: .bignum, found: .tag, at: 0))
    #expect(
      error("e0") { (reader) throws(CBORError) in _ = try reader.readBool() }
        == .typeMismatch(expected: .bool, found: .simple, at: 0))
  }

  @Test("a caller cannot read past the end of its container")
  func staysInside() {
    #expect(
      error("828101 02") { (reader) throws(CBORError) in
        try reader.beginArray()
        try reader.beginArray()
        _ = try reader.readInteger(Int.self)
        _ = try reader.readInteger(Int.self)
      } == .endOfContainer(at: 3))
    #expect(
      error("829f01ff 02") { (reader) throws(CBORError) in
        try reader.beginArray()
        try reader.beginArray()
        _ = try reader.readInteger(Int.self)
        _ = try reader.readInteger(Int.self)
      } == .unexpectedBreak(at: 3))
    #expect(
      error("0001") { (reader) throws(CBORError) in
        _ = try reader.readInteger(Int.self)
        _ = try reader.readInteger(Int.self)
      } == .endOfContainer(at: 1))
  }

  @Test("what is left over is refused")
  func leftovers() {
    #expect(
      error("0001") { (reader) throws(CBORError) in try reader.skip() } == .trailingBytes(count: 1, at: 1))
    #expect(error("00") { (_) throws(CBORError) in } == .unreadItems(at: 0))
    #expect(error("8100") { (reader) throws(CBORError) in try reader.beginArray() } == .unreadItems(at: 1))
    #expect(error("c000") { (reader) throws(CBORError) in _ = try reader.readTag() } == .unreadItems(at: 1))
    #expect(error("") { (reader) throws(CBORError) in try reader.skip() } == .truncated(at: 0))
  }

  @Test(
    "the kind of the next item can be asked for",
    arguments: [
      ("00", CBORKind.unsigned), ("20", .negative), ("40", .bytes), ("60", .text), ("80", .array),
      ("a0", .map),
      ("c000", .tag), ("f4", .bool), ("f5", .bool), ("f6", .null), ("f7", .undefined), ("e0", .simple),
      ("f820", .simple), ("f90000", .float), ("fa00000000", .float), ("fb0000000000000000", .float),
      ("ff", .end),
    ])
  func kinds(_ hex: String, _ kind: CBORKind) throws {
    let message = bytes(cbor: hex)
    #expect(try CBORReader(message).nextKind() == kind)
  }

  @Test("floats of every width, exactly")
  func floats() throws {
    func float(_ hex: String) throws -> Float {
      let message = bytes(cbor: hex)
      var reader = try CBORReader(message)
      return try reader.readFloat()
    }
    #expect(try float("f93e00") == 1.5)
    #expect(try float("fb3ff8000000000000") == 1.5)
    #expect(try float("f97e01").bitPattern == 0x7fc0_2000)
    #expect(throws: CBORError.outOfRange(at: 0)) { try float("fb3ff199999999999a") }
  }

  @Test("a bignum is its sign and its bytes")
  func bignums() throws {
    let message = bytes(cbor: "82 c249010000000000000000 c340")
    var reader = try CBORReader(message)
    try reader.beginArray()
    let (isNegative, magnitude) = try reader.readBignum()
    #expect(!isNegative && magnitude == bytes(cbor: "010000000000000000"))
    #expect(try reader.readBignum().isNegative)
    #expect(try !reader.hasNext())
    try reader.finish()
  }

  @Test("text and bytes in chunks are joined, and not lent")
  func chunks() throws {
    let message = bytes(cbor: "82 7f 61c3 ff 5fff")
    #expect(throws: CBORError.invalidUTF8(at: 2)) { try CBORValue(decoding: message) }
    let whole = bytes(cbor: "83 7f 62c3bc 60 6161 ff 5f 4101 40 ff 7fff")
    #expect(try CBORValue(decoding: whole) == ["\u{fc}a", .bytes(bytes(cbor: "01")), ""])
    #expect(
      error("7f6161ff") { (reader) throws(CBORError) in _ = try reader.readTextView() }
        == .chunkedString(at: 0))
    #expect(
      error("5f4100ff") { (reader) throws(CBORError) in _ = try reader.readBytesView() }
        == .chunkedString(at: 0))
  }

  @Test(
    "invalid UTF-8 is refused wherever it is",
    arguments: [
      "61ff", "62c328", "63e28228", "63eda080", "64f4908080", "62c080", "6b 6161616161616161 c328 61",
      "7f 61c3 61bc ff", "a1 61ff 00", "81 61 80",
    ])
  func invalidUTF8(_ hex: String) throws {
    func isExpected(_ error: (any Error)?) -> Bool {
      if case .invalidUTF8? = error as? CBORError { true } else { false }
    }
    #expect { try CBORValue(decoding: bytes(cbor: hex)) } throws: { isExpected($0) }
    let skipped = error(hex) { (reader) throws(CBORError) in try reader.skip() }
    #expect(isExpected(skipped))
  }

  @Test("byte strings are copies, or share the message when that is asked for")
  func sharing() throws {
    var message = bytes(cbor: "43010203")
    let shared = try CBORValue(decoding: message, options: CBORReadingOptions(byteStrings: .shared))
    let copied = try CBORValue(decoding: message)
    // Writing to the message copies it first, because the shared string still looks at it.
    message.withMutableReadableBytes { $0[1] = 9 }
    #expect(shared == .bytes(bytes(cbor: "010203")) && copied == shared)
  }

  @Test("an item can be lent as it is encoded")
  func encodedItems() throws {
    let message = bytes(cbor: "82 a1 01 9f02ff c1 00")
    var reader = try CBORReader(message)
    try reader.beginArray()
    #expect(cborHex(ByteBuffer(copying: try reader.readEncodedItem())) == "a1019f02ff")
    #expect(cborHex(ByteBuffer(copying: try reader.readEncodedItem())) == "c100")
    #expect(try !reader.hasNext())
    try reader.finish()
  }

  @Test("a span is read as a buffer is")
  func spans() throws {
    let message = bytes(cbor: "8201 4102")
    #expect(try CBORValue(decoding: message.readable) == [1, .bytes(bytes(cbor: "02"))])
  }
}
