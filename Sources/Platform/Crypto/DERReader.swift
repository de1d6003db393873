// Reads the DER that keys, certificates and signatures are written in, and nothing laxer: definite lengths in
// their shortest form, integers in theirs, every byte accounted for. It does not recurse: a caller opens each
// level by hand, so depth is what the caller's code says it is.

import Bytes

/// The tags that keys and certificates are made of.
enum DERTag {
  static let integer: UInt8 = 0x02
  static let bitString: UInt8 = 0x03
  static let octetString: UInt8 = 0x04
  static let null: UInt8 = 0x05
  static let objectIdentifier: UInt8 = 0x06
  static let sequence: UInt8 = 0x30

  /// A context-specific tag: `[number]`, holding elements or plain bytes.
  static func context(_ number: UInt8, constructed: Bool) -> UInt8 { (constructed ? 0xa0 : 0x80) | number }

  /// The tag's name in an error.
  static func name(_ tag: UInt8) -> String {
    switch tag {
    case integer: "INTEGER"
    case bitString: "BIT STRING"
    case octetString: "OCTET STRING"
    case null: "NULL"
    case objectIdentifier: "OBJECT IDENTIFIER"
    case sequence: "SEQUENCE"
    default: "tag 0x" + String(tag, radix: 16)
    }
  }
}

/// A cursor over DER elements, one level deep.
struct DERReader: ~Escapable {
  private var reader: ByteReader
  private let format: StaticString

  /// A reader of the elements in `bytes`, which are part of a `format`.
  @_lifetime(copy bytes)
  init(_ bytes: RawSpan, format: StaticString) {
    reader = ByteReader(bytes)
    self.format = format
  }

  /// The tag of the next element; nil at the end.
  var nextTag: UInt8? { reader.next }

  /// Reads an element of this tag and returns its contents.
  @_lifetime(copy self)
  @_lifetime(self: copy self)
  mutating func read(_ tag: UInt8) throws(CryptoError) -> RawSpan {
    guard let found = reader.next else { throw malformed("ends where \(DERTag.name(tag)) should be") }
    guard found == tag else { throw malformed("found \(DERTag.name(found)), not \(DERTag.name(tag))") }
    return try readAny()
  }

  /// Reads an element of any tag and returns its contents.
  @_lifetime(copy self)
  @_lifetime(self: copy self)
  mutating func readAny() throws(CryptoError) -> RawSpan {
    let tag = try readByte()
    // Tag numbers over 30 spread over more bytes; nothing here uses them.
    guard tag & 0x1f != 0x1f else { throw malformed("multi-byte tag") }
    let count = try readLength()
    do throws(ByteReaderError) {
      return try reader.readSpan(count)
    } catch {
      throw malformed("an element is longer than what holds it")
    }
  }

  /// Reads a SEQUENCE, as a reader of its elements.
  @_lifetime(copy self)
  @_lifetime(self: copy self)
  mutating func readSequence() throws(CryptoError) -> DERReader {
    DERReader(try read(DERTag.sequence), format: format)
  }

  /// Reads an INTEGER that is not negative and returns its magnitude without leading zeros: zero is no bytes.
  @_lifetime(copy self)
  @_lifetime(self: copy self)
  mutating func readUnsigned() throws(CryptoError) -> RawSpan {
    let contents = try read(DERTag.integer)
    guard contents.byteCount > 0 else { throw malformed("INTEGER of no bytes") }
    let first = contents.unsafeLoad(fromByteOffset: 0, as: UInt8.self)
    guard first < 0x80 else { throw malformed("negative INTEGER") }
    guard first == 0 else { return contents }
    if contents.byteCount > 1 {
      let second = contents.unsafeLoad(fromByteOffset: 1, as: UInt8.self)
      guard second >= 0x80 else { throw malformed("INTEGER not in its shortest form") }
    }
    return contents.extracting(droppingFirst: 1)
  }

  /// Reads an INTEGER that is a version: 0 to 127.
  @_lifetime(self: copy self)
  mutating func readVersion() throws(CryptoError) -> UInt8 {
    let magnitude = try readUnsigned()
    guard magnitude.byteCount <= 1 else { throw malformed("version of \(magnitude.byteCount) bytes") }
    return magnitude.byteCount == 0 ? 0 : magnitude.unsafeLoad(fromByteOffset: 0, as: UInt8.self)
  }

  /// Reads a BIT STRING of whole bytes.
  @_lifetime(copy self)
  @_lifetime(self: copy self)
  mutating func readBitString() throws(CryptoError) -> RawSpan {
    let contents = try read(DERTag.bitString)
    guard contents.byteCount > 0, contents.unsafeLoad(fromByteOffset: 0, as: UInt8.self) == 0 else {
      throw malformed("BIT STRING that is not whole bytes")
    }
    return contents.extracting(droppingFirst: 1)
  }

  /// Reads an OBJECT IDENTIFIER.
  @_lifetime(self: copy self)
  mutating func readObjectIdentifier() throws(CryptoError) -> ObjectIdentifier {
    ObjectIdentifier(encoded: [UInt8](try read(DERTag.objectIdentifier)))
  }

  /// Refuses anything after the last element that was expected.
  func finish() throws(CryptoError) {
    guard reader.isAtEnd else { throw malformed("\(reader.remaining) bytes too many") }
  }

  @_lifetime(self: copy self)
  private mutating func readLength() throws(CryptoError) -> Int {
    let first = try readByte()
    guard first >= 0x80 else { return Int(first) }
    guard first == 0x81 || first == 0x82 else { throw malformed("length over 64 KiB, or indefinite") }
    var length = 0
    for _ in 0x80..<first { length = length << 8 | Int(try readByte()) }
    guard length >= (first == 0x81 ? 0x80 : 0x100) else { throw malformed("length not in its shortest form") }
    return length
  }

  @_lifetime(self: copy self)
  private mutating func readByte() throws(CryptoError) -> UInt8 {
    do throws(ByteReaderError) {
      return try reader.readByte()
    } catch {
      throw malformed("an element is longer than what holds it")
    }
  }

  private func malformed(_ reason: String) -> CryptoError {
    .malformed(format: "\(format)", reason: reason)
  }
}

extension [UInt8] {
  /// A copy of the span's bytes.
  init(_ span: RawSpan) { self = span.withUnsafeBytes { [UInt8]($0) } }
}
