/// Why a message of a type known at run time was not shown as JSON, and where in it.
public struct ProtobufDynamicError: Error, Equatable, Sendable {
  /// What was wrong.
  public enum Reason: Equatable, Sendable {
    /// No message type has the name that was asked for.
    case unknownMessage(String)
    /// The bytes, or those in an `Any`, are no message of their type. Positions are counted from where the
    /// outermost message, or the `Any`'s content, begins.
    case malformed(ProtobufError)
    /// The message has no JSON: a timestamp out of range, an `Any` of an unknown type, more than the limits allow.
    case json(ProtobufJSONError)
  }

  /// What was wrong.
  public var reason: Reason
  /// The fields that lead there, by their names in the .proto file: `settings.list[2].by_name["a"]`. Empty for the
  /// message itself.
  public var path: String

  /// An error.
  public init(_ reason: Reason, path: String = "") {
    self.reason = reason
    self.path = path
  }
}

extension ProtobufDynamicError: CustomStringConvertible {
  /// A sentence for a log line.
  public var description: String {
    let place = path.isEmpty ? "protobuf message" : "protobuf field \(path)"
    return switch reason {
    case .unknownMessage(let name): "protobuf message type '\(name)' is in no descriptor"
    case .malformed(let error): "\(place): \(error)"
    case .json(let error): "\(place) has no JSON: \(error)"
    }
  }
}
