// Media types (RFC 9110 section 8.3.1).

/// A media type: `text/html; charset=utf-8`.
public struct MediaType: Sendable {
  /// Type and subtype in small letters: `text/html`.
  public let essence: String
  /// Parameters in order, names in small letters.
  public let parameters: [(name: String, value: String)]

  /// The media type that `text` is; nil when it is none.
  public init?(_ text: String) {
    var scanner = FieldScanner(text)
    scanner.skipBlanks()
    guard let type = Self.type(&scanner), let parameters = scanner.parameters(), scanner.isAtEnd else {
      return nil
    }
    essence = type
    self.parameters = parameters
  }

  static func type(_ scanner: inout FieldScanner) -> String? {
    guard let type = scanner.token(), scanner.take("/"), let subtype = scanner.token() else { return nil }
    return "\(type)/\(subtype)".lowercasedASCII
  }

  /// The part before the slash.
  public var type: Substring { essence.prefix { $0 != "/" } }

  /// The value of the first parameter named `name`, in small letters; nil when there is none.
  public subscript(name: String) -> String? { parameters.first { $0.name == name }?.value }
}

extension MediaType: CustomStringConvertible {
  /// The type and its parameters, without quotes: for people.
  public var description: String {
    parameters.reduce(essence) { "\($0); \($1.name)=\($1.value)" }
  }
}
