/// Why a text is not the name of an event type.
public enum EventTypeNameError: Error, Equatable, Sendable {
  /// It is longer than the limit.
  case tooLong(bytes: Int, limit: Int)
  /// It has fewer than three parts: a domain, an event and a version.
  case tooFewParts(String)
  /// A part of the domain is not small letters, digits and underscores, a letter first.
  case domain(String, in: String)
  /// The event is not letters and digits, a capital first.
  case event(String, in: String)
  /// The version is not `v` and a number from 1 up, written the shortest way.
  case version(String, in: String)
}

extension EventTypeNameError: CustomStringConvertible {
  /// A sentence for a log line.
  public var description: String {
    switch self {
    case .tooLong(let bytes, let limit): "an event type of \(bytes) bytes, at most \(limit) are accepted"
    case .tooFewParts(let name): "event type '\(name)' is not like 'varve.log.TopicSet.v1'"
    case .domain(let part, let name): "'\(part)' in event type '\(name)' is no domain: like 'varve'"
    case .event(let part, let name): "'\(part)' in event type '\(name)' is no event: like 'TopicSet'"
    case .version(let part, let name): "'\(part)' in event type '\(name)' is no version: like 'v1'"
    }
  }
}
