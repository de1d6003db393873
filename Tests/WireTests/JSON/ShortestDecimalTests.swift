import Bytes
import Testing

@testable import Wire

@Suite("Shortest decimals") struct ShortestDecimalTests {
  /// What `value` is written as.
  private func written(_ body: (inout JSONWriter) throws -> Void) rethrows -> String {
    var writer = JSONWriter()
    try body(&writer)
    return String(validating: writer.finish()) ?? "not UTF-8"
  }

  /// The significant digits of a number's text.
  private func digits(_ text: String) -> Substring {
    var digits = text.prefix { $0 != "e" }.filter(\.isNumber)[...].drop { $0 == "0" }
    while digits.last == "0" { digits.removeLast() }
    return digits
  }

  /// Each number must read back the same, by the digits the standard library finds shortest.
  private func check(_ value: Double) throws {
    let text = try written { try $0.double(value) }
    #expect(Double(text)?.bitPattern == value.bitPattern, "\(text)")
    #expect(digits(text) == digits(value.description), "\(text) for \(value)")
  }

  private func check(_ value: Float) throws {
    let text = try written { try $0.float(value) }
    #expect(Float(text)?.bitPattern == value.bitPattern, "\(text)")
    #expect(digits(text) == digits(value.description), "\(text) for \(value)")
  }

  @Test func everyBinaryExponentOfADouble() throws {
    var random = SplitMix(seed: 21)
    for exponent in UInt64(0)..<2047 {
      // The first and last of each binade, where the interval is lopsided or about to be, and some between.
      var fractions: [UInt64] = [0, 1, 2, 1 << 51, 1 << 52 - 1]
      for _ in 0..<3 { fractions.append(random.next() >> 12) }
      for fraction in fractions { try check(Double(bitPattern: exponent << 52 | fraction)) }
    }
  }

  @Test func everyBinaryExponentOfAFloat() throws {
    var random = SplitMix(seed: 22)
    for exponent in UInt32(0)..<255 {
      var fractions: [UInt32] = [0, 1, 2, 1 << 22, 1 << 23 - 1]
      for _ in 0..<30 { fractions.append(UInt32(random.next() >> 41)) }
      for fraction in fractions { try check(Float(bitPattern: exponent << 23 | fraction)) }
    }
  }

  @Test func randomAndEverydayNumbers() throws {
    var random = SplitMix(seed: 23)
    for _ in 0..<10_000 {
      let value = Double(bitPattern: random.next())
      if value.isFinite { try check(value) }
      try check(Double(Int64(bitPattern: random.next()) >> 20) / 1000)
    }
    for exponent in -30...30 {
      var power = "1e\(exponent)"
      try check(Double(power) ?? 0)
      power = "9.999999999999999e\(exponent)"
      try check(Double(power) ?? 0)
    }
  }

  // MARK: The table

  @Test func everyPowerOfTenIsRoundedUpFromItsExactValue() {
    for exponent in PowersOfTen.smallest...PowersOfTen.largest {
      let power = PowersOfTen.table[exponent - PowersOfTen.smallest]
      #expect(power.high >> 63 == 1)
      let rounded = UInt128(power.high) << 64 | UInt128(power.low)
      let ten = (0..<exponent.magnitude).reduce(Natural(1)) { value, _ in value.times(10) }
      // rounded - 1 < 10^exponent · 2^shift <= rounded, with whole numbers on both sides.
      if exponent >= 0 {
        let shift = ten.bitWidth - 128
        let exact = shift < 0 ? ten.shifted(-shift) : ten
        #expect(exact <= Natural(rounded).shifted(max(shift, 0)))
        #expect(Natural(rounded - 1).shifted(max(shift, 0)) < exact)
      } else {
        let exact = Natural(1).shifted(ten.bitWidth + 127)
        #expect(exact <= ten.times(rounded))
        #expect(ten.times(rounded - 1) < exact)
      }
    }
  }
}

/// A whole number of any size, least significant limb first: only what the test above needs.
private struct Natural: Comparable {
  private var limbs: [UInt32] = []

  init(_ value: UInt128) {
    var rest = value
    while rest > 0 {
      limbs.append(UInt32(truncatingIfNeeded: rest))
      rest >>= 32
    }
  }

  var bitWidth: Int { limbs.count * 32 - (limbs.last?.leadingZeroBitCount ?? 0) }

  func times(_ factor: UInt128) -> Natural {
    var product = Natural(0)
    product.limbs = [UInt32](repeating: 0, count: limbs.count + 4)
    for (index, limb) in limbs.enumerated() {
      var carry: UInt64 = 0
      for place in 0..<4 {
        let digit = UInt64(UInt32(truncatingIfNeeded: factor >> UInt128(place * 32)))
        carry += UInt64(limb) * digit + UInt64(product.limbs[index + place])
        product.limbs[index + place] = UInt32(truncatingIfNeeded: carry)
        carry >>= 32
      }
      if index + 4 < product.limbs.count { product.limbs[index + 4] = UInt32(truncatingIfNeeded: carry) }
    }
    while product.limbs.last == 0 { product.limbs.removeLast() }
    return product
  }

  func shifted(_ count: Int) -> Natural {
    var value = times(1 << UInt128(count % 32))
    value.limbs.insert(contentsOf: [UInt32](repeating: 0, count: count / 32), at: 0)
    return value
  }

  static func < (left: Natural, right: Natural) -> Bool {
    if left.limbs.count != right.limbs.count { return left.limbs.count < right.limbs.count }
    for (mine, theirs) in zip(left.limbs, right.limbs).reversed() where mine != theirs {
      return mine < theirs
    }
    return false
  }
}
