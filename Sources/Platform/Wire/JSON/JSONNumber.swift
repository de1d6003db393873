// A number kept as its text, so that reading and writing a document changes no digit of it.

/// A JSON number, exact: its text, and what that text means to Swift's types.
public struct JSONNumber: Hashable, Sendable {
  /// The number as written. Equality is that of the text: `1` and `1.0` differ.
  public let text: String

  /// The number with this text; nil when RFC 8259 would not have it.
  public init?(_ text: String) {
    var copy = text
    let isNumber = copy.withUTF8 { bytes in
      var decimal = JSONDecimal()
      guard let base = bytes.baseAddress else { return false }
      let end = decimal.scan(UnsafeRawPointer(base), from: 0, limit: bytes.count)
      return end == bytes.count
    }
    guard isNumber else { return nil }
    self.text = text
  }

  init(validated text: String) { self.text = text }

  /// An integer.
  public init<Integer: FixedWidthInteger>(_ value: Integer) { text = String(value) }

  /// The digits and the power of ten.
  public var decimal: JSONDecimal {
    var copy = text
    return copy.withUTF8 { bytes in
      var decimal = JSONDecimal()
      if let base = bytes.baseAddress {
        _ = decimal.scan(UnsafeRawPointer(base), from: 0, limit: bytes.count)
      }
      return decimal
    }
  }

  /// The value, when the text is an integer that an `Int64` holds.
  public var int64: Int64? { decimal.int64 }

  /// The value, when the text is an integer that a `UInt64` holds.
  public var uint64: UInt64? { decimal.uint64 }

  /// The nearest double; nil when the number is too large for any.
  public var double: Double? {
    let value = decimal.fastDouble ?? Double(text)
    guard let value, value.isFinite else { return nil }
    return value
  }
}

extension JSONDecimal {
  /// Reads the number at `offset` by RFC 8259's grammar and returns where it ends; the negative of the offset
  /// of the first byte that does not fit, less one, when there is no number.
  mutating func scan(_ base: UnsafeRawPointer, from offset: Int, limit: Int) -> Int {
    @inline(__always) func digit(_ index: Int) -> UInt8? {
      guard index < limit else { return nil }
      let value = (base + index).load(as: UInt8.self) &- UInt8(ascii: "0")
      return value < 10 ? value : nil
    }
    @inline(__always) func byte(_ index: Int) -> UInt8 {
      index < limit ? (base + index).load(as: UInt8.self) : 0
    }
    var index = offset
    if byte(index) == UInt8(ascii: "-") {
      isNegative = true
      index &+= 1
    }
    guard let first = digit(index) else { return -index - 1 }
    index &+= 1
    digits = UInt64(first)
    if first == 0 {
      if digit(index) != nil { return -index - 1 }
    } else {
      // Up to 18 digits cannot overflow.
      let safe = Swift.min(limit, index &+ 17)
      while index < safe {
        let value = (base + index).load(as: UInt8.self) &- UInt8(ascii: "0")
        if value >= 10 { break }
        digits = digits &* 10 &+ UInt64(value)
        index &+= 1
      }
      while let value = digit(index) {
        take(value, inFraction: false)
        index &+= 1
      }
    }
    if byte(index) == UInt8(ascii: ".") {
      isIntegerLiteral = false
      index &+= 1
      guard digit(index) != nil else { return -index - 1 }
      while let value = digit(index) {
        take(value, inFraction: true)
        index &+= 1
      }
    }
    if byte(index) | 0x20 == UInt8(ascii: "e") {
      isIntegerLiteral = false
      index &+= 1
      let sign = byte(index)
      if sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") { index &+= 1 }
      guard digit(index) != nil else { return -index - 1 }
      var written = 0
      while let value = digit(index) {
        if written < Self.exponentMaximum { written = written &* 10 &+ Int(value) }
        index &+= 1
      }
      written = Swift.min(written, Self.exponentMaximum)
      exponent += sign == UInt8(ascii: "-") ? -written : written
      exponent = Swift.max(-Self.exponentMaximum, Swift.min(exponent, Self.exponentMaximum))
    }
    return index
  }

  /// Adds one more digit, or remembers that it did not fit.
  private mutating func take(_ value: UInt8, inFraction: Bool) {
    let (product, tooLarge) = digits.multipliedReportingOverflow(by: 10)
    let (sum, overflow) = product.addingReportingOverflow(UInt64(value))
    if tooLarge || overflow || isFull {
      isFull = true
      if value != 0 { isExact = false }
      if !inFraction { exponent += 1 }
    } else {
      digits = sum
      if inFraction { exponent -= 1 }
    }
  }
}
