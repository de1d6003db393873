// Hexadecimal: two characters a byte.

public import Bytes

/// Hexadecimal text.
public enum Hex {
  /// Which letters stand for ten to fifteen.
  public enum Letters: Equatable, Sendable {
    /// `a` … `f`
    case lower
    /// `A` … `F`
    case upper
  }

  private static let lowerDigits = TextCoding.digits(of: "0123456789abcdef")
  private static let upperDigits = TextCoding.digits(of: "0123456789ABCDEF")
  private static let eitherDigits = zip(lowerDigits, upperDigits).map { Swift.min($0, $1) }

  // MARK: Encoding

  /// Appends the text of `bytes`.
  public static func encode(_ bytes: RawSpan, into buffer: inout ByteBuffer, letters: Letters = .lower) {
    let count = bytes.byteCount * 2
    buffer.withWritableBytes(minimum: count) { room in
      if let target = room.baseAddress { bytes.withUnsafeBytes { write($0, to: target, letters: letters) } }
      return count
    }
  }

  /// The text of `bytes`.
  public static func encode(_ bytes: RawSpan, letters: Letters = .lower) -> String {
    TextCoding.string(count: bytes.byteCount * 2) { target in
      bytes.withUnsafeBytes { write($0, to: target, letters: letters) }
    }
  }

  /// Writes two characters a byte to `target`, which has room for them.
  static func write(_ bytes: UnsafeRawBufferPointer, to target: UnsafeMutableRawPointer, letters: Letters) {
    let alphabet: StaticString = letters == .lower ? "0123456789abcdef" : "0123456789ABCDEF"
    let digits = alphabet.utf8Start
    var cursor = target
    for byte in bytes {
      cursor.storeBytes(of: digits[Int(byte >> 4)], as: UInt8.self)
      (cursor + 1).storeBytes(of: digits[Int(byte & 15)], as: UInt8.self)
      cursor += 2
    }
  }

  // MARK: Decoding

  /// Appends the bytes that `text` stands for: digits only, an even number of them. Letters of either case
  /// are taken unless one is named. When it throws, nothing was appended.
  public static func decode(
    _ text: RawSpan, into buffer: inout ByteBuffer, letters: Letters? = nil
  ) throws(TextError) {
    let table =
      switch letters {
      case .lower: lowerDigits
      case .upper: upperDigits
      case nil: eitherDigits
      }
    let wrong = text.withUnsafeBytes { text in
      table.withUnsafeBufferPointer { table in
        decode(text, into: &buffer, digits: table)
      }
    }
    if let wrong { throw .invalidCharacter(position: wrong) }
    if text.byteCount % 2 != 0 { throw .invalidLength(position: text.byteCount) }
  }

  /// The bytes that `text` stands for.
  public static func decode(_ text: String, letters: Letters? = nil) throws(TextError) -> ByteBuffer {
    try TextCoding.decoding(text) { (bytes, buffer) throws(TextError) in
      try decode(bytes, into: &buffer, letters: letters)
    }
  }

  /// Appends the bytes; or returns where the first bad character is, and appends nothing.
  private static func decode(
    _ text: UnsafeRawBufferPointer, into buffer: inout ByteBuffer, digits: UnsafeBufferPointer<UInt8>
  ) -> Int? {
    let count = text.count / 2
    var bad: UInt8 = 0
    buffer.withWritableBytes(minimum: count) { room in
      for index in 0..<count {
        let high = digits[Int(text[index &* 2])]
        let low = digits[Int(text[index &* 2 &+ 1])]
        bad |= high | low
        room[index] = high &<< 4 | low
      }
      return bad & 0xf0 == 0 && text.count % 2 == 0 ? count : 0
    }
    if bad & 0xf0 == 0 && text.count % 2 == 0 { return nil }
    return text.firstIndex { digits[Int($0)] == TextCoding.invalid }
  }
}
