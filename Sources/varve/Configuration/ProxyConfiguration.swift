// Which proxies stand before a listener.

import Configuration
import HTTP

/// Proxies that are believed.
struct ProxyConfiguration: ConfigurationSection {
  /// What they write.
  enum Field: String, CaseIterable, Sendable {
    case forwarded = "forwarded"
    case xForwarded = "x-forwarded"
  }

  var trusted: [NetworkPrefix] = []
  var field = Field.forwarded

  static func declare(_ section: inout SectionDeclaration<Self>) {
    section.list(
      "trusted", \.trusted, of: .network, count: 0...256,
      "The networks that the proxies are in. What anybody else says of who sent a request is ignored.")
    section.key(
      "field", \.field, .choice,
      "What the proxies write: Forwarded, or X-Forwarded-For and X-Forwarded-Proto. The other is ignored; the proxies have to replace or extend this one."
    )
  }

  /// As the server takes it; nil when nobody is trusted.
  var trust: ProxyTrust? {
    trusted.isEmpty
      ? nil : ProxyTrust(networks: trusted, field: field == .forwarded ? .forwarded : .xForwarded)
  }
}

extension ValueNotation where Value == NetworkPrefix {
  /// A network, or one address.
  static var network: ValueNotation {
    ValueNotation(
      name: "network", accepted: "an address, or a network such as 10.0.0.0/8 or fd00::/8",
      placeholder: "NETWORK",
      read: { text throws(NotationError) in
        guard let network = NetworkPrefix(text) else { throw .malformed("is no network") }
        return network
      },
      write: \.description)
  }
}
