// Why a request was refused, and the status that says so on the wire.

/// A request that cannot be served as it was sent.
public enum HTTPError: Error, Equatable, Sendable {
  /// The bytes are not an HTTP/1.1 request; the text says which rule they break.
  case malformed(String)
  /// The request did not arrive in time.
  case timedOut
  /// The request line is longer than the limit.
  case targetTooLong(limit: Int)
  /// The header fields are more, or longer, than the limit.
  case headerTooLarge(limit: Int)
  /// The body is longer than the limit.
  case bodyTooLarge(limit: Int)
  /// A transfer coding other than chunked.
  case unsupportedTransferCoding
  /// An HTTP version other than 1.0 and 1.1.
  case unsupportedVersion

  /// The status code of the answer.
  public var status: Int {
    switch self {
    case .malformed: 400
    case .timedOut: 408
    case .bodyTooLarge: 413
    case .targetTooLong: 414
    case .headerTooLarge: 431
    case .unsupportedTransferCoding: 501
    case .unsupportedVersion: 505
    }
  }

  /// What the client is told.
  public var explanation: String {
    switch self {
    case .malformed(let rule): "malformed request: \(rule)"
    case .timedOut: "the request did not arrive in time"
    case .targetTooLong(let limit): "the request line is longer than \(limit) bytes"
    case .headerTooLarge(let limit): "the header fields exceed the limit of \(limit)"
    case .bodyTooLarge(let limit): "the body is longer than \(limit) bytes"
    case .unsupportedTransferCoding: "the only transfer coding understood is chunked"
    case .unsupportedVersion: "HTTP/1.0 and HTTP/1.1 are spoken here"
    }
  }
}
