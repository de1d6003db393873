// An answer that is known whole before any of it is sent.

public import Bytes
public import HTTP
public import Runtime

/// A status, fields and a body.
public struct HTTPResponse: Sendable {
  /// What the body is.
  public enum Body: Sendable {
    /// Nothing.
    case none
    /// Bytes in memory.
    case bytes(ByteBuffer)
    /// Part of a file, which must stay open until the answer was sent.
    case file(FileRange)

    /// How long it is.
    public var length: HTTPBodyLength {
      switch self {
      case .none: .none
      case .bytes(let buffer): .exactly(buffer.count)
      case .file(let range): .exactly(range.count)
      }
    }
  }

  /// How the request was answered.
  public var status: HTTPStatus
  /// Header fields besides those that the server writes: Content-Length, Transfer-Encoding, Connection, Date.
  public var fields: HTTPFields
  /// The body.
  public var body: Body

  /// An answer.
  public init(_ status: HTTPStatus = 200, fields: HTTPFields = HTTPFields(), body: Body = .none) {
    self.status = status
    self.fields = fields
    self.body = body
  }

  /// An answer of `status` with a body of the given type.
  public init(_ status: HTTPStatus = 200, contentType: String, body: ByteBuffer) {
    self.init(status, fields: ["Content-Type": contentType], body: .bytes(body))
  }

  /// A plain-text answer.
  public init(_ status: HTTPStatus = 200, text: String) {
    self.init(status, contentType: "text/plain; charset=utf-8", body: ByteBuffer(text))
  }

  /// The answer to a request that failed: the explanation, as text unless the error brings a body, and what else the
  /// status calls for.
  public init(refusing error: HTTPError) {
    if let representation = error.representation {
      self.init(error.status, contentType: representation.contentType, body: representation.body)
    } else {
      self.init(error.status, text: error.explanation + "\n")
    }
    fields.append(error.fields)
  }
}
