// How a request was answered, as a number and the words that go with it.

/// A status code.
public struct HTTPStatus: Hashable, Sendable {
  /// The number, of three digits.
  public let code: Int

  /// The status with this number.
  @inlinable
  public init(_ code: Int) {
    precondition(code >= 100 && code <= 999, "a status has three digits")
    self.code = code
  }

  /// 1 for what precedes an answer, 2 success, 3 look elsewhere, 4 the client's fault, 5 the server's.
  public var category: Int { code / 100 }

  /// Whether this precedes the answer proper.
  public var isInformational: Bool { category == 1 }

  /// Whether an answer with it never has a body, nor a length of one.
  public var forbidsBody: Bool { isInformational || code == 204 || code == 304 }

  /// The words that RFC 9110 gives it; empty for numbers of other origin, as the reason may be.
  public var reason: StaticString {
    switch code {
    case 100: "Continue"
    case 101: "Switching Protocols"
    case 103: "Early Hints"
    case 200: "OK"
    case 201: "Created"
    case 202: "Accepted"
    case 203: "Non-Authoritative Information"
    case 204: "No Content"
    case 205: "Reset Content"
    case 206: "Partial Content"
    case 207: "Multi-Status"
    case 300: "Multiple Choices"
    case 301: "Moved Permanently"
    case 302: "Found"
    case 303: "See Other"
    case 304: "Not Modified"
    case 307: "Temporary Redirect"
    case 308: "Permanent Redirect"
    case 400...499: clientReason
    case 500...599: serverReason
    default: ""
    }
  }

  private var clientReason: StaticString {
    switch code {
    case 400: "Bad Request"
    case 401: "Unauthorized"
    case 402: "Payment Required"
    case 403: "Forbidden"
    case 404: "Not Found"
    case 405: "Method Not Allowed"
    case 406: "Not Acceptable"
    case 407: "Proxy Authentication Required"
    case 408: "Request Timeout"
    case 409: "Conflict"
    case 410: "Gone"
    case 411: "Length Required"
    case 412: "Precondition Failed"
    case 413: "Content Too Large"
    case 414: "URI Too Long"
    case 415: "Unsupported Media Type"
    case 416: "Range Not Satisfiable"
    case 417: "Expectation Failed"
    case 421: "Misdirected Request"
    case 422: "Unprocessable Content"
    case 423: "Locked"
    case 425: "Too Early"
    case 426: "Upgrade Required"
    case 428: "Precondition Required"
    case 429: "Too Many Requests"
    case 431: "Request Header Fields Too Large"
    case 451: "Unavailable For Legal Reasons"
    default: ""
    }
  }

  private var serverReason: StaticString {
    switch code {
    case 500: "Internal Server Error"
    case 501: "Not Implemented"
    case 502: "Bad Gateway"
    case 503: "Service Unavailable"
    case 504: "Gateway Timeout"
    case 505: "HTTP Version Not Supported"
    case 507: "Insufficient Storage"
    case 511: "Network Authentication Required"
    default: ""
    }
  }
}

extension HTTPStatus: ExpressibleByIntegerLiteral {
  /// The status with this number.
  @inlinable
  public init(integerLiteral value: Int) { self.init(value) }
}

extension HTTPStatus: CustomStringConvertible {
  /// The number and its words.
  public var description: String { reason.utf8CodeUnitCount == 0 ? "\(code)" : "\(code) \(reason)" }
}
