// Diagnostic notation (RFC 8949, section 8): how CBOR is shown to people.

import Bytes

extension CBORValue: CustomStringConvertible {
  /// The value in diagnostic notation, on one line: `{1: h'00ff', "a": [_ …` as in the RFC, without the
  /// indicators of how it was encoded.
  public var description: String {
    var text = ""
    print(into: &text)
    return text
  }

  private func print(into text: inout String) {
    switch self {
    case .unsigned(let argument): text += String(argument)
    case .negative(let argument):
      // 2⁶⁴, the one magnitude that does not fit.
      text += argument == .max ? "-18446744073709551616" : "-" + String(argument + 1)
    case .bytes(let bytes): Self.print(hex: bytes, into: &text)
    case .text(let content): Self.print(quoted: content, into: &text)
    case .array(let elements):
      text += "["
      for (index, element) in elements.enumerated() {
        if index > 0 { text += ", " }
        element.print(into: &text)
      }
      text += "]"
    case .map(let map):
      text += "{"
      for (index, pair) in map.pairs.enumerated() {
        if index > 0 { text += ", " }
        pair.key.print(into: &text)
        text += ": "
        pair.value.print(into: &text)
      }
      text += "}"
    case .tagged(let tag, let content):
      text += String(tag) + "("
      content.print(into: &text)
      text += ")"
    case .float(let value): text += Self.notation(value)
    case .bool(let value): text += value ? "true" : "false"
    case .null: text += "null"
    case .undefined: text += "undefined"
    case .simple(let simple): text += "simple(\(simple.value))"
    }
  }

  private static func print(hex bytes: ByteBuffer, into text: inout String) {
    text += "h'"
    for index in 0..<bytes.count {
      if bytes[index] < 16 { text += "0" }
      text += String(bytes[index], radix: 16)
    }
    text += "'"
  }

  private static func print(quoted content: String, into text: inout String) {
    text += "\""
    for scalar in content.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      case "\u{0}"..."\u{1f}", "\u{7f}"..."\u{9f}":
        let hex = String(scalar.value, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
      default: text.unicodeScalars.append(scalar)
      }
    }
    text += "\""
  }

  /// A float as the RFC writes it: always with a decimal point, so that it does not look like an integer.
  private static func notation(_ value: Double) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value < 0 ? "-Infinity" : "Infinity" }
    let parts = value.description.split(separator: "e")
    var text = String(parts[0])
    if !text.contains(".") { text += ".0" }
    guard parts.count == 2 else { return text }
    // Swift prints the exponent as -08 or +300.
    let sign = parts[1].first == "-" ? "-" : "+"
    let digits = parts[1].drop { $0 == "-" || $0 == "+" || $0 == "0" }
    return text + "e" + sign + digits
  }
}
