/// Default values as proto2 descriptors spell them, as Swift expressions.
enum DefaultValue {
  static func literal(_ text: String, kind: Field.Kind, field: String) throws(GeneratorError) -> String {
    switch kind {
    case .message: throw .defaultValue(text, field: field)
    case .enumeration(let type):
      guard let index = type.descriptor.value.firstIndex(where: { $0.name == text }) else {
        throw .defaultValue(text, field: field)
      }
      return "." + type.caseNames[index]
    case .scalar(.string): return text.debugDescription
    case .scalar(.bytes):
      guard let bytes = unescaped(text) else { throw .defaultValue(text, field: field) }
      return "ByteBuffer([" + bytes.map { String($0) }.joined(separator: ", ") + "])"
    case .scalar(.double), .scalar(.float):
      switch text {
      case "inf": return ".infinity"
      case "-inf": return "-.infinity"
      case "nan": return ".nan"
      default: return text
      }
    case .scalar: return text
    }
  }

  /// The bytes C escapes stand for; nil when the text is cut off or has an escape C has not.
  private static func unescaped(_ text: String) -> [UInt8]? {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "\\") else {
        bytes.append(byte)
        continue
      }
      guard let kind = rest.popFirst() else { return nil }
      switch kind {
      case UInt8(ascii: "n"): bytes.append(10)
      case UInt8(ascii: "r"): bytes.append(13)
      case UInt8(ascii: "t"): bytes.append(9)
      case UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "\\"): bytes.append(kind)
      case UInt8(ascii: "0")...UInt8(ascii: "3"):
        guard rest.count >= 2,
          let value = UInt8(String(decoding: [kind] + rest.prefix(2), as: UTF8.self), radix: 8)
        else { return nil }
        rest = rest.dropFirst(2)
        bytes.append(value)
      default: return nil
      }
    }
    return bytes
  }
}
