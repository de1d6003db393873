// Who is at the other end when proxies stand between (RFC 7239). Every proxy says who spoke to it, and anybody can
// write such a field: it is believed only as far as trusted proxies wrote it.

public import Runtime

/// Who sent a request, as far as it is known.
public struct ForwardedClient: Hashable, Sendable {
  /// Its address; nil when its end of the connection has none that is known.
  public let address: IPAddress?
  /// What it used to reach the outermost trusted proxy; nil when that does not say.
  public let scheme: HTTPScheme?
}

/// Which proxies are believed, and which field they write.
public struct ProxyTrust: Sendable {
  /// The field that the proxies write. The other one is the client's to forge, and so never looked at.
  public enum Field: Sendable {
    /// `Forwarded`.
    case forwarded
    /// `X-Forwarded-For` and `X-Forwarded-Proto`.
    case xForwarded
  }

  /// More proxies than this in a row are not followed.
  public static let hopsMaximum = 32

  private let networks: [NetworkPrefix]
  private let field: Field

  /// Believes what proxies in `networks` write into `field`.
  public init(networks: [NetworkPrefix], field: Field) {
    self.networks = networks
    self.field = field
  }

  private struct Hop {
    var address: IPAddress?
    var scheme: HTTPScheme?
  }

  /// Who sent a request.
  ///
  /// - Parameters:
  ///   - peer: who is at the other end of the connection.
  ///   - fields: what the request says.
  public func client(peer: IPAddress?, _ fields: HTTPFields) -> ForwardedClient {
    var client = ForwardedClient(address: peer?.canonical, scheme: nil)
    guard let peer, isTrusted(peer) else { return client }
    let hops =
      switch field {
      case .forwarded: Self.forwarded(fields)
      case .xForwarded: Self.xForwarded(fields)
      }
    // The last hop is what the nearest proxy saw. The first that is no trusted proxy is the client; one that hides its
    // name ends what is known.
    for hop in hops.suffix(Self.hopsMaximum).reversed() {
      guard let address = hop.address else {
        return ForwardedClient(address: client.address, scheme: hop.scheme ?? client.scheme)
      }
      client = ForwardedClient(address: address, scheme: hop.scheme)
      if !isTrusted(address) { break }
    }
    return client
  }

  private func isTrusted(_ address: IPAddress) -> Bool { networks.contains { $0.contains(address) } }

  // MARK: Fields

  private static func forwarded(_ fields: HTTPFields) -> [Hop] {
    guard let list = fields.list(of: "forwarded") else { return [] }
    var (scanner, hops) = (FieldScanner(list), [Hop]())
    repeat {
      // The grammar of parameters, but for the semicolon before the first.
      var hop = Hop()
      repeat {
        scanner.skipBlanks()
        guard let name = scanner.token()?.lowercasedASCII, scanner.take("="), let value = scanner.word()
        else {
          break
        }
        if name == "for" { hop.address = node(value) }
        if name == "proto" { hop.scheme = scheme(value) }
        scanner.skipBlanks()
      } while scanner.take(";")
      if !(scanner.isAtEnd || scanner.next == UInt8(ascii: ",")) { hop = Hop() }
      hops.append(hop)
    } while scanner.skipToNextMember()
    return hops
  }

  private static func xForwarded(_ fields: HTTPFields) -> [Hop] {
    var hops = members(fields, "x-forwarded-for").map { Hop(address: node($0)) }
    let schemes = members(fields, "x-forwarded-proto")
    // Each proxy appends to both, or the nearest one sets the scheme that the client had used.
    for index in hops.indices {
      hops[index].scheme = schemes.count == hops.count ? scheme(schemes[index]) : schemes.last.flatMap(scheme)
    }
    return hops
  }

  private static func members(_ fields: HTTPFields, _ name: StaticString) -> [String] {
    guard let list = fields.list(of: name) else { return [] }
    return list.split(separator: ",", omittingEmptySubsequences: false).map { member in
      String(member.drop { $0 == " " || $0 == "\t" }.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
    }
  }

  private static func scheme(_ text: String) -> HTTPScheme? {
    switch text.lowercasedASCII {
    case "http": .http
    case "https": .https
    default: nil
    }
  }

  /// The address of a node: `192.0.2.1`, `192.0.2.1:80`, `[2001:db8::1]:80`, `2001:db8::1`; nil for a hidden one.
  private static func node(_ text: String) -> IPAddress? {
    if text.hasPrefix("[") {
      guard let end = text.firstIndex(of: "]") else { return nil }
      let rest = text[text.index(after: end)...]
      guard rest.isEmpty || rest.hasPrefix(":"), case .v6? = IPAddress(text[..<end].dropFirst()) else {
        return nil
      }
      return IPAddress(text[..<end].dropFirst())?.canonical
    }
    let colons = text.utf8.count { $0 == UInt8(ascii: ":") }
    if colons == 1 { return IPAddress(text.prefix { $0 != ":" })?.canonical }
    return IPAddress(text)?.canonical
  }
}
