// The names of topics and partitions: Kafka's rules, so that a topic can be bridged under its own name.

/// The name of a topic: 1 to 249 letters, digits, dots, dashes and underscores, and not `.` or `..`.
public struct TopicName: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// The name.
  public let text: String

  /// How long a name may be: a directory is named by it, a dash and the partition's number.
  public static let bytesMaximum = 249

  /// A name that follows the rules.
  public init(_ text: String) throws(LogError) {
    if let objection = Self.objection(to: text) { throw .invalidTopicName(text, reason: objection) }
    self.text = text
  }

  private init(internal text: String) { self.text = text }

  /// The topic in which the log keeps what it knows of itself: topics and consumers.
  public static let metadata = TopicName(internal: "__varve")

  /// Whether the log keeps the topic for itself.
  public var isInternal: Bool { self == .metadata }

  /// The name.
  public var description: String { text }

  /// By the bytes of the names.
  public static func < (left: TopicName, right: TopicName) -> Bool { left.text < right.text }

  private static func objection(to text: String) -> String? {
    if text.isEmpty { return "it is empty" }
    if text == "." || text == ".." { return "it would name a directory that is there already" }
    if text.utf8.count > bytesMaximum { return "it has more than \(bytesMaximum) bytes" }
    let allowed = text.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
        true
      default: false
      }
    }
    return allowed ? nil : "only letters, digits, dots, dashes and underscores may stand in it"
  }
}
