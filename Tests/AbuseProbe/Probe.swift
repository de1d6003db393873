// A server in a process of its own, for AbuseTests to mistreat and to look at from outside, and the crowd that is sent
// there: `serve [KEY=VALUE…]` says its port, `crowd COUNT PORT MANNER [AUTHORITY]` says how many it holds.

import Bytes
import Crowd
import EchoService
import GRPCServer
import Glibc
import HTTPServer
import Runtime
import TLS
import Telemetry

@main
enum Probe {
  static func main() async throws {
    let arguments = CommandLine.arguments
    switch arguments.dropFirst().first {
    case "serve":
      try await serve(Settings(arguments.dropFirst(2)))
    case "crowd" where arguments.count >= 5:
      guard let count = Int(arguments[2]), let port = UInt16(arguments[3]),
        let manner = CrowdManner(rawValue: arguments[4])
      else { exit(64) }
      try await Crowd.hold(
        count, port: port, manner: manner, authority: arguments.count > 5 ? arguments[5] : nil)
    default:
      print("Usage: abuse-probe serve [KEY=VALUE...] | crowd COUNT PORT MANNER [AUTHORITY]")
      exit(64)
    }
  }

  private static func serve(_ settings: Settings) async throws {
    try Crowd.raiseDescriptorLimit()
    let group = try EventLoopGroup(EventLoopGroup.Configuration(loops: 1))
    let (metrics, statistics) = (MetricRegistry(), StatisticsPage())
    let router = GRPCRouter(
      [Varve_Testing_V1_EchoService.service(EchoAnswers())], .init(name: "probe"), metrics: metrics,
      logger: .disabled, otherwise: AbusedPages(statistics: statistics, metrics: metrics))
    let server = try HTTPServer(
      try settings.configuration(), on: group, time: SystemTime(), metrics: metrics, logger: .disabled,
      handler: router)
    statistics.server.withLock { $0 = server }
    print("listening on \(server.address.port ?? 0)")
    fflush(nil)
    // Until it is killed, or whoever started it has gone.
    while readLine() != nil {}
    exit(0)
  }
}

/// What the server is told to be otherwise than usual.
private struct Settings {
  private var values: [String: String] = [:]

  init(_ arguments: ArraySlice<String>) {
    for argument in arguments {
      let parts = argument.split(separator: "=", maxSplits: 1)
      values[String(parts[0])] = parts.count > 1 ? String(parts[1]) : ""
    }
  }

  func configuration() throws -> HTTPServer.Configuration {
    var configuration = HTTPServer.Configuration(name: "probe", address: .ip(.loopbackV4, port: 0))
    if let count = values["connections"].flatMap({ Int($0) }) {
      configuration.connections.connectionsMaximum = count
    }
    if let count = values["per-address"].flatMap({ Int($0) }) {
      configuration.connections.connectionsPerAddressMaximum = count
    }
    if let patience = values["patience"].flatMap({ Int($0) }) {
      // Whoever is honest moves a megabyte a second.
      configuration.timeouts.bytesPerSecondMinimum = 1 << 20
      configuration.timeouts.head = .milliseconds(patience)
      configuration.timeouts.body = .milliseconds(patience)
      configuration.timeouts.answer = .milliseconds(patience)
      configuration.timeouts.linger = .milliseconds(patience)
      configuration.timeouts.idle = .milliseconds(3 * patience)
    } else {
      // Connections that are counted stay while they are.
      configuration.timeouts.idle = .seconds(3600)
    }
    if let certificate = values["certificate"], let key = values["key"] {
      let identity = TLSIdentity(certificateFile: certificate, keyFile: key)
      configuration.tls = try TLSServerContext(TLSServerConfiguration(identities: [identity]))
    }
    return configuration
  }
}
