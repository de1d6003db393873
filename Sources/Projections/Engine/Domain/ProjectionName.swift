// Names of projections are parts of file names, of PostgreSQL's schemas, and of consumers' names.

/// A projection's name: `a` to `z`, digits and `_`, beginning with a letter.
public struct ProjectionName: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// The name.
  public let text: String

  /// The longest name: with the prefixes and generations that are added, an identifier of PostgreSQL has 63 bytes.
  public static let bytesMaximum = 40

  /// The name, if `text` is one.
  public init?(_ text: String) {
    guard let first = text.utf8.first, Self.letters.contains(first), text.utf8.count <= Self.bytesMaximum,
      text.utf8.allSatisfy({
        Self.letters.contains($0) || Self.digits.contains($0) || $0 == UInt8(ascii: "_")
      })
    else { return nil }
    self.text = text
  }

  private static let letters = UInt8(ascii: "a")...UInt8(ascii: "z")
  private static let digits = UInt8(ascii: "0")...UInt8(ascii: "9")

  /// The name.
  public var description: String { text }

  /// In the order of their bytes.
  public static func < (left: Self, right: Self) -> Bool { left.text < right.text }
}

extension ProjectionName: ExpressibleByStringLiteral {
  /// A name in the program's text.
  public init(stringLiteral text: String) {
    guard let name = ProjectionName(text) else { preconditionFailure("\(text) is no projection's name") }
    self = name
  }
}
