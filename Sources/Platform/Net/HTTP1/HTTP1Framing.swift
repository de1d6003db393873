// What a server has to know of a request besides its meaning: where the body ends, and what the client expects
// of the connection.

public import HTTP

/// How a request sits on its connection.
public struct HTTP1Framing: Hashable, Sendable {
  /// How the body is delimited; `.unknown` is chunked.
  public var body: HTTPBodyLength
  /// Whether the client would send another request after this one.
  public var keepsAlive: Bool
  /// Whether the client waits for 100 (Continue) before it sends the body.
  public var expectsContinue: Bool
  /// Whether the client offers to change to another protocol.
  public var offersUpgrade: Bool

  /// A request without a body on a connection that is kept.
  public init() {
    body = .none
    keepsAlive = true
    expectsContinue = false
    offersUpgrade = false
  }

  /// The verdict once all fields of a request were seen.
  init(
    _ fields: FramingFields, _ version: HTTPVersion, _ limits: HTTP1Limits
  ) throws(HTTP1Error) {
    if fields.hosts > 1 { throw .malformed("Host is repeated") }
    if version == .http11 && fields.hosts == 0 { throw .malformed("Host is missing") }
    if fields.hasTransferEncoding {
      if version == .http10 { throw .malformed("HTTP/1.0 has no Transfer-Encoding") }
      if fields.contentLength != nil { throw .malformed("both Transfer-Encoding and Content-Length") }
      if fields.hasUnknownCoding { throw .unsupportedTransferCoding }
      body = .unknown
    } else if let length = fields.contentLength, length > 0 {
      body = .exactly(length)
    } else {
      body = .none
    }
    switch body {
    case .exactly(let length) where length > limits.bodyBytesMaximum:
      throw .bodyTooLarge(limit: limits.bodyBytesMaximum)
    // A server that takes no bodies need not wait to see that a chunked one is not empty.
    case .unknown where limits.bodyBytesMaximum == 0: throw .bodyTooLarge(limit: 0)
    default: break
    }
    // HTTP/1.0 knows no expectations; its clients send them only by mistake.
    if version == .http11 && fields.expectation == .unknown { throw .unknownExpectation }
    expectsContinue = version == .http11 && fields.expectation == .toContinue && body != .none
    keepsAlive = !fields.closes && (version == .http11 || fields.keepsAlive)
    offersUpgrade = version == .http11 && fields.upgrades && fields.hasUpgrade
  }
}
