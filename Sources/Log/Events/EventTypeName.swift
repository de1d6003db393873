// The one place that knows how an event's type is written in the header `ce_type` and how the protobuf message of
// that event is called. docs/events.md says why they differ.

public import Wire

/// The name of an event type: `varve.log.TopicSet.v1` in `ce_type`, `varve.log.v1.TopicSet` in protobuf.
public struct EventTypeName: Hashable, Sendable, CustomStringConvertible {
  /// What the event belongs to: `varve.log`.
  public let domain: String
  /// What happened: `TopicSet`.
  public let event: String
  /// Which version of the event: 1 and up.
  public let version: Int

  /// The longest name that is read.
  public static let bytesMaximum = 255
  /// The highest version that is read.
  public static let versionMaximum = 9999

  /// Reads the value of a `ce_type` header.
  public init(parsing type: String) throws(EventTypeNameError) {
    let parts = try Self.parts(of: type)
    try self.init(
      type, domain: parts.dropLast(2), event: parts[parts.count - 2], version: parts[parts.count - 1])
  }

  /// Reads the full name of a protobuf message.
  public init(messageName name: String) throws(EventTypeNameError) {
    let parts = try Self.parts(of: name)
    try self.init(
      name, domain: parts.dropLast(2), event: parts[parts.count - 1], version: parts[parts.count - 2])
  }

  /// The name of a generated message's event type.
  public init(of message: (some Message).Type) throws(EventTypeNameError) {
    try self.init(messageName: message.protoMessageName)
  }

  private init(
    _ name: String, domain: ArraySlice<Substring>, event: Substring, version: Substring
  ) throws(EventTypeNameError) {
    for part in domain {
      guard let first = part.utf8.first, Self.smalls.contains(first),
        part.utf8.allSatisfy({ Self.smalls.contains($0) || Self.digits.contains($0) || $0 == Self.underscore }
        )
      else { throw .domain(String(part), in: name) }
    }
    guard let first = event.utf8.first, Self.capitals.contains(first),
      event.utf8.allSatisfy({
        Self.smalls.contains($0) || Self.capitals.contains($0) || Self.digits.contains($0)
      })
    else { throw .event(String(event), in: name) }
    // One way to write each number: no sign, no leading zero.
    guard version.utf8.first == UInt8(ascii: "v"), let number = Int(version.dropFirst()),
      (1...Self.versionMaximum).contains(number), version.dropFirst() == String(number)
    else { throw .version(String(version), in: name) }
    self.domain = domain.joined(separator: ".")
    self.event = String(event)
    self.version = number
  }

  /// The value of the header `ce_type`.
  public var description: String { "\(domain).\(event).v\(version)" }

  /// The full name of the protobuf message.
  public var messageName: String { "\(domain).v\(version).\(event)" }

  private static func parts(of name: String) throws(EventTypeNameError) -> [Substring] {
    let count = name.utf8.count
    guard count <= bytesMaximum else { throw .tooLong(bytes: count, limit: bytesMaximum) }
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count >= 3 else { throw .tooFewParts(name) }
    return parts
  }

  private static let smalls = UInt8(ascii: "a")...UInt8(ascii: "z")
  private static let capitals = UInt8(ascii: "A")...UInt8(ascii: "Z")
  private static let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
  private static let underscore = UInt8(ascii: "_")
}
