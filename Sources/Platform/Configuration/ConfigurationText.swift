// Quoting: JSON strings, which are YAML strings too, and values as errors show them.

/// Quotes texts.
enum ConfigurationText {
  /// A JSON string, quotes included; control characters and the line separators that break consoles and
  /// scripts are escaped.
  static func quoted(_ text: some StringProtocol) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": quoted += "\\\""
      case "\\": quoted += "\\\\"
      case "\n": quoted += "\\n"
      case "\r": quoted += "\\r"
      case "\t": quoted += "\\t"
      case "\0"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{2028}", "\u{2029}", "\u{FEFF}":
        let digits = String(scalar.value, radix: 16)
        quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }

  /// A value as an error shows it: quoted unless it is a plain word, and shortened.
  static func shown(_ text: String, as role: NotationRole) -> String {
    if role == .secret { return Secret.mask }
    let maximum = ConfigurationLimits.shownValueCharactersMaximum
    let isWord = !text.isEmpty && text.utf8.allSatisfy(isWordByte)
    let isLong = text.count > maximum
    if role == .bare, isWord, !isLong { return text }
    return isLong ? quoted(text.prefix(maximum)) + "…" : quoted(text)
  }

  /// A name as an error shows it: as it is if it could be a key, otherwise quoted.
  static func key(_ name: String) -> String {
    let isPlain = name.utf8.allSatisfy { $0 > UInt8(ascii: " ") && $0 < 0x7F }
    return isPlain && !name.isEmpty ? name : quoted(name)
  }

  /// A text as YAML writes it on one line: plain where nobody could mistake it, otherwise quoted.
  static func yaml(_ text: String) -> String {
    let words: Set = ["null", "true", "false", "yes", "no", "on", "off", "y", "n"]
    let isPlain =
      text.utf8.allSatisfy { isWordByte($0) || $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: ":") }
      && text.utf8.first.map { isLetterOrDigit($0) || $0 == UInt8(ascii: "/") } == true
      && text.utf8.last.map { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: ":") } == true
      && !text.contains(": ") && !words.contains(text.lowercased())
    let isNumberLike =
      text.hasPrefix("0x") || text.hasPrefix("0o") || text.utf8.allSatisfy("0123456789.:_-+eE".utf8.contains)
    return isPlain && !isNumberLike ? text : quoted(text)
  }

  private static func isWordByte(_ byte: UInt8) -> Bool {
    isLetterOrDigit(byte) || "+-._/".utf8.contains(byte)
  }

  private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
    case UInt8(ascii: "0")...UInt8(ascii: "9"): true
    default: false
    }
  }
}
