// A workbench whose read models are in a PostgreSQL database: a schema of its own on a server that tests share.

import Foundation
import Peers

/// A log of a test's own, with its tables on a server.
struct PostgresBench {
  let bench: LogWorkbench
  let server: PostgresServer
  /// What the schemas of this test begin with.
  let schema: String

  /// - Parameters:
  ///   - server: where; the one that tests share when none is given.
  ///   - more: lines of the section `projections.postgres`.
  ///   - isUsed: false to have the tables in files all the same, for what holds for both.
  init(
    _ server: PostgresServer? = nil, connection: String? = nil, _ more: [String] = [], isUsed: Bool = true
  ) throws {
    bench = try LogWorkbench()
    self.server = try server ?? PostgresServer.shared.get()
    schema = "t\(UInt32.random(in: 0 ... .max))"
    // As an operator would: what is secret in a file that the configuration names.
    try Data("\(connection ?? self.server.address())\n".utf8).write(to: bench.folder.url("connection"))
    let lines =
      [
        "projections:", "  store: \(isUsed ? "postgres" : "sqlite")", "  postgres:",
        "    connection_file: connection",
        "    schema: \(schema)",
      ] + more.map { "    \($0)" }
    try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: bench.folder.url("varve.yaml"))
  }

  /// What tells a command where everything is.
  var place: [String] { ["--config", bench.folder.path("varve.yaml"), "--data", bench.data] }

  /// Runs `varve`, to its end.
  func run(_ arguments: String...) throws -> CommandOutcome { try bench.run(arguments + place) }

  /// The same, which must succeed.
  @discardableResult
  func must(_ arguments: String...) throws -> CommandOutcome {
    let outcome = try bench.run(arguments + place)
    guard outcome.code == 0 else {
      throw ForeignProgram.Failure("\(arguments): \(outcome.code) \(outcome.errors)")
    }
    return outcome
  }

  /// The schemas on the server.
  func schemas() throws -> [String] {
    try server.psql(
      "SELECT nspname FROM pg_namespace WHERE nspname LIKE '\(schema)%' ORDER BY nspname"
    ).split(separator: "\n").map { String($0.dropFirst(schema.count)) }
  }

  /// Starts a node that is ready, and says on which port it tells of itself.
  func serve() throws -> (node: NodeProcess, port: UInt16) {
    let node = try NodeProcess(["serve", "--set", "admin.listen=127.0.0.1:0"] + place)
    guard let line = node.waitForError(containing: "msg=listening"),
      let port = line.firstMatch(of: /address=127\.0\.0\.1:(\d+)/).flatMap({ UInt16($0.1) }),
      node.waitForError(containing: "node ready") != nil
    else { throw ForeignProgram.Failure("it did not get ready: \(node.errorLines)") }
    return (node, port)
  }

  /// What the node answers on its admin port.
  static func get(_ path: String, _ port: UInt16) throws -> RawClient.Response {
    let client = try RawClient(port: port)
    try client.send("GET \(path) HTTP/1.1\r\nHost: test\r\n\r\n")
    guard let answer = try client.receive() else { throw ForeignProgram.Failure("no answer to \(path)") }
    return answer
  }

  /// The same, again and again until it is what is waited for.
  static func get(_ path: String, _ port: UInt16, until isIt: (RawClient.Response) -> Bool) throws
    -> RawClient.Response
  {
    while true {
      let answer = try get(path, port)
      if isIt(answer) { return answer }
    }
  }
}
