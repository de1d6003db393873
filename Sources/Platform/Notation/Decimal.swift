// The unsigned decimal number in front of a unit ("1.5" of "1.5 GiB"), read exactly: no floating point,
// so that what is read is what was written, to the byte and to the nanosecond.

/// An unsigned decimal number: `digits` divided by ten to the power of `scale`.
struct Decimal {
  /// How many digits may follow the point.
  static let fractionDigitsMaximum = 9

  var digits: UInt64 = 0
  var scale = 0

  /// Reads digits, optionally a point and more digits, from the front of `text`, and removes them.
  /// `nil` if there is no digit where one belongs, or too many of them.
  init?(consuming text: inout Substring.UTF8View) {
    guard let first = text.first, Self.isDigit(first) else { return nil }
    var seenPoint = false
    var index = text.startIndex
    while index < text.endIndex {
      let byte = text[index]
      if byte == UInt8(ascii: "."), !seenPoint {
        seenPoint = true
        let next = text.index(after: index)
        guard next < text.endIndex, Self.isDigit(text[next]) else { return nil }
      } else if Self.isDigit(byte) {
        let (product, overflow) = digits.multipliedReportingOverflow(by: 10)
        let (sum, carry) = product.addingReportingOverflow(UInt64(byte - UInt8(ascii: "0")))
        if seenPoint { scale += 1 }
        if overflow || carry || scale > Self.fractionDigitsMaximum { return nil }
        digits = sum
      } else {
        break
      }
      index = text.index(after: index)
    }
    text = text[index...]
  }

  /// This many units, or `nil` if that is not a whole number or more than an `Int` holds.
  func times(_ unit: UInt64) -> Int? {
    var divisor: UInt64 = 1
    for _ in 0..<scale { divisor *= 10 }
    let product = digits.multipliedFullWidth(by: unit)
    guard product.high < divisor else { return nil }
    let (quotient, remainder) = divisor.dividingFullWidth(product)
    return remainder == 0 ? Int(exactly: quotient) : nil
  }

  static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }
}
