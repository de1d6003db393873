// Conversions between the three widths of float, on their bits, so that NaN payloads, signs of zero and
// subnormal numbers come through exactly and the answer does not depend on the processor.

/// Exact conversions between float widths.
enum CBORFloat {
  /// The half-precision number `bits` as a double.
  static func double(half bits: UInt16) -> Double {
    let sign = UInt64(bits >> 15) << 63
    let exponent = UInt64(bits >> 10) & 0x1f
    let fraction = UInt64(bits & 0x3ff)
    switch exponent {
    case 0:
      let magnitude = Double(fraction) * 0x1p-24
      return Double(bitPattern: magnitude.bitPattern | sign)
    case 0x1f: return Double(bitPattern: sign | 0x7ff << 52 | fraction << 42)
    default: return Double(bitPattern: sign | (exponent + 1008) << 52 | fraction << 42)
    }
  }

  /// The single-precision number `bits` as a double.
  static func double(single bits: UInt32) -> Double {
    guard bits >> 23 & 0xff == 0xff else { return Double(Float(bitPattern: bits)) }
    // Infinity and NaN by hand: a conversion would make a signalling NaN quiet.
    return Double(bitPattern: UInt64(bits >> 31) << 63 | 0x7ff << 52 | UInt64(bits & 0x7f_ffff) << 29)
  }

  /// The bits of `value` in half precision; nil when that would lose something.
  static func half(_ value: Double) -> UInt16? {
    guard let bits = narrow(value, exponentBits: 5, fractionBits: 10) else { return nil }
    return UInt16(truncatingIfNeeded: bits)
  }

  /// The bits of `value` in single precision; nil when that would lose something.
  static func single(_ value: Double) -> UInt32? {
    guard let bits = narrow(value, exponentBits: 8, fractionBits: 23) else { return nil }
    return UInt32(truncatingIfNeeded: bits)
  }

  @inline(__always)
  private static func narrow(_ value: Double, exponentBits: Int, fractionBits: Int) -> UInt64? {
    let bits = value.bitPattern
    let sign = (bits >> 63) << UInt64(exponentBits + fractionBits)
    let exponent = Int(bits >> 52 & 0x7ff)
    let fraction = bits & (1 << 52 - 1)
    let dropped = 52 - fractionBits
    let bias = 1 << (exponentBits - 1) - 1
    if exponent == 0 { return fraction == 0 ? sign : nil }
    if exponent == 0x7ff {
      guard fraction & (1 << UInt64(dropped) - 1) == 0 else { return nil }
      return sign | (1 << UInt64(exponentBits) - 1) << UInt64(fractionBits) | fraction >> UInt64(dropped)
    }
    let power = exponent - 1023
    if power > bias { return nil }
    if power > -bias {
      guard fraction & (1 << UInt64(dropped) - 1) == 0 else { return nil }
      return sign | UInt64(power + bias) << UInt64(fractionBits) | fraction >> UInt64(dropped)
    }
    // Subnormal in the narrow width: the leading one moves into the fraction.
    let shift = dropped + 1 - bias - power
    guard shift <= 52 else { return nil }
    let whole = fraction | 1 << 52
    guard whole & (1 << UInt64(shift) - 1) == 0 else { return nil }
    return sign | whole >> UInt64(shift)
  }
}
