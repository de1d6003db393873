// Where a policy holds: at a path and at everything under it.

public import Database

/// An absolute, normalised path in the cluster's files.
public struct ScopePath: Hashable, Sendable {
  /// The path.
  public let text: String

  /// The path of everything.
  public static let root = ScopePath(stored: "/")

  /// The path, if `text` is one.
  public init(_ text: String) throws(InvalidValue) {
    try TextRule.checkPath(text, field: "path")
    self.text = text
  }

  /// A path that was checked before it was stored.
  init(stored text: String) { self.text = text }

  /// The path itself, then the one above it, and so on to the root: the order in which policies are looked for.
  public var upwards: some Sequence<ScopePath> {
    sequence(first: self) { path in
      if path == .root { return nil }
      guard let slash = path.text.utf8.lastIndex(of: UInt8(ascii: "/")), slash != path.text.startIndex else {
        return .root
      }
      return ScopePath(stored: String(path.text[..<slash]))
    }
  }
}

extension ScopePath: Comparable {
  /// In the order of their bytes, so that a path comes before what is under it.
  public static func < (left: Self, right: Self) -> Bool {
    left.text.utf8.lexicographicallyPrecedes(right.text.utf8)
  }
}

extension ScopePath: CustomStringConvertible, SQLConvertible {
  /// The path.
  public var description: String { text }

  /// The path.
  public var sqlValue: SQLValue { .text(text) }

  /// A path that was stored.
  public init?(sqlValue: SQLValue) {
    guard case .text(let text) = sqlValue else { return nil }
    self.text = text
  }
}
