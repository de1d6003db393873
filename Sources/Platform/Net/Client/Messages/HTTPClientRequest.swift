// What is asked of a server.

import Bytes
public import HTTP

/// A request to be sent.
public struct HTTPClientRequest: Sendable {
  /// What is asked.
  public var method: HTTPMethod
  /// Of which resource.
  public var url: HTTPClientURL
  /// Header fields. Those that say how the message is sent (Host, Content-Length, Transfer-Encoding,
  /// Connection and the like) are the client's to write and left out.
  public var fields: HTTPFields
  /// The body.
  public var body: HTTPRequestBody
  /// The time for all of it, from waiting for a connection to the answer's last byte; nil for what the client
  /// is set up with.
  public var timeout: Duration?

  /// A request for a URL.
  public init(
    _ method: HTTPMethod = .get, _ url: HTTPClientURL, fields: HTTPFields = HTTPFields(),
    body: HTTPRequestBody = .none
  ) {
    self.method = method
    self.url = url
    self.fields = fields
    self.body = body
  }

  /// A request for a URL as text.
  ///
  /// - Throws: `.malformedURL`.
  public init(
    _ method: HTTPMethod = .get, _ url: String, fields: HTTPFields = HTTPFields(),
    body: HTTPRequestBody = .none
  ) throws(HTTPClientError) {
    self.init(method, try HTTPClientURL(url), fields: fields, body: body)
  }
}

extension HTTPClientRequest {
  /// What the client writes itself.
  private static let ownFields: [StaticString] = [
    "host", "content-length", "transfer-encoding", "connection", "keep-alive", "proxy-connection",
    "upgrade", "te", "trailer", "expect",
  ]

  /// How the body is delimited.
  var bodyLength: HTTPBodyLength {
    switch body {
    // Servers may insist on knowing that there is none (RFC 9110 section 8.6).
    case .none: method == .post || method == .put || method == .patch ? .exactly(0) : .none
    case .bytes(let bytes): .exactly(bytes.count)
    case .producer(let producer): producer.length.map { .exactly($0) } ?? .unknown
    }
  }

  /// Whether there are bytes to be sent behind the head.
  var hasBody: Bool {
    switch body {
    case .none: false
    case .bytes(let bytes): !bytes.isEmpty
    case .producer: true
    }
  }

  /// The head that goes out.
  func head(_ configuration: HTTPClient.Configuration, _ version: HTTPVersion) -> HTTPRequestHead {
    var fields = fields
    for name in Self.ownFields where fields.contains(name) { fields.remove(name) }
    if let agent = configuration.userAgent, !fields.contains("user-agent") {
      fields.append("User-Agent", agent)
    }
    if configuration.decodesContent && !fields.contains("accept-encoding") {
      fields.append("Accept-Encoding", "gzip, deflate, zstd")
    }
    if version == .http2, case .exactly(let count) = bodyLength {
      fields.append("Content-Length", "\(count)")
    }
    return HTTPRequestHead(
      method, url.target, authority: url.authority, scheme: url.scheme, fields: fields)
  }
}
