// Which method a call is for: `/package.Service/Method`.

/// A method's full name.
public struct GRPCPath: Hashable, Sendable {
  /// With its package.
  public let service: String
  /// Of the service.
  public let method: String

  /// A method of a service.
  public init(service: String, method: String) {
    self.service = service
    self.method = method
  }

  /// The method that a request's path names; nil when it names none.
  init?(path: String) {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 3, parts[0].isEmpty, !parts[1].isEmpty, !parts[2].isEmpty else { return nil }
    self.init(service: String(parts[1]), method: String(parts[2]))
  }

  /// As a request's path has it.
  public var path: String { "/\(service)/\(method)" }
}

/// `content-type` of calls.
enum GRPCContentType {
  static let protobuf = "application/grpc+proto"

  /// Whether a field's value is of a call whose messages are protobuf.
  static func isProtobuf(_ field: String) -> Bool {
    let type = field.prefix { $0 != ";" }.lowercased()
    let trimmed = type.hasSuffix(" ") ? String(type.prefix { $0 != " " }) : type
    return trimmed == "application/grpc" || trimmed == protobuf
  }
}
