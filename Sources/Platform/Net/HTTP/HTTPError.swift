// Why a request cannot be answered as it was meant to be. Handlers throw it, protocol engines throw it, and in
// one place it becomes an answer and a log line.

public import Bytes
public import Runtime

/// A request that fails.
public struct HTTPError: Error, Sendable {
  /// What becomes of the connection.
  public enum Consequence: Hashable, Sendable {
    /// The request is answered and the next one is welcome.
    case answered
    /// The request is answered; where the next one would begin is not known, so the connection ends.
    case closing
    /// Nobody is there to be answered.
    case lost
  }

  /// A body for the answer, in place of the explanation as text.
  public struct Representation: Sendable {
    /// What it is.
    public var contentType: String
    /// The body.
    public var body: ByteBuffer

    /// A body of a type.
    public init(contentType: String, body: ByteBuffer) {
      self.contentType = contentType
      self.body = body
    }
  }

  /// The status of the answer.
  public var status: HTTPStatus
  /// A word for programs, which does not change: `body_too_large`.
  public var code: String
  /// What the client is told. No secrets, nothing about the inside.
  public var explanation: String
  /// What the log is told besides.
  public var cause: (any Error)?
  /// Header fields that the status calls for: Allow, Retry-After, WWW-Authenticate.
  public var fields: HTTPFields
  /// What becomes of the connection.
  public var consequence: Consequence
  /// What the client gets to read; nil for the explanation as text.
  public var representation: Representation?

  /// An answer with `status` instead of the one that was asked for.
  ///
  /// - Parameters:
  ///   - status: the status of the answer.
  ///   - code: a word for programs.
  ///   - explanation: what the client is told.
  ///   - cause: what the log is told besides.
  ///   - fields: header fields that the status calls for.
  ///   - consequence: what becomes of the connection.
  public init(
    _ status: HTTPStatus, code: String, _ explanation: String, cause: (any Error)? = nil,
    fields: HTTPFields = HTTPFields(), consequence: Consequence = .answered
  ) {
    self.status = status
    self.code = code
    self.explanation = explanation
    self.cause = cause
    self.fields = fields
    self.consequence = consequence
  }

  /// 400: what was sent breaks a rule, but not the framing: a bad query, a bad number.
  public static func badRequest(code: String = "bad_request", _ explanation: String) -> HTTPError {
    HTTPError(400, code: code, explanation)
  }

  /// 404.
  public static func notFound(_ explanation: String = "there is nothing here") -> HTTPError {
    HTTPError(404, code: "not_found", explanation)
  }

  /// 405: the resource takes other methods.
  public static func methodNotAllowed(_ allowed: [HTTPMethod]) -> HTTPError {
    let list = allowed.map(\.name).joined(separator: ", ")
    var fields = HTTPFields()
    fields.append("Allow", list)
    return HTTPError(405, code: "method_not_allowed", "allowed here: \(list)", fields: fields)
  }

  /// 413: the body is longer than `limit` bytes. What is left of it is not read.
  public static func bodyTooLarge(limit: Int) -> HTTPError {
    HTTPError(
      413, code: "body_too_large", "the body is longer than \(limit) bytes", consequence: .closing)
  }

  /// 500: the fault is ours. The client is told nothing more; the log has the cause.
  public static func internalFailure(_ cause: any Error) -> HTTPError {
    HTTPError(500, code: "internal", "the server failed to answer", cause: cause)
  }

  /// 503: not now.
  public static func unavailable(_ explanation: String, cause: (any Error)? = nil) -> HTTPError {
    HTTPError(503, code: "unavailable", explanation, cause: cause)
  }

  /// The connection failed under the request. The status, 499, is for logs: it is never sent.
  public static func connectionLost(_ cause: NetworkError) -> HTTPError {
    HTTPError(499, code: "connection_lost", "the connection ended", cause: cause, consequence: .lost)
  }
}

extension HTTPError: CustomStringConvertible {
  /// Everything, for logs.
  public var description: String {
    let text = "\(status.code) \(code): \(explanation)"
    return cause.map { "\(text) (\($0))" } ?? text
  }
}
