// The shortest decimal digits that read back to a given binary floating-point number, and of those the
// nearest to it: Raffaello Giulietti's Schubfach ("The Schubfach way to render doubles", 2020), for doubles
// and floats alike. It never allocates, which `description` does for most doubles.
//
// A number c · 2^q is known by its rounding interval, whose bounds are (4c ± 2) · 2^(q - 2). All three are
// scaled by the one power of ten that leaves either one or two candidates inside, in integers of which only
// the lowest bit is inexact, and that bit is kept "sticky" so that comparisons still come out right.

/// Decimal digits and the power of ten they are multiplied by.
struct ShortestDecimal: Equatable {
  let digits: UInt64
  let exponent: Int

  /// The shortest digits of a finite double, sign left out.
  init(_ value: Double) {
    let fraction = value.significandBitPattern
    let biased = Int(value.exponentBitPattern)
    self.init(
      significand: biased == 0 ? fraction : fraction | 1 << 52, exponent: Swift.max(biased, 1) - 1075,
      isLowerBoundCloser: fraction == 0 && biased > 1)
  }

  /// The shortest digits of a finite float, sign left out.
  init(_ value: Float) {
    let fraction = UInt64(value.significandBitPattern)
    let biased = Int(value.exponentBitPattern)
    self.init(
      significand: biased == 0 ? fraction : fraction | 1 << 23, exponent: Swift.max(biased, 1) - 150,
      isLowerBoundCloser: fraction == 0 && biased > 1)
  }

  private init(digits: UInt64, exponent: Int) {
    self.digits = digits
    self.exponent = exponent
  }

  private init(significand c: UInt64, exponent q: Int, isLowerBoundCloser: Bool) {
    if c == 0 {
      self.init(digits: 0, exponent: 0)
      return
    }
    // ⌊log10(2^q)⌋, or of ¾ · 2^q where the interval is that much narrower; exact for every q there is.
    let k = (q * 1_262_611 - (isLowerBoundCloser ? 524_031 : 0)) >> 22
    let shift = UInt64(q + (-k * 1_741_647) >> 19 + 1)  // ⌊log2(10^-k)⌋
    let power = PowersOfTen.table[-k - PowersOfTen.smallest]
    let lowerBound = power.scaling((4 * c - (isLowerBoundCloser ? 1 : 2)) << shift)
    let middle = power.scaling((4 * c) << shift)
    let upperBound = power.scaling((4 * c + 2) << shift)
    // A bound belongs to the interval when a tie would round to this number, which is when c is even.
    let lower = lowerBound + c & 1
    let upper = upperBound - c & 1

    let whole = middle / 4
    if whole >= 10 {
      // One digit less, if exactly one of the two neighbours is inside.
      let tens = whole / 10
      let isBelowInside = lower <= 40 * tens
      let isAboveInside = 40 * tens + 40 <= upper
      if isBelowInside != isAboveInside {
        self.init(digits: tens + (isAboveInside ? 1 : 0), exponent: k + 1)
        return
      }
    }
    let isBelowInside = lower <= 4 * whole
    let isAboveInside = 4 * whole + 4 <= upper
    if isBelowInside != isAboveInside {
      self.init(digits: whole + (isAboveInside ? 1 : 0), exponent: k)
      return
    }
    // Both are inside: the nearer one, or the even one of two equally near.
    let half = 4 * whole + 2
    let roundsUp = middle > half || middle == half && whole & 1 == 1
    self.init(digits: whole + (roundsUp ? 1 : 0), exponent: k)
  }
}

/// Powers of ten to 128 bits, rounded up: g = ⌈10^k · 2^-s⌉ with the s that makes the top bit set.
struct PowersOfTen {
  let high: UInt64
  let low: UInt64

  static let smallest = -292
  static let largest = 324

  /// 10 to the `smallest` … `largest`.
  ///
  /// Worked out once, in some microseconds, from 256-bit numbers: each step's truncation costs less than one
  /// unit in the 255th place, so all of them together cannot reach the 128th, which the tests confirm entry by
  /// entry.
  static let table: [PowersOfTen] = {
    var table = [PowersOfTen](repeating: PowersOfTen(high: 1 << 63, low: 0), count: largest - smallest + 1)
    var value = (high: UInt128(1) << 127, low: UInt128(0))
    for exponent in 1...largest {
      let low = value.low.multipliedFullWidth(by: 5)
      let high = value.high.multipliedFullWidth(by: 5)
      let (sum, carry) = high.low.addingReportingOverflow(low.high)
      // The product's 259 bits again as 256.
      let top = high.high + (carry ? 1 : 0)
      let drop: UInt128 = top >> 2 == 0 ? 2 : 3
      value = (top << (128 - drop) | sum >> drop, sum << (128 - drop) | low.low >> drop)
      // 5^55 is the last that 128 bits hold exactly.
      table[exponent - smallest] = PowersOfTen(rounding: value.high, up: exponent > 55)
    }
    value = (UInt128(1) << 127, 0)
    for exponent in 1...(-smallest) {
      // Shifted left by as much as keeps the fifth below 2^256.
      let shift: UInt128 = value.high >= 5 << 125 ? 2 : 3
      let top = value.high >> (128 - shift)
      let middle = value.high << shift | value.low >> (128 - shift)
      let (high, remainder) = UInt128(5).dividingFullWidth((top, middle))
      let (low, _) = UInt128(5).dividingFullWidth((remainder, value.low << shift))
      value = (high, low)
      table[-exponent - smallest] = PowersOfTen(rounding: value.high, up: true)
    }
    return table
  }()

  private init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  private init(rounding value: UInt128, up: Bool) {
    let rounded = up ? value + 1 : value
    self.init(high: UInt64(truncatingIfNeeded: rounded >> 64), low: UInt64(truncatingIfNeeded: rounded))
  }

  /// ⌊g · value / 2^128⌋, its lowest bit set when anything was cut off that g's own error does not explain.
  @inline(__always)
  func scaling(_ value: UInt64) -> UInt64 {
    let least = low.multipliedFullWidth(by: value).high
    let product = high.multipliedFullWidth(by: value)
    let (middle, carry) = product.low.addingReportingOverflow(least)
    return product.high &+ (carry ? 1 : 0) | (middle > 1 ? 1 : 0)
  }
}
