// What every listener of the node can be told: where it listens, how it is encrypted, what clients may do. A door of
// the node has one of these as its section, with defaults of its own.

import CommandLine
import Configuration
import HTTP1
import HTTPServer
import Runtime
import Telemetry

/// A listener that speaks HTTP.
struct ListenerConfiguration: ConfigurationSection {
  /// The level of the line that each request leaves in the log.
  enum AccessLog: String, CaseIterable, Sendable {
    case none, trace, debug, info
  }

  var addresses: [ListenAddress] = []
  var accessLog = AccessLog.debug
  var requestsPerConnectionMaximum = 100_000
  var unreadBodyBytesMaximum = 64 << 10
  var tls = ListenerTLSConfiguration()
  var http2 = HTTP2Configuration()
  var limits = HTTP1Limits()
  var timeouts = HTTPTimeouts()
  var connections = SocketServer.Limits()
  var proxies = ProxyConfiguration()

  static func declare(_ section: inout SectionDeclaration<Self>) {
    section.list(
      "listen", \.addresses, of: .listenAddress, count: 1...16,
      "Where it listens. A host is an IP address of this machine, 0.0.0.0 or [::] for all of them, or localhost; port 0 is any that is free."
    )
    section.key(
      "access_log", \.accessLog, .choice,
      "The level of the line that each request leaves in the log; log.level says which levels are written.")
    section.key(
      "requests_per_connection_maximum", \.requestsPerConnectionMaximum, .integer(1...1_000_000_000),
      "After so many requests a connection is ended, so that clients spread anew over threads and nodes.")
    section.key(
      "unread_body_bytes_maximum", \.unreadBodyBytesMaximum, .bytes(0...1 << 30),
      "How much of a body that nobody wanted is read so that the connection can be kept.")
    section.section("tls", \.tls, "Encryption: on when a certificate or a file of pre-shared keys is set.")
    section.section("http2", \.http2, "HTTP/2, and what a connection of it may do.")
    section.section("limits", \.limits, "How large requests may be.")
    section.section("timeouts", \.timeouts, "How long clients may take.")
    section.section("connections", \.connections, "How many clients there may be at the same time.")
    section.section("proxies", \.proxies, "Proxies that are believed when they say who sent a request.")
  }
}

extension ListenerConfiguration {
  /// The configuration of a server.
  ///
  /// - Parameters:
  ///   - name: what metrics and logs call it.
  ///   - tls: its certificates, when it has any.
  func server(name: String, tls: ListenerTLS?) throws(CommandFailure) -> HTTPServer.Configuration {
    var resolved: [SocketAddress] = []
    for address in addresses { resolved.append(try SocketAddress(resolving: address, key: "\(name).listen")) }
    var server = HTTPServer.Configuration(name: name, addresses: resolved)
    server.tls = tls?.context
    server.limits = limits
    server.http2 = http2.isEnabled ? http2.limits : nil
    server.timeouts = timeouts
    server.connections = connections
    server.requestsPerConnectionMaximum = requestsPerConnectionMaximum
    server.unreadBodyBytesMaximum = unreadBodyBytesMaximum
    server.accessLogLevel = accessLog.level
    server.proxies = proxies.trust
    return server
  }
}

extension ListenerConfiguration.AccessLog {
  /// As the server takes it.
  var level: LogLevel? {
    switch self {
    case .none: nil
    case .trace: .trace
    case .debug: .debug
    case .info: .info
    }
  }
}
