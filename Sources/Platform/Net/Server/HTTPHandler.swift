// What answers requests.

public import HTTP

/// Answers requests. It runs on the connection's loop: whatever blocks belongs on the pool.
public protocol HTTPHandler: Sendable {
  /// Answers one request: whole with `respond`, or piece by piece with `start`, `write` and `finish`.
  ///
  /// An answer that was begun is finished when this returns. An error thrown before the answer begins becomes the
  /// answer; one thrown later cuts the connection, so that the client does not take half an answer for a whole one.
  func respond(to exchange: inout Exchange) async throws(HTTPError)
}
