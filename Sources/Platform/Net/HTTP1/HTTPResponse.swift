// An answer, and how it is written as HTTP/1.1.

public import Bytes

/// An answer with its body in memory.
public struct HTTPResponse: Sendable {
  /// The status code.
  public var status: Int
  /// Header fields besides those the server writes itself (Content-Length, Connection).
  public var headers: [(name: String, value: String)]
  /// The body.
  public var body: ByteBuffer

  /// An answer of `status` with a body of the given type.
  public init(status: Int = 200, contentType: String, body: ByteBuffer) {
    self.status = status
    headers = [("Content-Type", contentType)]
    self.body = body
  }

  /// A plain-text answer.
  public init(status: Int = 200, text: String) {
    self.init(status: status, contentType: "text/plain; charset=utf-8", body: ByteBuffer(text))
  }

  /// The answer to a request that was refused.
  public init(refusing error: HTTPError) {
    self.init(status: error.status, text: error.explanation + "\n")
  }

  /// Appends the answer to `output`.
  ///
  /// - Parameters:
  ///   - includingBody: false for HEAD, whose answer has the length but not the bytes.
  ///   - keepingAlive: whether the connection will take another request.
  func write(to output: inout ByteBuffer, includingBody: Bool, keepingAlive: Bool) {
    output.append("HTTP/1.1 ")
    output.append(String(status))
    output.append(" ")
    output.append(Self.reason(status))
    output.append("\r\n")
    for (name, value) in headers {
      precondition(Self.isSafe(name) && Self.isSafe(value), "a header field would break the response apart")
      output.append(name)
      output.append(": ")
      output.append(value)
      output.append("\r\n")
    }
    output.append("Content-Length: ")
    output.append(String(body.count))
    output.append(keepingAlive ? "\r\n\r\n" : "\r\nConnection: close\r\n\r\n")
    if includingBody { output.append(body) }
  }

  private static func isSafe(_ text: String) -> Bool {
    !text.utf8.contains { $0 == ASCII.carriageReturn || $0 == ASCII.lineFeed || $0 == 0 }
  }

  private static func reason(_ status: Int) -> String {
    switch status {
    case 200: "OK"
    case 400: "Bad Request"
    case 404: "Not Found"
    case 405: "Method Not Allowed"
    case 408: "Request Timeout"
    case 413: "Content Too Large"
    case 414: "URI Too Long"
    case 431: "Request Header Fields Too Large"
    case 500: "Internal Server Error"
    case 501: "Not Implemented"
    case 503: "Service Unavailable"
    case 505: "HTTP Version Not Supported"
    default: "Status \(status)"
    }
  }
}
