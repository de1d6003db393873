// Who a client says it is (RFC 9110 section 11.6.2, RFC 7617, RFC 6750). Whether to believe it is somebody else's
// question.

import Bytes
import Wire

/// What an Authorization field holds.
public enum HTTPCredentials: Hashable, Sendable {
  /// A name and a password.
  case basic(user: String, password: String)
  /// A token that is good for whoever bears it.
  case bearer(token: String)
  /// Another scheme, in small letters, and what follows it.
  case other(scheme: String, value: String)

  /// The credentials in `field`; nil when they are malformed.
  public init?(_ field: String) {
    var scanner = FieldScanner(field)
    guard let scheme = scanner.token()?.lowercasedASCII else { return nil }
    guard scanner.isAtEnd || scanner.next == 0x20 else { return nil }
    scanner.skipBlanks()
    switch scheme {
    case "basic":
      guard let credentials = Self.basic(scanner.takeRest()) else { return nil }
      self = credentials
    case "bearer":
      let token = scanner.take(while: Self.isToken68) ?? ""
      let padding = scanner.take { $0 == UInt8(ascii: "=") } ?? ""
      guard !token.isEmpty, scanner.isAtEnd else { return nil }
      self = .bearer(token: token + padding)
    default:
      self = .other(scheme: scheme, value: scanner.takeRest())
    }
  }

  /// The credentials of a request; nil when it has none.
  ///
  /// - Throws: 400 when they are malformed or more than one.
  public static func of(_ fields: HTTPFields) throws(HTTPError) -> HTTPCredentials? {
    let values = fields.values(of: "authorization")
    guard let value = values.first else { return nil }
    guard values.count == 1, let credentials = HTTPCredentials(value) else {
      throw .badRequest(code: "malformed_credentials", "the Authorization field is malformed")
    }
    return credentials
  }

  private static func basic(_ text: String) -> HTTPCredentials? {
    let decoded: ByteBuffer
    do throws(TextError) {
      decoded = try Base64.standard.decode(text)
    } catch {
      return nil
    }
    guard let pair = String(validating: decoded), let colon = pair.firstIndex(of: ":"),
      pair.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7f })
    else { return nil }
    return .basic(user: String(pair[..<colon]), password: String(pair[pair.index(after: colon)...]))
  }

  private static func isToken68(_ byte: UInt8) -> Bool {
    HTTPByte.isUnreserved(byte) || byte == UInt8(ascii: "+") || byte == UInt8(ascii: "/")
  }
}

extension HTTPCredentials: CustomStringConvertible {
  /// The scheme: the rest is secret.
  public var description: String {
    switch self {
    case .basic: "basic"
    case .bearer: "bearer"
    case .other(let scheme, _): scheme
    }
  }
}

extension HTTPError {
  /// 401: who asks has to say who they are.
  ///
  /// - Parameter challenge: the value of WWW-Authenticate: `Bearer`, `Basic realm="varve", charset="UTF-8"`.
  public static func unauthorized(
    code: String = "unauthorized", challenge: String, _ explanation: String = "credentials are needed"
  ) -> HTTPError {
    HTTPError(401, code: code, explanation, fields: ["WWW-Authenticate": challenge])
  }
}
