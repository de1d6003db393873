// Texts as errors and YAML show them: quoted only where that is needed to read them.

internal import Notation

/// Decides how texts are shown.
enum ConfigurationText {
  /// A value as an error shows it: quoted unless it is a plain word, and shortened.
  static func shown(_ text: String, as role: NotationRole) -> String {
    if role == .secret { return Secret.mask }
    let maximum = ConfigurationLimits.shownValueCharactersMaximum
    let isWord = !text.isEmpty && text.utf8.allSatisfy(isWordByte)
    let isLong = text.count > maximum
    if role == .bare, isWord, !isLong { return text }
    return isLong ? Quotation.quoted(text.prefix(maximum)) + "…" : Quotation.quoted(text)
  }

  /// A name as an error shows it: as it is if it could be a key, otherwise quoted.
  static func key(_ name: String) -> String {
    let isPlain = name.unicodeScalars.allSatisfy { scalar in
      switch scalar.properties.generalCategory {
      case .control, .format, .spaceSeparator, .lineSeparator, .paragraphSeparator: false
      default: scalar != "\""
      }
    }
    return isPlain && !name.isEmpty ? name : Quotation.quoted(name)
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
    return isPlain && !isNumberLike ? text : Quotation.quoted(text)
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
