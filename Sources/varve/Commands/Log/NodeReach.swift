// A running node that a command asks over the network, instead of looking at files.

import Bytes
import CommandLine
import Configuration
import Files
import GRPCClient
import Log
import RemoteLog
import Runtime
import Telemetry

/// `--node`, and what it takes to be let in.
struct NodeReach: ArgumentGroup {
  /// The variable that has the token when no file does.
  static let tokenVariable = "VARVE_TOKEN"
  private static let tokenBytesMaximum = 8 << 10

  var node: HostPort?
  var tokenFile: String?
  var isEncrypted = false
  var authoritiesFile: String?

  static func declare(_ arguments: inout ArgumentDeclaration<Self>) {
    arguments.option(
      "node", \.node, .hostPort, "A running node's gRPC port, instead of a directory: see grpc.listen.")
    arguments.option(
      "token-file", \.tokenFile, .path.placeholder("FILE"),
      "The file with the token to show to the node; else the variable \(tokenVariable).")
    arguments.flag("tls", \.isEncrypted, "Speaks TLS to the node, and trusts the system's authorities.")
    arguments.option(
      "tls-ca", \.authoritiesFile, .path.placeholder("FILE"),
      "Speaks TLS to the node, and trusts the authorities in this PEM file.")
    arguments.rule("--token-file, --tls and --tls-ca are for --node") {
      $0.node != nil || ($0.tokenFile == nil && !$0.isEncrypted && $0.authoritiesFile == nil)
    }
  }

  /// Does `body` with the node's log; nil when no node is named.
  func with<Result: Sendable>(
    _ console: Console, _ body: (RemoteLog) async throws -> Result
  ) async throws -> Result? {
    guard let node else { return nil }
    var address = NodeAddress(at: node)
    address.isEncrypted = isEncrypted || authoritiesFile != nil
    address.authoritiesFile = authoritiesFile
    address.token = try token(console)
    let group = try EventLoopGroup(EventLoopGroup.Configuration(loops: 1))
    do {
      let channel = try address.channel(on: group.loops[0], logger: .disabled)
      do {
        let result = try await body(RemoteLog(channel))
        await channel.close(within: .seconds(1))
        await group.shutdown()
        return result
      } catch {
        await channel.close(within: .zero)
        throw error
      }
    } catch {
      await group.shutdown()
      throw error
    }
  }

  private func token(_ console: Console) throws -> String? {
    guard let tokenFile else {
      let token = console.environment[Self.tokenVariable] ?? ""
      return token.isEmpty ? nil : token
    }
    let bytes = try LocalFiles().contents(of: FilePath(tokenFile), bytesMaximum: Self.tokenBytesMaximum)
    guard let text = String(validating: bytes) else {
      throw CommandFailure(.data, "\(tokenFile) is not text")
    }
    return String(text.reversed().drop { $0.isNewline }.reversed())
  }
}

/// Where a command finds its log: in a directory, or at a node.
struct LogReach: ArgumentGroup {
  var place = LogPlace()
  var node = NodeReach()

  static func declare(_ arguments: inout ArgumentDeclaration<Self>) {
    arguments.group(\.place)
    arguments.group(\.node)
    arguments.rule("--node stands for a directory: neither --data nor --log goes with it") {
      $0.node.node == nil || ($0.place.log == nil && $0.place.configuration.data == nil)
    }
  }

  /// The log in a directory, to look into.
  func directory(_ console: Console) throws -> LogDirectory { try LogSelection.directory(place, console) }

  /// Does `body` with the log, which it may change.
  ///
  /// - Parameter mayCreate: whether a log that is not there is made; else that is an error.
  func with<Result: Sendable>(
    _ console: Console, mayCreate: Bool = false, _ body: (any ReachedLog) async throws -> Result
  ) async throws -> Result {
    if let result = try await node.with(console, { try await body($0) }) { return result }
    return try await WritableLog.with(place, console, mayCreate: mayCreate) {
      try await body(LocalLog(log: $0))
    }
  }
}
