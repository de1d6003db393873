// Both ends of a WebSocket as a program, for conformance suites: `serve PORT` echoes, `client PORT AGENT` runs
// every case that Autobahn's fuzzing server offers.

import Bytes
import Glibc
import HTTPServer
import Runtime
import WebSocket

@main
enum Probe {
  static func main() async throws {
    let arguments = CommandLine.arguments
    guard arguments.count >= 3, let port = UInt16(arguments[2]) else {
      print("Usage: websocket-probe serve PORT | client PORT AGENT")
      exit(64)
    }
    let group = try EventLoopGroup(EventLoopGroup.Configuration(loops: 1))
    switch arguments[1] {
    case "serve": try await serve(port, on: group)
    case "client" where arguments.count == 4: try await runCases(port, agent: arguments[3], on: group)
    default: exit(64)
    }
    await group.shutdown()
  }

  /// The suite sends messages of 16 MiB in fragments of 64 bytes.
  static var configuration: WebSocketConfiguration {
    var configuration = WebSocketConfiguration()
    configuration.limits.frameBytesMaximum = 64 << 20
    configuration.limits.messageBytesMaximum = 64 << 20
    configuration.limits.fragmentsMaximum = 1 << 20
    return configuration
  }

  static var compression: DeflateOptions {
    var options = DeflateOptions()
    options.ownWindowBits = 15
    options.messageBytesMinimum = 0
    return options
  }

  private static func serve(_ port: UInt16, on group: EventLoopGroup) async throws {
    var server = UpgradeServer(configuration: configuration, handler: UpgradeServer.echo)
    server.handshake.compression = compression
    let listening = try server.listen(at: .ip(.loopbackV4, port: port), on: group)
    print("listening on \(listening.address)")
    fflush(nil)
    // Until it is killed.
    while true { pause() }
  }

  /// Asks how many cases there are, runs each, and has the report written.
  private static func runCases(_ port: UInt16, agent: String, on group: EventLoopGroup) async throws {
    let loop = group.loops[0]
    let configuration = configuration
    let count = Locked(0)
    @Sendable func open(
      _ target: String, _ handler: @escaping WebSocketConnection.Handler
    ) async throws(WebSocketError) {
      var request = ClientHandshake.Request(authority: "127.0.0.1:\(port)", target: target)
      request.compression = compression
      _ = try await WebSocketClient.connect(
        toHost: "127.0.0.1", port: port, request, on: loop, configuration: configuration, handler: handler)
    }
    try await loop.run { () async throws(WebSocketError) in
      try await open("/getCaseCount") { connection throws(WebSocketError) in
        let answer = try await connection.next()?.text.flatMap { Int($0) } ?? 0
        count.withLock { $0 = answer }
      }
      let cases = count.withLock { $0 }
      print("\(cases) cases")
      for number in 1...max(1, cases) {
        do throws(WebSocketError) {
          try await open("/runCase?case=\(number)&agent=\(agent)", UpgradeServer.echo)
        } catch {
          print("case \(number): \(error)")
        }
      }
      try await open("/updateReports?agent=\(agent)") { connection throws(WebSocketError) in
        _ = try await connection.next()
      }
    }
  }
}
