// Where a request goes, as a URL says it (RFC 3986), and where a relative reference leads from there.

public import HTTP

/// An `http` or `https` URL, without user and fragment.
public struct HTTPClientURL: Hashable, Sendable {
  /// How the connection is protected.
  public let scheme: HTTPScheme
  /// A name in small letters, or an address; one of IPv6 without its brackets.
  public let host: String
  /// The port.
  public let port: UInt16
  /// The path and the query, escaped.
  public let target: String

  /// The longest URL that is taken, in bytes.
  static let bytesMaximum = 8 << 10

  /// The URL that `text` spells.
  ///
  /// - Throws: `.malformedURL`.
  public init(_ text: String) throws(HTTPClientError) {
    guard text.utf8.count <= Self.bytesMaximum, let colon = text.range(ofFirst: "://"),
      let scheme = HTTPScheme(rawValue: text[..<colon.lowerBound].lowercased())
    else { throw .malformedURL(text) }
    let rest = text[colon.upperBound...]
    let end = rest.firstIndex { $0 == "/" || $0 == "?" || $0 == "#" } ?? rest.endIndex
    guard let url = HTTPClientURL(scheme, authority: rest[..<end], reference: rest[end...]) else {
      throw .malformedURL(text)
    }
    self = url
  }

  private init?(_ scheme: HTTPScheme, authority: Substring, reference: Substring) {
    var authority = String(authority)
    let isValid = authority.withUTF8 {
      HTTPAuthority.isValid(UnsafeRawBufferPointer($0), needsPort: false)
    }
    guard isValid else { return nil }
    var host = authority[...]
    var port = scheme == .http ? UInt16(80) : 443
    if let colon = authority.lastIndex(of: ":"), !authority[colon...].contains("]") {
      host = authority[..<colon]
      let digits = authority[authority.index(after: colon)...]
      if !digits.isEmpty {
        guard let number = UInt16(digits), number > 0 else { return nil }
        port = number
      }
    }
    if host.hasPrefix("[") { host = host.dropFirst().dropLast() }
    let path = reference.prefix { $0 != "#" }
    self.init(scheme, host.lowercased(), port, path.hasPrefix("/") ? String(path) : "/" + path)
  }

  private init?(_ scheme: HTTPScheme, _ host: String, _ port: UInt16, _ target: String) {
    guard target.utf8.allSatisfy(HTTPByte.isTarget) else { return nil }
    self.scheme = scheme
    self.host = host
    self.port = port
    self.target = target
  }

  /// The host, and the port unless it is the scheme's: what goes into Host and `:authority`.
  public var authority: String {
    let name = host.contains(":") ? "[\(host)]" : host
    return port == (scheme == .http ? 80 : 443) ? name : "\(name):\(port)"
  }

  /// Whether requests to `other` go to the same server, as far as secrets are concerned.
  public func hasSameOrigin(as other: HTTPClientURL) -> Bool {
    scheme == other.scheme && host == other.host && port == other.port
  }

  // MARK: References

  /// Where `reference`, as in a Location field, leads from here (RFC 3986 section 5.2).
  ///
  /// - Throws: `.malformedURL`.
  public func resolving(_ reference: String) throws(HTTPClientError) -> HTTPClientURL {
    if reference.hasPrefix("//") { return try HTTPClientURL("\(scheme.rawValue):\(reference)") }
    let head = reference.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
    if head.contains(":") { return try HTTPClientURL(reference) }
    let plain = reference.prefix { $0 != "#" }
    let query = plain.firstIndex(of: "?").map { plain[$0...] }
    let path = plain.prefix { $0 != "?" }
    let mine = target.prefix { $0 != "?" }
    let target: String
    if path.isEmpty {
      target = query.map { String(mine + $0) } ?? self.target
    } else {
      let base = path.hasPrefix("/") ? "" : mine[...(mine.lastIndex(of: "/") ?? mine.startIndex)]
      target = Self.withoutDots(base + path) + (query ?? "")
    }
    guard reference.utf8.count <= Self.bytesMaximum,
      let url = HTTPClientURL(scheme, host, port, target)
    else { throw .malformedURL(reference) }
    return url
  }

  /// The path without segments of dots (section 5.2.4).
  private static func withoutDots(_ path: Substring) -> String {
    var kept: [Substring] = []
    let segments = path.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
    for (index, segment) in segments.enumerated() {
      let isLast = index == segments.count - 1
      switch segment {
      case ".": if isLast { kept.append("") }
      case "..":
        if !kept.isEmpty { kept.removeLast() }
        if isLast { kept.append("") }
      default: kept.append(segment)
      }
    }
    return "/" + kept.joined(separator: "/")
  }
}

extension HTTPClientURL: CustomStringConvertible {
  /// The URL.
  public var description: String { "\(scheme.rawValue)://\(authority)\(target)" }
}

extension String {
  /// Where `other` first stands.
  fileprivate func range(ofFirst other: StaticString) -> Range<Index>? {
    var index = utf8.startIndex
    while index < utf8.endIndex {
      let part = utf8[index...].prefix(other.utf8CodeUnitCount)
      let matches = other.withUTF8Buffer { part.elementsEqual($0) }
      if matches { return index..<part.endIndex }
      index = utf8.index(after: index)
    }
    return nil
  }
}
