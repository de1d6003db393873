// The inner loops of base64: encoding looks up two characters by twelve bits, decoding looks up each of four
// characters in a table of its own, already shifted to its place, and one or of all four shows a stray.

/// How one alphabet is read.
struct Base64DecodingTable: Sendable {
  /// Character to digit.
  let digits: [UInt8]
  /// Four tables of 256: the digit where the first, second, third, fourth character has it. The top bit says
  /// that the character has no digit.
  private let placed: [UInt32]

  init(_ characters: StaticString...) {
    var digits = [UInt8](repeating: TextCoding.invalid, count: 256)
    for alphabet in characters {
      for (index, digit) in TextCoding.digits(of: alphabet).enumerated() where digit != TextCoding.invalid {
        digits[index] = digit
      }
    }
    self.digits = digits
    placed = [18, 12, 6, 0].flatMap { (shift: UInt32) in
      digits.map { $0 == TextCoding.invalid ? 0x8000_0000 : UInt32($0) << shift }
    }
  }

  /// Decodes groups of four characters to three bytes each, with one byte of slack behind; false when some
  /// character has no digit.
  func decode(_ source: UnsafeRawPointer, groups: Int, to target: UnsafeMutableRawPointer) -> Bool {
    placed.withUnsafeBufferPointer { placed in
      guard let first = placed.baseAddress else { return false }
      let second = first + 256
      let third = first + 512
      let fourth = first + 768
      var strays: UInt32 = 0
      var from = source
      var to = target
      for _ in 0..<groups {
        let word = UInt32(littleEndian: from.loadUnaligned(as: UInt32.self))
        let value =
          first[Int(word & 0xff)] | second[Int(word >> 8 & 0xff)] | third[Int(word >> 16 & 0xff)]
          | fourth[Int(word >> 24)]
        strays |= value
        to.storeBytes(of: (value << 8).bigEndian, as: UInt32.self)
        from += 4
        to += 3
      }
      return strays & 0x8000_0000 == 0
    }
  }
}

extension Base64 {
  private static let standardCharacters: StaticString =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
  private static let urlCharacters: StaticString =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

  private static let standardTable = Base64DecodingTable(standardCharacters)
  private static let urlTable = Base64DecodingTable(urlCharacters)
  private static let eitherTable = Base64DecodingTable(standardCharacters, urlCharacters)

  private static let standardPairs = pairs(of: standardCharacters)
  private static let urlPairs = pairs(of: urlCharacters)

  var decodingTable: Base64DecodingTable {
    if takesEitherAlphabet { return Self.eitherTable }
    return alphabet == .standard ? Self.standardTable : Self.urlTable
  }

  /// The two characters of every twelve bits, the first in the low byte.
  private static func pairs(of alphabet: StaticString) -> [UInt16] {
    let characters = alphabet.utf8Start
    return (0..<4096).map { UInt16(characters[$0 >> 6]) | UInt16(characters[$0 & 63]) << 8 }
  }

  /// Writes the text of `bytes` to `target`, which has room for all of it.
  func write(_ bytes: UnsafeRawBufferPointer, to target: UnsafeMutableRawPointer) {
    guard let source = bytes.baseAddress else { return }
    let pairs = alphabet == .standard ? Self.standardPairs : Self.urlPairs
    pairs.withUnsafeBufferPointer { pairs in
      var index = 0
      var to = target
      // Six bytes a turn out of a load of eight.
      while bytes.count &- index >= 8 {
        let word = UInt64(bigEndian: (source + index).loadUnaligned(as: UInt64.self))
        let text =
          UInt64(pairs[Int(word >> 52)]) | UInt64(pairs[Int(word >> 40 & 0xfff)]) << 16
          | UInt64(pairs[Int(word >> 28 & 0xfff)]) << 32 | UInt64(pairs[Int(word >> 16 & 0xfff)]) << 48
        to.storeBytes(of: text.littleEndian, as: UInt64.self)
        to += 8
        index &+= 6
      }
      while bytes.count &- index >= 3 {
        let word = Int(bytes[index]) << 16 | Int(bytes[index + 1]) << 8 | Int(bytes[index + 2])
        let text = UInt32(pairs[word >> 12]) | UInt32(pairs[word & 0xfff]) << 16
        to.storeBytes(of: text.littleEndian, as: UInt32.self)
        to += 4
        index &+= 3
      }
      writeRest(bytes[index...], to: to, pairs: pairs)
    }
  }

  /// Writes the last one or two bytes, and the padding.
  private func writeRest(
    _ bytes: Slice<UnsafeRawBufferPointer>, to target: UnsafeMutableRawPointer,
    pairs: UnsafeBufferPointer<UInt16>
  ) {
    guard let first = bytes.first else { return }
    let second = bytes.count == 2 ? bytes[bytes.startIndex + 1] : 0
    let word = Int(first) << 16 | Int(second) << 8
    target.storeBytes(of: pairs[word >> 12].littleEndian, as: UInt16.self)
    if bytes.count == 2 {
      target.storeBytes(
        of: UInt8(truncatingIfNeeded: pairs[word & 0xfff]), toByteOffset: 2, as: UInt8.self)
    }
    if padding != .forbidden {
      for offset in (bytes.count + 1)..<4 {
        target.storeBytes(of: UInt8(ascii: "="), toByteOffset: offset, as: UInt8.self)
      }
    }
  }
}
