// A text that is never shown. Printing, interpolating, dumping or reflecting a `Secret` yields a mask;
// the text comes out only where `reveal()` is written, which is easy to search for.

/// A text that is never shown by accident.
public struct Secret: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  /// What is shown instead of any secret.
  public static let mask = "(secret)"

  private let text: String

  /// A secret with this text.
  public init(_ text: String) { self.text = text }

  /// The text itself: to be used, never to be printed.
  public func reveal() -> String { text }

  /// How many bytes the text has.
  public var byteCount: Int { text.utf8.count }

  /// The mask.
  public var description: String { Self.mask }
  /// The mask.
  public var debugDescription: String { Self.mask }
  /// No children: a dump shows only the mask.
  public var customMirror: Mirror { Mirror(self, children: []) }
}
