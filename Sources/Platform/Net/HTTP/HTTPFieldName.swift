// A field name that is not known when the program is written: checked once, then trusted.

/// The name of a header or trailer field. Case does not matter.
public struct HTTPFieldName: Sendable {
  /// The name as it was given.
  public let text: String

  /// The name; nil when it is not a token.
  public init?(_ text: String) {
    guard !text.isEmpty, text.utf8.allSatisfy(HTTPByte.isToken) else { return nil }
    self.text = text
  }
}

extension HTTPFieldName: Hashable {
  /// Equal but for the case of letters.
  public static func == (left: HTTPFieldName, right: HTTPFieldName) -> Bool {
    left.text.utf8.count == right.text.utf8.count
      && zip(left.text.utf8, right.text.utf8).allSatisfy {
        HTTPByte.lowercased($0) == HTTPByte.lowercased($1)
      }
  }

  /// Hashes the name in small letters.
  public func hash(into hasher: inout Hasher) {
    for byte in text.utf8 { hasher.combine(HTTPByte.lowercased(byte)) }
  }
}

extension HTTPFieldName: CustomStringConvertible {
  /// The name as it was given.
  public var description: String { text }
}
