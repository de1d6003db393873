// Numbers as decimal digits: integers two digits at a time, doubles laid out from their shortest digits.

enum DecimalText {
  /// The longest text any double needs here: sign, 17 digits, point, up to six leading zeros or `e-324`.
  static let bytesMaximum = 32

  /// 00 01 02 … 99.
  private static let pairs: StaticString = """
    0001020304050607080910111213141516171819\
    2021222324252627282930313233343536373839\
    4041424344454647484950515253545556575859\
    6061626364656667686970717273747576777879\
    8081828384858687888990919293949596979899
    """

  /// Writes `value` (at most 20 bytes) and returns how many bytes that were.
  @inline(__always)
  static func write(_ value: UInt64, to target: UnsafeMutableRawPointer) -> Int {
    if value < 10 {
      target.storeBytes(of: UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value), as: UInt8.self)
      return 1
    }
    let count = digitCount(value)
    let table = UnsafeRawPointer(pairs.utf8Start)
    var rest = value
    var end = count
    while rest >= 100 {
      let (quotient, pair) = rest.quotientAndRemainder(dividingBy: 100)
      end &-= 2
      (target + end).storeBytes(
        of: (table + Int(truncatingIfNeeded: pair &* 2)).loadUnaligned(as: UInt16.self), as: UInt16.self)
      rest = quotient
    }
    if end == 2 {
      target.storeBytes(
        of: (table + Int(truncatingIfNeeded: rest &* 2)).loadUnaligned(as: UInt16.self), as: UInt16.self)
    } else {
      target.storeBytes(of: UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest), as: UInt8.self)
    }
    return count
  }

  /// How many decimal digits `value` has.
  @inline(__always)
  static func digitCount(_ value: UInt64) -> Int {
    // 1233 / 4096 is log10(2) to enough places; the table settles the rounding.
    let bits = 64 &- (value | 1).leadingZeroBitCount
    let guess = (bits &* 1233) >> 12
    return guess &+ (value >= powers[guess] ? 1 : 0)
  }

  /// 10 to the 0th … 19th.
  static let powers: InlineArray<20, UInt64> = [
    1, 10, 100, 1000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000,
    10_000_000_000, 100_000_000_000, 1_000_000_000_000, 10_000_000_000_000, 100_000_000_000_000,
    1_000_000_000_000_000, 10_000_000_000_000_000, 100_000_000_000_000_000, 1_000_000_000_000_000_000,
    10_000_000_000_000_000_000,
  ]

  /// Writes the shortest digits that read back to `value`, which is finite; returns how many bytes.
  static func write(_ value: Double, to target: UnsafeMutableRawPointer) -> Int {
    if let whole = Int64(exactly: value), whole != 0, whole.magnitude < 1 << 53 {
      return write(whole.magnitude, isNegative: whole < 0, exponent: 0, to: target)
    }
    let shortest = ShortestDecimal(value)
    return write(
      shortest.digits, isNegative: value.sign == .minus, exponent: shortest.exponent, to: target)
  }

  /// Writes the shortest digits that read back to `value` as a `Float`; returns how many bytes.
  static func write(_ value: Float, to target: UnsafeMutableRawPointer) -> Int {
    let shortest = ShortestDecimal(value)
    return write(
      shortest.digits, isNegative: value.sign == .minus, exponent: shortest.exponent, to: target)
  }

  private static func write(
    _ digits: UInt64, isNegative: Bool, exponent: Int, to target: UnsafeMutableRawPointer
  ) -> Int {
    guard isNegative else { return layOut(digits: digits, exponent: exponent, to: target) }
    target.storeBytes(of: UInt8(ascii: "-"), as: UInt8.self)
    return 1 + layOut(digits: digits, exponent: exponent, to: target + 1)
  }

  /// Writes `digits` times ten to the `exponent` as ECMAScript's Number::toString lays it out.
  static func layOut(digits: UInt64, exponent: Int, to target: UnsafeMutableRawPointer) -> Int {
    if exponent == 0 { return write(digits, to: target) }  // digits are at most 17 then
    // Short numbers come with up to sixteen zeros behind them.
    var digits = digits
    var exponent = exponent
    @inline(__always) func drop(_ zeros: Int, _ power: UInt64) {
      let (quotient, remainder) = digits.quotientAndRemainder(dividingBy: power)
      if remainder == 0 { (digits, exponent) = (quotient, exponent + zeros) }
    }
    drop(8, 100_000_000)
    drop(8, 100_000_000)
    drop(4, 10_000)
    drop(2, 100)
    drop(1, 10)
    let count = digitCount(digits)
    let point = count + exponent  // the value is 0.DIGITS times ten to this
    func put(_ character: UInt8, at index: Int) {
      (target + index).storeBytes(of: character, as: UInt8.self)
    }
    if exponent >= 0 && point <= 21 {
      _ = write(digits, to: target)
      for index in count..<point { put(UInt8(ascii: "0"), at: index) }
      return point
    }
    if point > 0 && point <= 21 {
      _ = write(digits, to: target + 1)
      for index in 0..<point { put((target + index + 1).load(as: UInt8.self), at: index) }
      put(UInt8(ascii: "."), at: point)
      return count + 1
    }
    if point > -6 && point <= 0 {
      let zeros = 2 - point
      for index in 0..<zeros { put(UInt8(ascii: "0"), at: index) }
      put(UInt8(ascii: "."), at: 1)
      return zeros + write(digits, to: target + zeros)
    }
    var length = count
    if count == 1 {
      _ = write(digits, to: target)
    } else {
      _ = write(digits, to: target + 1)
      put((target + 1).load(as: UInt8.self), at: 0)
      put(UInt8(ascii: "."), at: 1)
      length += 1
    }
    put(UInt8(ascii: "e"), at: length)
    put(point > 0 ? UInt8(ascii: "+") : UInt8(ascii: "-"), at: length + 1)
    return length + 2 + write(UInt64((point - 1).magnitude), to: target + length + 2)
  }
}
