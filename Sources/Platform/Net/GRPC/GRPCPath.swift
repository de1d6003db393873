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
  package init?(path: String) {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 3, parts[0].isEmpty, !parts[1].isEmpty, !parts[2].isEmpty else { return nil }
    self.init(service: String(parts[1]), method: String(parts[2]))
  }

  /// As a request's path has it.
  public var path: String { "/\(service)/\(method)" }
}

/// `content-type` of calls.
package enum GRPCContentType {
  /// Of calls whose messages are protobuf.
  package static let protobuf = "application/grpc+proto"

  /// Whether a field's value is of a call whose messages are protobuf.
  package static func isOfCall(_ field: UnsafeRawBufferPointer) -> Bool {
    let type = field.prefix { $0 != UInt8(ascii: ";") && $0 != UInt8(ascii: " ") }
    return matches(type, "application/grpc") || matches(type, "application/grpc+proto")
  }

  private static func matches(_ bytes: Slice<UnsafeRawBufferPointer>, _ type: StaticString) -> Bool {
    guard bytes.count == type.utf8CodeUnitCount else { return false }
    let wanted = UnsafeBufferPointer(start: type.utf8Start, count: type.utf8CodeUnitCount)
    return zip(bytes, wanted).allSatisfy { ($0 | 0x20) == ($1 | 0x20) && ($0 == $1 || $0 >= 0x40) }
  }
}
