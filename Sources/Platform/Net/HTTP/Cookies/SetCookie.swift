// A cookie as a server sets it (RFC 6265 section 4.1).

/// A cookie to be set: closed to scripts, other sites and plain connections unless it says otherwise.
public struct SetCookie: Sendable {
  /// Whether requests that another site causes carry the cookie.
  public enum SameSite: String, Sendable {
    /// They do not.
    case strict = "Strict"
    /// Only when they lead a person here.
    case lax = "Lax"
    /// They do; only for cookies that are secure.
    case none = "None"
  }

  /// Bytes of a name and value together that browsers are sure to take.
  public static let bytesMaximum = 4096

  /// What the cookie is called.
  public let name: String
  /// What it holds.
  public let value: String
  /// How many seconds it is kept; nil until the browser ends, zero to have it forgotten.
  public var maximumAgeSeconds: Int?
  /// The host that it goes to, with those below it; nil for this host alone.
  public var domain: String?
  /// The path that it goes to, with those below it; nil for the request's.
  public var path: String? = "/"
  /// Whether it goes over TLS only.
  public var isSecure = true
  /// Whether it is hidden from scripts.
  public var isHTTPOnly = true
  /// Whether requests that another site causes carry it.
  public var sameSite: SameSite? = .lax

  /// A cookie; nil when the name is no token, the value has blanks, quotes, commas, semicolons, backslashes, controls or
  /// what is above ASCII, or both are too long: encode such a value first.
  public init?(_ name: String, _ value: String) {
    guard !name.isEmpty, name.utf8.allSatisfy(HTTPByte.isToken), value.utf8.allSatisfy(Self.isValue),
      name.utf8.count + value.utf8.count <= Self.bytesMaximum
    else { return nil }
    self.name = name
    self.value = value
  }

  private static func isValue(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x21, 0x23...0x2b, 0x2d...0x3a, 0x3c...0x5b, 0x5d...0x7e: true
    default: false
    }
  }

  /// The value of the Set-Cookie field. Attributes that contradict each other, or would break the field apart, are a
  /// programmer's error.
  public var text: String {
    precondition(sameSite != SameSite.none || isSecure, "a cookie for other sites is secure")
    precondition(!name.hasPrefix("__Secure-") || isSecure, "a __Secure- cookie is secure")
    precondition(
      !name.hasPrefix("__Host-") || (isSecure && path == "/" && domain == nil),
      "a __Host- cookie is secure and for this host's every path")
    var text = "\(name)=\(value)"
    if let maximumAgeSeconds { text += "; Max-Age=\(max(0, maximumAgeSeconds))" }
    if let domain { text += "; Domain=\(Self.checked(domain))" }
    if let path { text += "; Path=\(Self.checked(path))" }
    if isSecure { text += "; Secure" }
    if isHTTPOnly { text += "; HttpOnly" }
    if let sameSite { text += "; SameSite=\(sameSite.rawValue)" }
    return text
  }

  private static func checked(_ attribute: String) -> String {
    precondition(
      attribute.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7f && $0 != UInt8(ascii: ";") },
      "an attribute is plain text without semicolons")
    return attribute
  }
}

extension HTTPFields {
  /// Appends the field that sets `cookie`.
  public mutating func append(_ cookie: SetCookie) { append("Set-Cookie", cookie.text) }
}
