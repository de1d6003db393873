// What an answer says before its body.

/// A status and its header fields.
public struct HTTPResponseHead: Sendable {
  /// How the request was answered.
  public var status: HTTPStatus
  /// The header fields. The fields that frame a message (Content-Length, Transfer-Encoding, Connection) are the
  /// server's to write, not the handler's.
  public var fields: HTTPFields

  /// A status with fields.
  public init(_ status: HTTPStatus = 200, fields: HTTPFields = HTTPFields()) {
    self.status = status
    self.fields = fields
  }
}
