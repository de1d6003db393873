// Answers made smaller for clients that like it.

import Bytes
public import HTTP

/// Compresses answers that endpoints return, when their type, their size and the client are right for it.
///
/// Answers that are written to the exchange are not seen here. Secrets and what a client sent should not be in one
/// compressed body: its size tells of how much they agree.
public struct ResponseCompression: Middleware {
  /// Smaller bodies are left alone: they would gain less than the fields cost.
  public var bodyBytesMinimum = 1 << 10
  /// Larger bodies are left alone: compressing is work for the loop, which has others to serve.
  public var bodyBytesMaximum = 4 << 20
  /// What is offered, the best first.
  public var codings: [ContentCoding] = [.zstd, .gzip]
  /// How much effort to spend, from 1 to 9.
  public var level = 3
  /// The media types that gain from it, besides `text/*` and those that end with `+json` and `+xml`.
  public var types: Set<String> = [
    "application/javascript", "application/json", "application/openmetrics-text", "application/wasm",
    "application/x-ndjson", "application/xml", "image/svg+xml",
  ]

  /// The usual choices.
  public init() {}

  /// Goes on, and compresses the answer.
  public func respond(
    to exchange: inout Exchange, in context: inout RouteContext, next: Next
  ) async throws(HTTPError) -> HTTPResponse? {
    guard let response = try await next.respond(to: &exchange, in: &context) else { return nil }
    return try compress(response, for: exchange.request.fields)
  }

  private func compress(
    _ response: HTTPResponse, for request: HTTPFields
  ) throws(HTTPError) -> HTTPResponse {
    guard case .bytes(let body) = response.body, body.count >= bodyBytesMinimum,
      body.count <= bodyBytesMaximum, isCompressible(response)
    else { return response }
    var response = response
    // Even where it stays as it is: a cache has to know what decided.
    response.fields.append("Vary", "Accept-Encoding")
    let coding = ContentCoding.preferred(request.list(of: "accept-encoding"), of: codings)
    guard coding != .identity else { return response }
    let compressed = try ContentEncoder.encode(body, as: coding, level: level)
    guard compressed.count < body.count else { return response }
    response.body = .bytes(compressed)
    response.fields.append("Content-Encoding", coding.rawValue)
    if let tag = response.fields["etag"].flatMap({ EntityTag(parsing: $0) }) {
      // Other bytes that say the same.
      response.fields.set("ETag", tag.weakened.description)
    }
    return response
  }

  private func isCompressible(_ response: HTTPResponse) -> Bool {
    // A part of something is a part of its bytes.
    guard response.status != 206, !response.status.forbidsBody,
      !response.fields.contains("content-encoding"), !response.fields.contains("content-range"),
      !response.fields.hasMember("no-transform", in: "cache-control"),
      let type = response.fields["content-type"].flatMap({ MediaType($0) })
    else { return false }
    return type.type == "text" || type.essence.hasSuffix("+json") || type.essence.hasSuffix("+xml")
      || types.contains(type.essence)
  }
}
