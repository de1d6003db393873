// The cookies of a request (RFC 6265 section 4.2).

/// Names and values in the order they came. A name may come more than once.
public struct HTTPCookies: Sendable {
  /// More cookies than this are refused.
  public static let cookiesMaximum = 128

  /// Every cookie. A value's own quotes are not part of it.
  public let cookies: [(name: String, value: String)]

  /// The cookies that `fields` hold. What is no cookie is passed over: other servers of the same domain set cookies
  /// too, and a person cannot be asked to mend theirs.
  ///
  /// - Throws: 400 when there are more than `limit`.
  public init(_ fields: HTTPFields, limit: Int = cookiesMaximum) throws(HTTPError) {
    var cookies: [(name: String, value: String)] = []
    for field in fields.values(of: "cookie") {
      for pair in field.utf8.split(separator: UInt8(ascii: ";")) {
        guard let cookie = Self.cookie(pair) else { continue }
        guard cookies.count < limit else {
          throw .badRequest(code: "too_many_cookies", "there are more than \(limit) cookies")
        }
        cookies.append(cookie)
      }
    }
    self.cookies = cookies
  }

  private static func cookie(_ pair: Substring.UTF8View) -> (name: String, value: String)? {
    guard let equals = pair.firstIndex(of: UInt8(ascii: "=")) else { return nil }
    let name = trimmed(pair[..<equals])
    var value = trimmed(pair[pair.index(after: equals)...])
    if value.count >= 2, value.first == UInt8(ascii: "\""), value.last == UInt8(ascii: "\"") {
      value = value.dropFirst().dropLast()
    }
    guard !name.isEmpty, name.allSatisfy(HTTPByte.isToken), value.allSatisfy(isValue) else { return nil }
    return (String(decoding: name, as: UTF8.self), String(decoding: value, as: UTF8.self))
  }

  private static func trimmed(_ text: Substring.UTF8View) -> Substring.UTF8View {
    var text = text
    while let first = text.first, HTTPByte.isBlank(first) { text.removeFirst() }
    while let last = text.last, HTTPByte.isBlank(last) { text.removeLast() }
    return text
  }

  /// Wider than what may be set: blanks, commas, quotes and what is above ASCII are sent in practice.
  private static func isValue(_ byte: UInt8) -> Bool { byte >= 0x20 && byte != 0x7f }

  /// The value of the first cookie named `name`, case and all; nil when there is none. The first is the one whose
  /// path is the closest.
  public subscript(name: String) -> String? { cookies.first { $0.name == name }?.value }
}

extension HTTPCookies: CustomStringConvertible {
  /// The names: values may be secrets.
  public var description: String { cookies.map(\.name).joined(separator: " ") }
}
