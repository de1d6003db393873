// Base64 and base64url (RFC 4648): four characters for three bytes, by tables. One value says which of the
// variants is meant, for both directions; the inner loops are in Base64+Loops.swift.

public import Bytes

/// A variant of base64.
public struct Base64: Equatable, Sendable {
  /// Which characters stand for 62 and 63.
  public enum Alphabet: Equatable, Sendable {
    /// `+` and `/`
    case standard
    /// `-` and `_`
    case url
  }

  /// What follows the last character when the bytes do not come out even.
  public enum Padding: Equatable, Sendable {
    /// `=` to a multiple of four characters, written and demanded.
    case required
    /// Nothing: not written, refused.
    case forbidden
    /// Written; taken either in full or not at all.
    case optional
  }

  /// The alphabet that is written, and the only one read unless `takesEitherAlphabet`.
  public var alphabet: Alphabet
  /// What is done about padding.
  public var padding: Padding
  /// Whether both alphabets are read, even mixed.
  public var takesEitherAlphabet = false
  /// Whether the bits that carry nothing in the last character may be other than zero. Off by default, so
  /// that one text stands for one sequence of bytes.
  public var takesLooseBits = false

  /// A strict variant.
  public init(_ alphabet: Alphabet, padding: Padding) {
    self.alphabet = alphabet
    self.padding = padding
  }

  /// RFC 4648 section 4, padded.
  public static let standard = Base64(.standard, padding: .required)
  /// RFC 4648 section 5, without padding: tokens and identifiers in URLs.
  public static let url = Base64(.url, padding: .forbidden)
  /// What protobuf's JSON form of bytes takes: either alphabet, padded or not. Writes the standard form.
  public static let lenient: Base64 = {
    var variant = Base64(.standard, padding: .optional)
    variant.takesEitherAlphabet = true
    variant.takesLooseBits = true
    return variant
  }()

  // MARK: Encoding

  /// How many characters stand for so many bytes.
  public func encodedCount(of byteCount: Int) -> Int {
    let (groups, rest) = byteCount.quotientAndRemainder(dividingBy: 3)
    if rest == 0 { return groups * 4 }
    return groups * 4 + (padding == .forbidden ? rest + 1 : 4)
  }

  /// Appends the text of `bytes`.
  public func encode(_ bytes: RawSpan, into buffer: inout ByteBuffer) {
    let count = encodedCount(of: bytes.byteCount)
    buffer.withWritableBytes(minimum: count) { room in
      if let target = room.baseAddress { bytes.withUnsafeBytes { write($0, to: target) } }
      return count
    }
  }

  /// The text of `bytes`.
  public func encode(_ bytes: RawSpan) -> String {
    TextCoding.string(count: encodedCount(of: bytes.byteCount)) { target in
      bytes.withUnsafeBytes { write($0, to: target) }
    }
  }

  // MARK: Decoding

  /// Appends the bytes that `text` stands for. When it throws, nothing was appended.
  public func decode(_ text: RawSpan, into buffer: inout ByteBuffer) throws(TextError) {
    let outcome = text.withUnsafeBytes { text in
      Result { () throws(TextError) in try read(text, into: &buffer) }
    }
    try outcome.get()
  }

  /// The bytes that `text` stands for.
  public func decode(_ text: String) throws(TextError) -> ByteBuffer {
    try TextCoding.decoding(text) { (bytes, buffer) throws(TextError) in
      try decode(bytes, into: &buffer)
    }
  }

  private func read(
    _ text: UnsafeRawBufferPointer, into buffer: inout ByteBuffer
  ) throws(TextError) {
    let digits = try digitCount(of: text)
    let (groups, rest) = digits.quotientAndRemainder(dividingBy: 4)
    let table = decodingTable
    let tail = groups * 4
    var last: UInt32 = 0
    for index in tail..<digits {
      let digit = table.digits[Int(text[index])]
      if digit == TextCoding.invalid { throw wrongCharacter(in: text) }
      last |= UInt32(digit) << UInt32(18 - 6 * (index - tail))
    }
    if rest == 1 {
      // Six bits are no byte. A character that does not belong at all is the better thing to report.
      if let index = firstWrong(in: text.prefix(digits)) { throw .invalidCharacter(position: index) }
      throw .invalidLength(position: text.count)
    }
    let tailBytes = rest == 0 ? 0 : rest - 1
    let count = groups * 3 + tailBytes
    var isRight = true
    buffer.withWritableBytes(minimum: count + 1) { room in
      guard let target = room.baseAddress else { return 0 }
      if let source = text.baseAddress {
        isRight = table.decode(source, groups: groups, to: target)
      }
      if tailBytes > 0 { target.storeBytes(of: UInt8(last >> 16), toByteOffset: groups * 3, as: UInt8.self) }
      if tailBytes > 1 {
        target.storeBytes(of: UInt8(last >> 8 & 0xff), toByteOffset: groups * 3 + 1, as: UInt8.self)
      }
      let isCanonical = takesLooseBits || last & (tailBytes == 1 ? 0xffff : 0xff) == 0
      return isRight && isCanonical ? count : 0
    }
    if !isRight { throw wrongCharacter(in: text) }
    if !takesLooseBits && last & (tailBytes == 1 ? 0xffff : 0xff) != 0 {
      throw .looseBits(position: digits - 1)
    }
  }

  /// How many characters of `text` are digits, by its length and its last two characters: the rest is padding
  /// of the right length.
  private func digitCount(of text: UnsafeRawBufferPointer) throws(TextError) -> Int {
    let equals = UInt8(ascii: "=")
    var digits = text.count
    while digits > 0 && text.count - digits < 2 && text[digits - 1] == equals { digits -= 1 }
    let padded = text.count - digits
    let missing = (4 - digits % 4) % 4
    switch padding {
    case .forbidden:
      if padded > 0 { throw .invalidPadding(position: digits) }
    case .required:
      if digits % 4 != 1 && padded != missing { throw .invalidPadding(position: digits) }
    case .optional:
      if padded != 0 && digits % 4 != 1 && padded != missing { throw .invalidPadding(position: digits) }
    }
    return digits
  }

  private func firstWrong(in text: Slice<UnsafeRawBufferPointer>) -> Int? {
    let digits = decodingTable.digits
    return text.firstIndex { digits[Int($0)] == TextCoding.invalid }
  }

  private func wrongCharacter(in text: UnsafeRawBufferPointer) -> TextError {
    .invalidCharacter(position: firstWrong(in: text[...]) ?? text.count)
  }
}
