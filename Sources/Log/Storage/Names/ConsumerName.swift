// The names of consumers.

/// The name of a consumer: 1 to 200 letters, digits, dots, dashes, underscores and colons.
public struct ConsumerName: Hashable, Sendable, CustomStringConvertible {
  /// The name.
  public let text: String

  /// How long a name may be.
  public static let bytesMaximum = 200

  /// A name that follows the rules.
  public init(_ text: String) throws(LogError) {
    let allowed = text.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"),
        UInt8(ascii: ":"):
        true
      default: false
      }
    }
    guard !text.isEmpty, text.utf8.count <= Self.bytesMaximum, allowed else {
      throw .invalidConsumerName(
        text,
        reason: "it must be 1 to \(Self.bytesMaximum) letters, digits, dots, dashes, underscores and colons")
    }
    self.text = text
  }

  /// The name.
  public var description: String { text }
}
