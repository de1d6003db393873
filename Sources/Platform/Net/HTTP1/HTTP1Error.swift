// What can be wrong with the bytes of an HTTP/1.1 message, and what a server answers to it.

public import HTTP

/// Why bytes are not a message that we take.
public enum HTTP1Error: Error, Hashable, Sendable {
  /// A rule of the protocol is broken; the text says which.
  case malformed(String)
  /// The first line is longer than the limit.
  case lineTooLong(limit: Int)
  /// The fields together are longer than the limit.
  case fieldsTooLong(limit: Int)
  /// There are more fields than the limit.
  case tooManyFields(limit: Int)
  /// The body is longer than the limit.
  case bodyTooLarge(limit: Int)
  /// A transfer coding other than chunked.
  case unsupportedTransferCoding
  /// An HTTP version other than 1.0 and 1.1.
  case unsupportedVersion
  /// The client expects something other than 100-continue.
  case unknownExpectation
  /// The peer finished in the middle of a message.
  case truncated

  /// What a server answers. Where the next request would begin is known only after a whole head, so in every
  /// case the connection ends.
  public var asHTTPError: HTTPError {
    func error(_ status: HTTPStatus, _ code: String, _ text: String) -> HTTPError {
      HTTPError(status, code: code, text, consequence: .closing)
    }
    return switch self {
    case .malformed(let rule): error(400, "malformed_request", "malformed request: \(rule)")
    case .lineTooLong(let limit):
      error(414, "target_too_long", "the request line is longer than \(limit) bytes")
    case .fieldsTooLong(let limit):
      error(431, "fields_too_large", "the header fields are longer than \(limit) bytes")
    case .tooManyFields(let limit):
      error(431, "too_many_fields", "there are more than \(limit) header fields")
    case .bodyTooLarge(let limit): .bodyTooLarge(limit: limit)
    case .unsupportedTransferCoding:
      error(501, "unsupported_transfer_coding", "the only transfer coding understood is chunked")
    case .unsupportedVersion:
      error(505, "unsupported_version", "HTTP/1.0 and HTTP/1.1 are spoken here")
    case .unknownExpectation:
      error(417, "unknown_expectation", "the only expectation understood is 100-continue")
    case .truncated: error(400, "truncated_request", "the request ends in the middle")
    }
  }
}
