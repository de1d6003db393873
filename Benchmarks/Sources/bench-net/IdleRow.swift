// What an idle connection costs in memory beside nginx: a crowd connects, each asks once and stays, and the server's
// process is looked at before and after.

import Crowd
import Foundation

/// One line of the table for idle connections.
struct IdleRow {
  let name: String
  let manner: CrowdManner
  let connections: Int
  let goal: String

  static let all = [
    IdleRow(name: "idle-plain", manner: .plain, connections: 10_000, goal: "8192 bytes"),
    IdleRow(name: "idle-tls", manner: .tls, connections: 4_000, goal: "32768 bytes"),
    IdleRow(name: "idle-http2", manner: .http2, connections: 10_000, goal: "none"),
  ]

  func measure(_ servers: Servers) throws {
    // Servers of their own: what others have left behind would be used again, and not be seen.
    servers.stop()
    let mine = try bytes(try servers.ours(), servers)
    let theirs = try bytes(try servers.nginx(), servers)
    servers.stop()
    print("\(name): \(mine) bytes a connection  vs  \(theirs) bytes (nginx)   goal: \(goal)")
  }

  private func bytes(_ server: ServerProcess, _ servers: Servers) throws -> Int {
    // What the first connections make is not theirs alone.
    try crowd(of: 100, at: server, servers).end()
    let before = try server.residentBytes()
    let crowd = try crowd(of: connections, at: server, servers)
    defer { crowd.end() }
    let held = try crowd.number()
    // Until all of them are at rest, as servers have it.
    sleep(2)
    if held < connections { print("  no more than \(held) descriptors are allowed here") }
    return (try server.residentBytes() - before) / held
  }

  private func crowd(of count: Int, at server: ServerProcess, _ servers: Servers) throws -> CrowdProcess {
    let port =
      switch manner {
      case .plain: server.port
      case .tls: server.tlsPort
      case .http2: server.http2Port
      }
    return try CrowdProcess(
      "taskset",
      [
        "-c", "1", URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().path, "crowd",
        "\(count)", "\(port)", manner.rawValue, servers.folder.certificate,
      ])
  }

  /// The crowd itself.
  static func holdCrowd(_ arguments: [String]) async throws {
    guard let count = Int(arguments[0]), let port = UInt16(arguments[1]),
      let manner = CrowdManner(rawValue: arguments[2])
    else { throw BenchmarkFailure("no crowd: \(arguments)") }
    try await Crowd.hold(count, port: port, manner: manner, authority: arguments[3])
  }
}
