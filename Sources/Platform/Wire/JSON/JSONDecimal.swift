// A number as JSON writes it, digits and power of ten, before anybody decides which Swift type it is. Integers
// never pass through a double.

/// A decimal number: `digits` times ten to the `exponent`, with a sign.
public struct JSONDecimal: Equatable, Sendable {
  /// Whether the text begins with a minus sign.
  public internal(set) var isNegative = false
  /// The significant digits, as many as fit in 64 bits.
  public internal(set) var digits: UInt64 = 0
  /// The power of ten `digits` are to be multiplied by; huge exponents are clamped to ±1,000,000.
  public internal(set) var exponent = 0
  /// Whether `digits` holds every digit that is not zero.
  public internal(set) var isExact = true
  /// Whether the text has neither a fraction nor an exponent.
  public internal(set) var isIntegerLiteral = true
  /// Whether a digit was dropped, so that none after it may be taken.
  var isFull = false

  static let exponentMaximum = 1_000_000

  /// The value, when the text is an integer that an `Int64` holds.
  public var int64: Int64? { isIntegerLiteral ? exactInt64 : nil }

  /// The value, when the text is an integer that a `UInt64` holds (`-0` included).
  public var uint64: UInt64? { isIntegerLiteral ? exactUInt64 : nil }

  /// The value, when it is mathematically an integer that an `Int64` holds: `1.0` and `1e3` are.
  public var exactInt64: Int64? {
    guard let magnitude = wholeMagnitude else { return nil }
    if !isNegative { return Int64(exactly: magnitude) }
    return magnitude <= Int64.min.magnitude ? Int64(truncatingIfNeeded: 0 &- magnitude) : nil
  }

  /// The value, when it is mathematically an integer that a `UInt64` holds: `1.0` and `1e3` are.
  public var exactUInt64: UInt64? {
    guard let magnitude = wholeMagnitude, !isNegative || magnitude == 0 else { return nil }
    return magnitude
  }

  /// The integer the value is, without its sign.
  private var wholeMagnitude: UInt64? {
    guard isExact else { return nil }
    if exponent == 0 || digits == 0 { return digits }
    var value = digits
    var left = exponent
    while left < 0 {
      let (quotient, remainder) = value.quotientAndRemainder(dividingBy: 10)
      if remainder != 0 { return nil }
      value = quotient
      left += 1
    }
    while left > 0 {
      let (product, overflow) = value.multipliedReportingOverflow(by: 10)
      if overflow { return nil }
      value = product
      left -= 1
    }
    return value
  }

  /// The nearest double, when digits and power of ten are both exact doubles, so that one operation rounds
  /// once; nil when more care is needed.
  var fastDouble: Double? {
    guard isExact, digits <= 1 << 53, exponent >= -22, exponent <= 22 else { return nil }
    let whole = Double(digits)
    let power = Self.powers[Int(exponent.magnitude)]
    let value = exponent < 0 ? whole / power : whole * power
    return isNegative ? -value : value
  }

  private static let powers: InlineArray<23, Double> = [
    1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18,
    1e19, 1e20, 1e21, 1e22,
  ]
}
