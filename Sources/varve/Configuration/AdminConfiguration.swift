// The admin port.

import Configuration

/// Health, readiness, metrics, version.
struct AdminConfiguration: ConfigurationSection {
  var listen = ListenAddress.tcp(HostPort(host: "127.0.0.1", port: 7070))
  var connectionsMaximum = 256
  var idleTimeout = Duration.seconds(60)
  var requestTimeout = Duration.seconds(10)

  static func declare(_ section: inout SectionDeclaration<Self>) {
    section.key(
      "listen", \.listen, .listenAddress,
      "Where the admin port listens. It answers anyone who reaches it: keep it on a private address.")
    section.key(
      "connections_maximum", \.connectionsMaximum, .integer(1...65536), "Connections served at the same time."
    )
    section.key(
      "idle_timeout", \.idleTimeout, .duration(.seconds(1) ... .seconds(3600)),
      "How long a connection may stay open between two requests.")
    section.key(
      "request_timeout", \.requestTimeout, .duration(.seconds(1) ... .seconds(600)),
      "How long a client may take to send one request, and to take its answer.")
  }
}
