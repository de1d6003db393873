// Base58 with Bitcoin's alphabet: the text of libp2p peer identities. The number is converted as a whole,
// which takes time quadratic in its length, so both sides have a limit.

public import Bytes

/// Base58btc text.
public enum Base58 {
  /// The most bytes that are encoded, or decoded to, unless the caller says otherwise.
  public static let bytesMaximum = 1024

  private static let alphabet: StaticString = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
  private static let digits = TextCoding.digits(of: alphabet)

  /// 58 to the fifth: the digits are taken five at a time, as many as fit in 32 bits.
  private static let step: UInt64 = 656_356_768
  private static let stepPowers: InlineArray<6, UInt64> = [1, 58, 3364, 195_112, 11_316_496, 656_356_768]

  // MARK: Encoding

  /// Appends the text of `bytes`.
  public static func encode(
    _ bytes: RawSpan, into buffer: inout ByteBuffer, bytesMaximum: Int = Self.bytesMaximum
  ) throws(TextError) {
    if bytes.byteCount > bytesMaximum {
      throw .tooLong(count: bytes.byteCount, maximum: bytesMaximum)
    }
    bytes.withUnsafeBytes { append(textOf: $0, to: &buffer) }
  }

  /// The text of `bytes`.
  public static func encode(
    _ bytes: RawSpan, bytesMaximum: Int = Self.bytesMaximum
  ) throws(TextError) -> String {
    var buffer = ByteBuffer()
    try encode(bytes, into: &buffer, bytesMaximum: bytesMaximum)
    return buffer.withReadableBytes { String(decoding: $0, as: UTF8.self) }
  }

  private static func append(textOf bytes: UnsafeRawBufferPointer, to buffer: inout ByteBuffer) {
    let zeros = bytes.prefix { $0 == 0 }.count
    // The number as 32-bit limbs, most significant first; divided by `step` until nothing is left of it.
    var limbs = bigEndianLimbs(bytes[zeros...])
    var groups: [UInt32] = []
    var first = 0
    while first < limbs.count {
      var remainder: UInt64 = 0
      for index in first..<limbs.count {
        let value = remainder << 32 | UInt64(limbs[index])
        limbs[index] = UInt32(truncatingIfNeeded: value / step)
        remainder = value % step
      }
      groups.append(UInt32(remainder))
      while first < limbs.count && limbs[first] == 0 { first += 1 }
    }
    buffer.append(repeating: UInt8(ascii: "1"), count: zeros)
    let characters = alphabet.utf8Start
    for (index, group) in groups.reversed().enumerated() {
      var isLeading = index == 0
      for place in (0..<5).reversed() {
        let digit = Int(UInt64(group) / stepPowers[place] % 58)
        if isLeading && digit == 0 { continue }
        isLeading = false
        buffer.append(characters[digit])
      }
    }
  }

  private static func bigEndianLimbs(_ bytes: Slice<UnsafeRawBufferPointer>) -> [UInt32] {
    var limbs = [UInt32](repeating: 0, count: (bytes.count + 3) / 4)
    var place = limbs.count * 4 - bytes.count
    for byte in bytes {
      limbs[place / 4] |= UInt32(byte) << UInt32(24 - place % 4 * 8)
      place += 1
    }
    return limbs
  }

  // MARK: Decoding

  /// Appends the bytes that `text` stands for. When it throws, nothing was appended.
  public static func decode(
    _ text: RawSpan, into buffer: inout ByteBuffer, bytesMaximum: Int = Self.bytesMaximum
  ) throws(TextError) {
    // No more than eleven characters for eight bytes, or one for each zero byte.
    let charactersMaximum = bytesMaximum * 11 / 8 + 1
    if text.byteCount > charactersMaximum {
      throw .tooLong(count: text.byteCount, maximum: charactersMaximum)
    }
    let outcome = text.withUnsafeBytes { text in
      Result { () throws(TextError) in
        try append(bytesOf: text, to: &buffer, bytesMaximum: bytesMaximum)
      }
    }
    try outcome.get()
  }

  /// The bytes that `text` stands for.
  public static func decode(
    _ text: String, bytesMaximum: Int = Self.bytesMaximum
  ) throws(TextError) -> ByteBuffer {
    try TextCoding.decoding(text) { (bytes, buffer) throws(TextError) in
      try decode(bytes, into: &buffer, bytesMaximum: bytesMaximum)
    }
  }

  private static func append(
    bytesOf text: UnsafeRawBufferPointer, to buffer: inout ByteBuffer, bytesMaximum: Int
  ) throws(TextError) {
    let zeros = text.prefix { $0 == UInt8(ascii: "1") }.count
    var limbs: [UInt32] = []  // least significant first
    var group: UInt64 = 0
    var length = 0
    for index in zeros..<text.count {
      let digit = digits[Int(text[index])]
      if digit == TextCoding.invalid { throw .invalidCharacter(position: index) }
      group = group * 58 + UInt64(digit)
      length += 1
      if length == 5 || index == text.count - 1 {
        multiply(&limbs, by: stepPowers[length], adding: group)
        (group, length) = (0, 0)
      }
    }
    var significant: [UInt8] = []
    for limb in limbs.reversed() {
      for shift in [24, 16, 8, 0] as [UInt32] {
        let byte = UInt8(truncatingIfNeeded: limb >> shift)
        if byte != 0 || !significant.isEmpty { significant.append(byte) }
      }
    }
    let count = zeros + significant.count
    if count > bytesMaximum { throw .tooLong(count: count, maximum: bytesMaximum) }
    buffer.append(repeating: 0, count: zeros)
    buffer.append(contentsOf: significant)
  }

  private static func multiply(_ limbs: inout [UInt32], by factor: UInt64, adding summand: UInt64) {
    var carry = summand
    for index in limbs.indices {
      carry += UInt64(limbs[index]) * factor
      limbs[index] = UInt32(truncatingIfNeeded: carry)
      carry >>= 32
    }
    if carry > 0 { limbs.append(UInt32(truncatingIfNeeded: carry)) }
  }
}
