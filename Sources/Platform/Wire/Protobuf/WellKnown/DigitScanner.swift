/// Reads and writes the digits of timestamps and durations.
struct DigitScanner {
  private var rest: ArraySlice<UInt8>

  private static let digits = UInt8(ascii: "0")...UInt8(ascii: "9")

  init(_ text: String) { rest = Array(text.utf8)[...] }

  var isAtEnd: Bool { rest.isEmpty }

  /// Steps over a byte, if it is next.
  mutating func skip(_ byte: UInt8) -> Bool {
    guard rest.first == byte else { return false }
    rest.removeFirst()
    return true
  }

  /// The number made by all the digits that follow; nil when they are too few or too many.
  mutating func number(digits allowed: ClosedRange<Int>) -> Int64? {
    let digits = rest.prefix(while: Self.digits.contains)
    guard allowed.contains(digits.count) else { return nil }
    rest = rest.dropFirst(digits.count)
    return digits.reduce(0) { $0 * 10 + Int64($1 - UInt8(ascii: "0")) }
  }

  /// Nanoseconds: a point and one to nine digits; zero without a point, nil with something else after it.
  mutating func fraction() -> Int32? {
    guard skip(UInt8(ascii: ".")) else { return 0 }
    let before = rest.count
    guard var value = number(digits: 1...9) else { return nil }
    for _ in (before - rest.count)..<9 { value *= 10 }
    return Int32(value)
  }

  /// The decimals of so many nanoseconds, in threes, with the point; empty for none.
  static func fraction(_ nanoseconds: UInt32) -> String {
    if nanoseconds == 0 { return "" }
    let digits = String(nanoseconds)
    let padded = String(repeating: "0", count: 9 - digits.count) + digits
    if nanoseconds % 1_000_000 == 0 { return "." + padded.prefix(3) }
    return nanoseconds % 1000 == 0 ? "." + padded.prefix(6) : "." + padded
  }
}
