// Whom connections are made to.

import HTTP

/// A server, as far as connections are concerned.
struct Origin: Hashable, Sendable, CustomStringConvertible {
  let scheme: HTTPScheme
  let host: String
  let port: UInt16

  init(_ url: HTTPClientURL) {
    scheme = url.scheme
    host = url.host
    port = url.port
  }

  var description: String { "\(scheme.rawValue)://\(host.contains(":") ? "[\(host)]" : host):\(port)" }
}
