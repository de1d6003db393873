// The small grammar that structured field values share (RFC 9110 section 5.6): tokens, quoted strings, parameters,
// lists. What reads a field is written in its terms.

/// A cursor over one field value.
struct FieldScanner {
  private let bytes: [UInt8]
  private(set) var position = 0

  init(_ text: some StringProtocol) { bytes = Array(text.utf8) }

  /// Whether everything was read.
  var isAtEnd: Bool { position == bytes.count }

  /// The next byte, not consumed; nil at the end.
  var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  /// Passes spaces and tabs.
  mutating func skipBlanks() {
    while let byte = next, HTTPByte.isBlank(byte) { position += 1 }
  }

  /// Passes `byte` if it is the next one.
  mutating func take(_ byte: Unicode.Scalar) -> Bool {
    guard next == UInt8(ascii: byte) else { return false }
    position += 1
    return true
  }

  /// Passes bytes as long as `isWanted` says so, and returns them; nil when it was none.
  mutating func take(while isWanted: (UInt8) -> Bool) -> String? {
    let start = position
    while let byte = next, isWanted(byte) { position += 1 }
    return start == position ? nil : String(decoding: bytes[start..<position], as: UTF8.self)
  }

  /// Everything that is left.
  mutating func takeRest() -> String {
    defer { position = bytes.count }
    return String(decoding: bytes[position...], as: UTF8.self)
  }

  /// A token; nil when none begins here.
  mutating func token() -> String? { take(while: HTTPByte.isToken) }

  /// Decimal digits as a number, the largest there is when they are too many; nil when no digit is here.
  mutating func number() -> Int64? {
    let start = position
    var value: Int64 = 0
    while let byte = next, HTTPByte.isDigit(byte) {
      position += 1
      let (tens, over) = value.multipliedReportingOverflow(by: 10)
      let (sum, carry) = tens.addingReportingOverflow(Int64(byte - 0x30))
      value = over || carry ? .max : sum
    }
    return start == position ? nil : value
  }

  /// What a quoted string holds; nil when none begins here, or it does not end.
  ///
  /// - Parameter escapesAnything: whether a backslash takes the meaning from whatever follows it, as RFC 9110 has
  ///   it; otherwise only from a quote and a backslash.
  mutating func quotedString(escapesAnything: Bool = true) -> String? {
    guard take("\"") else { return nil }
    var text: [UInt8] = []
    while let byte = next {
      position += 1
      switch byte {
      case UInt8(ascii: "\""):
        return String(decoding: text, as: UTF8.self)
      case UInt8(ascii: "\\"):
        guard let escaped = next else { return nil }
        if escapesAnything || escaped == UInt8(ascii: "\"") || escaped == UInt8(ascii: "\\") {
          guard HTTPByte.isFieldValue(escaped) else { return nil }
          position += 1
          text.append(escaped)
        } else {
          text.append(byte)
        }
      default:
        guard HTTPByte.isFieldValue(byte) else { return nil }
        text.append(byte)
      }
    }
    return nil
  }

  /// A token or what a quoted string holds; nil when neither begins here.
  mutating func word() -> String? {
    next == UInt8(ascii: "\"") ? quotedString() : token()
  }

  /// The parameters that follow, each after a semicolon; nil when one is malformed.
  mutating func parameters(escapesAnything: Bool = true) -> [(name: String, value: String)]? {
    var parameters: [(name: String, value: String)] = []
    while true {
      skipBlanks()
      guard take(";") else { return parameters }
      skipBlanks()
      // An empty parameter is none (RFC 9110 section 5.6.6).
      guard let name = token() else { continue }
      guard take("=") else { return nil }
      let isQuoted = next == UInt8(ascii: "\"")
      guard let value = isQuoted ? quotedString(escapesAnything: escapesAnything) : token() else {
        return nil
      }
      parameters.append((name.lowercasedASCII, value))
    }
  }

  /// Goes on to the next member of a list, past what is left of this one; false at the end.
  mutating func skipToNextMember() -> Bool {
    while let byte = next {
      if byte == UInt8(ascii: "\"") {
        if quotedString() == nil { position = bytes.count }
      } else {
        position += 1
        if byte == UInt8(ascii: ",") { return true }
      }
    }
    return false
  }

  /// A quality as thousandths: `0.5` is 500; nil when it is none (RFC 9110 section 12.4.2).
  static func thousandths(_ text: String) -> Int? {
    let digits = Array(text.utf8)
    guard let first = digits.first, first == 0x30 || first == 0x31, digits.count <= 5 else { return nil }
    var value = Int(first - 0x30) * 1000
    guard digits.count > 1 else { return value }
    guard digits[1] == UInt8(ascii: ".") else { return nil }
    var weight = 100
    for digit in digits[2...] {
      guard HTTPByte.isDigit(digit) else { return nil }
      value += Int(digit - 0x30) * weight
      weight /= 10
    }
    return value <= 1000 ? value : nil
  }
}

extension String {
  /// The text with `A` to `Z` made small, and nothing else.
  var lowercasedASCII: String {
    utf8.contains { $0 &- 0x41 < 26 } ? String(decoding: utf8.map(HTTPByte.lowercased), as: UTF8.self) : self
  }
}
