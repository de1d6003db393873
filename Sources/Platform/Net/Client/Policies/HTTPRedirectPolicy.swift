// Where an answer of 3xx leads, and what goes there.

import HTTP

/// Whether redirects are followed.
public struct HTTPRedirectPolicy: Hashable, Sendable {
  /// How many in a row are followed; at 0 each is given to the caller.
  public var maximum: Int
  /// Whether one may lead from https to http. What the caller meant to be secret then is not.
  public var allowsDowngrade = false

  /// Follows up to `maximum` redirects.
  public init(maximum: Int) { self.maximum = maximum }

  /// Follows none.
  public static let none = HTTPRedirectPolicy(maximum: 0)

  /// What is asked next; nil when the answer is the caller's.
  ///
  /// - Parameter canSendBody: whether the request's body is there to be sent again.
  /// - Throws: `.redirectRefused`, `.malformedURL`.
  func next(
    _ request: HTTPClientRequest, answered head: HTTPResponseHead, canSendBody: Bool
  ) throws(HTTPClientError) -> HTTPClientRequest? {
    guard maximum > 0, let location = head.fields["location"] else { return nil }
    var next = request
    switch head.status.code {
    case 301, 302: if request.method == .post { next.becomeGet() }
    // The answer to what was done is elsewhere.
    case 303: if request.method != .get && request.method != .head { next.becomeGet() }
    case 307, 308: break
    default: return nil
    }
    if case .none = next.body {} else if !canSendBody { return nil }
    next.url = try request.url.resolving(location)
    if request.url.scheme == .https && next.url.scheme == .http && !allowsDowngrade {
      throw .redirectRefused(to: next.url.description)
    }
    if !next.url.hasSameOrigin(as: request.url) { next.forgetSecrets() }
    return next
  }
}

extension HTTPClientRequest {
  fileprivate mutating func becomeGet() {
    method = .get
    body = .none
    let names: [StaticString] = [
      "content-type", "content-encoding", "content-language", "content-location", "content-digest",
    ]
    for name in names where fields.contains(name) { fields.remove(name) }
  }

  /// What was meant for one server is not another's.
  fileprivate mutating func forgetSecrets() {
    let names: [StaticString] = ["authorization", "cookie", "proxy-authorization"]
    for name in names where fields.contains(name) { fields.remove(name) }
  }
}
