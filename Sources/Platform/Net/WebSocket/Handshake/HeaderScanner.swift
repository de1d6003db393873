// Walks over a header field's value: tokens, quoted strings and separators with blanks between them
// (RFC 9110 section 5.6).

/// A cursor over a field value.
struct HeaderScanner {
  private let bytes: [UInt8]
  private var index = 0

  init(_ value: String) {
    bytes = Array(value.utf8)
    skipBlanks()
  }

  var isAtEnd: Bool { index == bytes.count }

  /// Whether a list element ends here without having begun.
  var isAtSeparator: Bool { isAtEnd || bytes[index] == UInt8(ascii: ",") }

  /// Passes `separator` and the blanks after it, if it is next.
  mutating func skip(_ separator: Unicode.Scalar) -> Bool {
    guard index < bytes.count, bytes[index] == UInt8(ascii: separator) else { return false }
    index += 1
    skipBlanks()
    return true
  }

  /// A token and the blanks after it.
  mutating func token() -> String? {
    let start = index
    while index < bytes.count, Self.isToken(bytes[index]) { index += 1 }
    guard index > start else { return nil }
    defer { skipBlanks() }
    return String(decoding: bytes[start..<index], as: UTF8.self)
  }

  /// A token, or one in quotes.
  mutating func tokenOrQuoted() -> String? {
    guard index < bytes.count, bytes[index] == UInt8(ascii: "\"") else { return token() }
    index += 1
    var content: [UInt8] = []
    while index < bytes.count, bytes[index] != UInt8(ascii: "\"") {
      if bytes[index] == UInt8(ascii: "\\") { index += 1 }
      guard index < bytes.count, Self.isToken(bytes[index]) else { return nil }
      content.append(bytes[index])
      index += 1
    }
    guard index < bytes.count, !content.isEmpty else { return nil }
    index += 1
    skipBlanks()
    return String(decoding: content, as: UTF8.self)
  }

  /// The tokens of a comma-separated list over all of a field's values; nil when one is malformed.
  static func tokens(_ values: [String]) -> [String]? {
    var tokens: [String] = []
    for value in values {
      var scanner = HeaderScanner(value)
      repeat {
        if scanner.isAtSeparator { continue }
        guard let token = scanner.token() else { return nil }
        tokens.append(token)
      } while scanner.skip(",")
      guard scanner.isAtEnd else { return nil }
    }
    return tokens
  }

  private mutating func skipBlanks() {
    while index < bytes.count, bytes[index] == 0x20 || bytes[index] == 0x09 { index += 1 }
  }

  /// Whether `byte` may stand in a token.
  static func isToken(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
      UInt8(ascii: "A")...UInt8(ascii: "Z"):
      true
    case UInt8(ascii: "!"), UInt8(ascii: "#")...UInt8(ascii: "'"), UInt8(ascii: "*"), UInt8(ascii: "+"),
      UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "^"), UInt8(ascii: "_"), UInt8(ascii: "`"),
      UInt8(ascii: "|"), UInt8(ascii: "~"):
      true
    default:
      false
    }
  }
}
