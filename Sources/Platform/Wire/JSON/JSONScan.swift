// Eight bytes at a time: where does a run of plain string bytes end? Ordinary integer arithmetic on a
// 64-bit word, so it is as fast on every machine.

private let ones: UInt64 = 0x0101_0101_0101_0101
private let highBits: UInt64 = 0x8080_8080_8080_8080

enum JSONScan {
  /// A high bit at the first byte of `word` that must be escaped: below 0x20, `"` or `\`. Bits above the
  /// lowest set one may be wrong (a borrow ran into them); none below it is.
  @inline(__always)
  static func escapeMask(_ word: UInt64) -> UInt64 {
    let control = (word &- ones &* 0x20) & ~word
    let quote = word ^ (ones &* 0x22)
    let backslash = word ^ (ones &* 0x5c)
    return (control | ((quote &- ones) & ~quote) | ((backslash &- ones) & ~backslash)) & highBits
  }

  /// The same, and also every byte that is not ASCII.
  @inline(__always)
  static func plainMask(_ word: UInt64) -> UInt64 {
    escapeMask(word) | (word & highBits)
  }

  /// The offset of the first byte at or after `offset` that is not a plain ASCII string byte, or `limit`.
  @inline(__always)
  static func endOfPlain(_ base: UnsafeRawPointer, from offset: Int, limit: Int) -> Int {
    var index = offset
    while limit &- index >= 8 {
      let mask = plainMask(UInt64(littleEndian: (base + index).loadUnaligned(as: UInt64.self)))
      if mask != 0 { return index &+ mask.trailingZeroBitCount >> 3 }
      index &+= 8
    }
    while index < limit {
      let byte = (base + index).load(as: UInt8.self)
      if byte < 0x20 || byte == 0x22 || byte == 0x5c || byte >= 0x80 { return index }
      index &+= 1
    }
    return index
  }

  /// How many bytes the UTF-8 sequence at `offset` has, 0 when it is not one (RFC 3629: no overlong forms,
  /// no surrogates, nothing above U+10FFFF).
  @inline(__always)
  static func lengthOfMultibyte(_ base: UnsafeRawPointer, at offset: Int, limit: Int) -> Int {
    let first = (base + offset).load(as: UInt8.self)
    let left = limit &- offset
    @inline(__always) func tail(_ index: Int) -> UInt8 { (base + offset + index).load(as: UInt8.self) }
    @inline(__always) func continues(_ index: Int) -> Bool { tail(index) & 0xc0 == 0x80 }
    switch first {
    case 0xc2...0xdf:
      return left >= 2 && continues(1) ? 2 : 0
    case 0xe0...0xef:
      guard left >= 3, continues(1), continues(2) else { return 0 }
      if first == 0xe0 && tail(1) < 0xa0 || first == 0xed && tail(1) >= 0xa0 { return 0 }
      return 3
    case 0xf0...0xf4:
      guard left >= 4, continues(1), continues(2), continues(3) else { return 0 }
      if first == 0xf0 && tail(1) < 0x90 || first == 0xf4 && tail(1) >= 0x90 { return 0 }
      return 4
    default:
      return 0
    }
  }
}
