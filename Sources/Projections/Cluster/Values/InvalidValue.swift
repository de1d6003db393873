// What is wrong with a value that somebody gave: which one it was, and what would be taken. The rules of text that
// several values share are here too.

/// A value that cannot be taken.
public struct InvalidValue: Error, Hashable, Sendable {
  /// Which one: `address`, `stripe size`.
  public let field: String
  /// The value, cut short when it is long.
  public let value: String
  /// What would be taken.
  public let accepted: String

  /// How many characters of a value are repeated.
  private static let shownMaximum = 80

  /// The value of `field` is none of what is accepted.
  public init(_ field: String, _ value: String, accepted: String) {
    self.field = field
    self.value = value.count > Self.shownMaximum ? "\(value.prefix(Self.shownMaximum))…" : value
    self.accepted = accepted
  }
}

extension InvalidValue: CustomStringConvertible {
  /// One line for whoever gave it; what cannot be printed is written as an escape.
  public var description: String { "\(field) \(value.debugDescription) is not \(accepted)" }
}

/// Rules for text.
enum TextRule {
  /// Names: what fits in a command line, a metric's label and a file's name without quoting.
  static func checkName(_ text: String, field: String) throws(InvalidValue) {
    let isLetterOrDigit = { (byte: UInt8) in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        true
      default: false
      }
    }
    guard let first = text.utf8.first, isLetterOrDigit(first),
      text.utf8.count <= ClusterLimits.nameBytesMaximum,
      text.utf8.allSatisfy({ isLetterOrDigit($0) || ".-_".utf8.contains($0) })
    else {
      throw InvalidValue(
        field, text,
        accepted: """
          1 to \(ClusterLimits.nameBytesMaximum) letters, digits, '.', '-' or '_' of ASCII, a letter or a digit first
          """)
    }
  }

  /// One line of text of so many bytes that a terminal can show.
  static func checkLine(
    _ text: String, field: String, bytes: ClosedRange<Int>
  ) throws(InvalidValue) {
    guard bytes.contains(text.utf8.count), text.unicodeScalars.allSatisfy(isPrintable) else {
      throw InvalidValue(
        field, text, accepted: "\(bytes.lowerBound) to \(bytes.upperBound) bytes of printable text")
    }
  }

  /// The same without spaces: a word.
  static func checkWord(_ text: String, field: String, bytes: ClosedRange<Int>) throws(InvalidValue) {
    guard bytes.contains(text.utf8.count),
      text.unicodeScalars.allSatisfy({ isPrintable($0) && !$0.properties.isWhitespace })
    else {
      throw InvalidValue(
        field, text,
        accepted: "\(bytes.lowerBound) to \(bytes.upperBound) bytes of printable text without spaces")
    }
  }

  private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned: false
    default: true
    }
  }

  /// A path from the root, written in the one way there is.
  static func checkPath(_ text: String, field: String) throws(InvalidValue) {
    if text == "/" { return }
    let parts = text.utf8.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    guard text.utf8.first == UInt8(ascii: "/"), text.utf8.count <= ClusterLimits.pathBytesMaximum,
      parts.allSatisfy({
        (1...ClusterLimits.pathPartBytesMaximum).contains($0.count) && !$0.elementsEqual(".".utf8)
          && !$0.elementsEqual("..".utf8) && !$0.contains(0)
      })
    else {
      throw InvalidValue(
        field, text,
        accepted: """
          an absolute path of at most \(ClusterLimits.pathBytesMaximum) bytes, its parts 1 to \
          \(ClusterLimits.pathPartBytesMaximum) bytes, without '.', '..', a slash at the end or two in a row
          """)
    }
  }
}
