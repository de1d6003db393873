// What a request says before its body, whichever version of HTTP it came by: a method, a target, fields. The
// target and the fields lie in one buffer, as they arrived.

import Bytes

/// A method, a target and header fields.
public struct HTTPRequestHead: Sendable {
  /// What is asked.
  public var method: HTTPMethod
  /// Which protocol it came by.
  public var version: HTTPVersion
  /// How the connection is protected.
  public var scheme: HTTPScheme
  /// The header fields.
  public var fields: HTTPFields
  /// The whole target as sent.
  package var targetExtent: HTTPExtent
  /// The path, still escaped; `*` for `OPTIONS *`, empty for CONNECT.
  package var pathExtent: HTTPExtent
  /// What follows the path's question mark; nil without one.
  package var queryExtent: HTTPExtent?
  /// The host and port that were asked for; nil when nothing says.
  package var authorityExtent: HTTPExtent?

  /// An empty head, for a parser to fill.
  package init() {
    method = .get
    version = .http11
    scheme = .http
    fields = HTTPFields()
    targetExtent = .none
    pathExtent = .none
  }

  /// A request to be sent.
  ///
  /// - Parameters:
  ///   - method: what is asked.
  ///   - target: the path and the query, escaped: `/search?q=a%20b`. A byte that may not stand there is a
  ///     programmer's error.
  ///   - authority: the host, and the port unless it is the scheme's.
  ///   - scheme: how the connection is protected.
  ///   - fields: header fields; Host comes from `authority`.
  public init(
    _ method: HTTPMethod, _ target: String, authority: String, scheme: HTTPScheme = .http,
    fields: HTTPFields = HTTPFields()
  ) {
    precondition(!target.isEmpty && target.utf8.allSatisfy(HTTPByte.isTarget), "a target is escaped")
    self.init()
    self.method = method
    self.scheme = scheme
    self.fields.adopt(ByteBuffer(target))
    targetExtent = HTTPExtent(0, self.fields.bytes.count)
    splitTarget()
    let start = self.fields.bytes.count
    self.fields.bytes.append(authority)
    authorityExtent = HTTPExtent(start, self.fields.bytes.count)
    self.fields.append(fields)
  }

  /// Finds the path and the query in an origin-form target.
  package mutating func splitTarget() {
    let extent = targetExtent
    let mark = fields.bytes.withReadableBytes { extent.of($0).firstIndex(of: UInt8(ascii: "?")) }
    let (start, end) = (Int(extent.start), Int(extent.start) + Int(extent.count))
    pathExtent = HTTPExtent(start, mark.map { start + $0 } ?? end)
    queryExtent = mark.map { HTTPExtent(start + $0 + 1, end) }
  }

  // MARK: The target

  /// The target as sent, still escaped.
  public var target: String { text(targetExtent) }

  /// The path, still escaped; `*` for `OPTIONS *`, empty for CONNECT.
  public var path: String { text(pathExtent) }

  /// What follows the path's question mark, still escaped; nil without one.
  public var query: String? { queryExtent.map(text) }

  /// The host, and the port if it was named; nil when the client named none, as HTTP/1.0 may.
  public var authority: String? { authorityExtent.map(text) }

  /// Calls `body` with the path as sent; the pointer is good only inside the call.
  public func withPath<Result, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try fields.bytes.withReadableBytes { all throws(Failure) in try body(pathExtent.of(all)) }
  }

  /// The path's segments, each decoded: `/a%20b/c` is `["a b", "c"]`, and `/` is `[""]`.
  ///
  /// - Throws: 400 for an escape that is none, for text that is not UTF-8, for a NUL, and for the segments `.`
  ///   and `..`, with which a path means another one than it says.
  public func pathSegments() throws(HTTPError) -> [String] {
    try withPath { path throws(HTTPError) in
      var segments: [String] = []
      let rest = path.first == UInt8(ascii: "/") ? path.dropFirst() : path[...]
      for part in rest.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
        let bytes = UnsafeRawBufferPointer(rebasing: part)
        guard let text = PercentEncoding.decode(bytes), !text.utf8.contains(0) else {
          throw .badRequest(code: "malformed_path", "the path has an escape that stands for nothing")
        }
        if text == "." || text == ".." {
          throw .badRequest(code: "malformed_path", "the path has a segment of dots")
        }
        segments.append(text)
      }
      return segments
    }
  }

  /// The query's parameters, decoded; none without a query.
  public func queryParameters(limit: Int = HTTPQuery.parametersMaximum) throws(HTTPError) -> HTTPQuery {
    guard let extent = queryExtent else { return HTTPQuery() }
    return try fields.bytes.withReadableBytes { all throws(HTTPError) in
      try HTTPQuery(extent.of(all), limit: limit)
    }
  }

  private func text(_ extent: HTTPExtent) -> String {
    fields.bytes.withReadableBytes { HTTPFields.text(extent.of($0)) }
  }
}

extension HTTPRequestHead: CustomStringConvertible {
  /// The method and the target.
  public var description: String { "\(method) \(target)" }
}
