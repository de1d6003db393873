// The node whose log this one follows, when it keeps none of its own for what it shows.

import CommandLine
import Configuration
import GRPC
import GRPCClient
import Runtime
import TLS
import Telemetry

/// A node to follow.
struct FollowConfiguration: ConfigurationSection {
  var node: HostPort?
  var token: Secret?
  var isEncrypted = false
  var authoritiesFile: String?
  var serverName: String?

  static func declare(_ section: inout SectionDeclaration<Self>) {
    section.key(
      "node", \.node, .hostPort,
      "Where that node serves gRPC. The cluster's tables are then made of its log, and this node takes no commands for them."
    )
    section.key(
      "token", \.token, .secret(bytes: 1...4096), "What is shown to it; it needs the right to read.")
    section.key("tls", \.isEncrypted, .bool, "Whether it is spoken to over TLS.")
    section.key(
      "ca_file", \.authoritiesFile, .path,
      "The authorities that its certificate may come from, as PEM; else those of the system. Means TLS.")
    section.key(
      "server_name", \.serverName, .string(bytes: 1...253),
      "The name that its certificate is for, when that is not the host's.")
  }

  /// How the node is reached; nil when there is none to follow.
  var address: NodeAddress? {
    node.map {
      NodeAddress(
        at: $0, token: token?.reveal(), isEncrypted: isEncrypted || authoritiesFile != nil,
        authoritiesFile: authoritiesFile, serverName: serverName)
    }
  }
}

/// How another node's gRPC is reached.
struct NodeAddress: Sendable {
  let at: HostPort
  var token: String?
  var isEncrypted = false
  var authoritiesFile: String?
  var serverName: String?

  /// A channel to it.
  func channel(on loop: EventLoop, logger: Logger) throws(CommandFailure) -> GRPCChannel {
    var configuration = GRPCChannel.Configuration(host: at.host, port: at.port)
    configuration.serverName = serverName
    if isEncrypted {
      do throws(TLSError) {
        configuration.tls = try TLSClientContext(
          TLSClientConfiguration(trust: authoritiesFile.map { .authorities(file: $0) } ?? .system))
      } catch {
        throw CommandFailure(.configuration, "the authorities of \(at) cannot be used: \(error)")
      }
    }
    if let token {
      do throws(GRPCStatus) {
        try configuration.metadata.append("authorization", "Bearer \(token)")
      } catch {
        throw CommandFailure(.configuration, "the token for \(at) cannot be sent: \(error.message)")
      }
    }
    return GRPCChannel(configuration, on: loop, logger: logger)
  }
}
