// A node from outside: commands that ask it over the network, and a node that follows it, with kills between.

import Foundation
import Glibc
import Peers
import Testing

@Suite("A node from outside", .serialized) struct RemoteNodeTests {
  private static let tokens = [
    "me": ("a-token-for-everything", "manage"), "reader": ("a-token-to-read-only", "read"),
  ]

  /// A node that serves gRPC, on a directory that stays when it is gone.
  private struct Serving {
    let node: NodeTests.Running
    let port: UInt16

    init(_ folder: TemporaryFolder, port: UInt16 = 0, settings: [String] = []) throws {
      let tokens = RemoteNodeTests.tokens.map { "\($0.key): {token: \($0.value.0), right: \($0.value.1)}" }
      node = try NodeTests.Running(
        ["grpc.listen=[\"127.0.0.1:\(port)\"]", "access.tokens={\(tokens.sorted().joined(separator: ", "))}"]
          + settings,
        folder: folder)
      let lines = node.process.errorLines.filter {
        $0.contains("msg=listening") && $0.contains("module=grpc")
      }
      let match = try #require(lines.first?.firstMatch(of: /address=127\.0\.0\.1:(\d+)/))
      self.port = try #require(UInt16(match.1))
    }
  }

  private func varve(
    _ bench: LogWorkbench, _ arguments: [String], token: String? = "a-token-for-everything",
    input: String = ""
  ) throws -> CommandOutcome {
    var all = arguments
    if let token {
      try Data((token + "\n").utf8).write(to: bench.folder.url("token"))
      all += ["--token-file", bench.folder.path("token")]
    }
    return try bench.run(all, input: Data(input.utf8))
  }

  @Test func commandsWorkOnARunningNode() throws {
    let bench = try LogWorkbench()
    let serving = try Serving(bench.folder)
    let node = ["--node", "127.0.0.1:\(serving.port)"]
    func log(_ arguments: String..., input: String = "") throws -> CommandOutcome {
      try varve(bench, ["log"] + arguments + node, input: input)
    }
    #expect(
      try log("topic", "create", "jobs", "--partitions", "2").output
        == "topic jobs created with 2 partitions\n")
    #expect(try log("topic", "create", "jobs").code == 65)
    let numbers = (1...1000).map { "\($0)\n" }.joined()
    #expect(try log("append", "jobs", input: numbers).output.hasPrefix("1000 records appended to jobs"))
    let values = try log("cat", "jobs", "--value-only").lines.compactMap { Int($0) }
    #expect(values.sorted() == Array(1...1000))
    // The same as beside the node, on its files.
    #expect(try log("cat", "jobs", "--json").output == bench.log("cat", "jobs", "--json").output)
    #expect(try log("cat", "jobs", "-p", "1", "--from", "10", "--to", "20").lines.count == 10)
    #expect(try log("tail", "jobs", "-n", "3").lines.count == 6)
    #expect(try log("cat", "jobs", "--limit", "7").lines.count == 7)
    #expect(try log("topic", "list").output == bench.log("topic", "list").output)
    #expect(try log("topic", "describe", "jobs").output == bench.log("topic", "describe", "jobs").output)
    #expect(try log("topic", "alter", "jobs", "--retention-age", "7d").code == 0)
    #expect(try log("consumers", "commit", "billing", "jobs", "12").code == 0)
    #expect(try log("consumers", "list").output == bench.log("consumers", "list").output)
    #expect(try log("consumers", "remove", "billing").code == 0)
    #expect(try log("consumers", "remove", "billing").code != 0)
    #expect(try log("topic", "delete", "jobs", "--yes").code == 0)
    #expect(try log("cat", "jobs").code == 65)
    #expect(try log("cat", "cluster", "--from", "100000").code == 65)
    #expect(try log("append", "__varve", "x").code != 0)
  }

  @Test func tokensAreAskedFor() throws {
    let bench = try LogWorkbench()
    let serving = try Serving(bench.folder)
    let node = ["--node", "127.0.0.1:\(serving.port)"]
    #expect(try varve(bench, ["log", "topic", "list"] + node, token: "a-token-to-read-only").code == 0)
    let denied = try varve(bench, ["log", "topic", "create", "jobs"] + node, token: "a-token-to-read-only")
    #expect(denied.code == 77)
    #expect(denied.errors.contains("reader may read, and CreateTopic needs manage"))
    #expect(try varve(bench, ["log", "topic", "list"] + node, token: "another").code == 77)
    #expect(try varve(bench, ["log", "topic", "list"] + node, token: nil).code == 77)
    // Both ends have to be told what they speak.
    #expect(try varve(bench, ["log", "topic", "list", "--tls"] + node).code == 75)
    #expect(try varve(bench, ["log", "topic", "list", "--data", bench.data] + node).code == 64)
    #expect(try varve(bench, ["log", "topic", "list", "--node", "127.0.0.1:1"]).code == 75)
  }

  /// The variable with a token is no key of the configuration, and no mistake beside it.
  @Test func theTokenMayBeInTheEnvironment() throws {
    let bench = try LogWorkbench()
    let serving = try Serving(bench.folder)
    let environment = ["VARVE_TOKEN": "a-token-for-everything"]
    let asking = try NodeProcess(
      ["log", "topic", "list", "--node", "127.0.0.1:\(serving.port)"], environment: environment)
    #expect(asking.wait().ending == .exited(0))
    let local = try NodeProcess(["log", "topic", "list", "--data", bench.data], environment: environment)
    #expect(local.wait().ending == .exited(0))
  }

  @Test func aListenerThatLetsNobodyInIsAMistake() throws {
    let bench = try LogWorkbench()
    let outcome = try bench.run([
      "serve", "--data", bench.data, "--set", "admin.listen=127.0.0.1:0", "--set", "grpc.listen=127.0.0.1:0",
    ])
    #expect(outcome.code == 78)
    #expect(outcome.errors.contains("access.tokens"))
  }

  @Test func commandsSpeakTLS() throws {
    let bench = try LogWorkbench()
    let certificates = try Certificates()
    try certificates.sign("server", serial: 1)
    let settings = certificates.settings("server").map {
      $0.replacingOccurrences(of: "admin.", with: "grpc.")
    }
    let serving = try Serving(bench.folder, settings: settings)
    let node = ["--node", "127.0.0.1:\(serving.port)"]
    let trusting = try varve(
      bench, ["log", "topic", "list", "--tls-ca", certificates.path("authority.pem")] + node)
    #expect(trusting.code == 0 && trusting.output.contains("cluster"))
    let distrusting = try varve(bench, ["log", "topic", "list", "--tls"] + node)
    #expect(distrusting.code == 75)
    #expect(try varve(bench, ["log", "topic", "list"] + node).code == 75)
  }

  /// The position that a node's metrics give for the cluster's tables.
  private func position(_ node: NodeTests.Running) throws -> Int? {
    let body = try node.get("/metrics").body
    let match = body.firstMatch(
      of: /varve_projection_position\{projection="cluster",partition="0"\} (\d+)/)
    return match.flatMap { Int($0.1) }
  }

  private func rows(_ data: String) throws -> String {
    try ForeignProgram.python(
      """
      import sqlite3, sys
      db = sqlite3.connect(f"file:{sys.argv[1]}/projections/cluster/1-v1.sqlite?mode=ro", uri=True)
      names = [r[0] for r in db.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
      for name in names:
          if name.startswith(("varve_", "sqlite_")):
              continue
          for row in sorted(map(repr, db.execute(f'SELECT * FROM "{name}"'))):
              print(name, row)
      """, [data], input: "")
  }

  /// One node follows another. Each is killed and started again, and in the end both have the same tables.
  @Test func aFollowerGoesOnAfterKills() throws {
    let bench = try LogWorkbench()
    let followerFolder = try TemporaryFolder()
    func cluster(_ arguments: String...) throws {
      let outcome = try bench.run(["cluster"] + arguments + ["--data", bench.data])
      try #require(outcome.code == 0, "\(outcome.errors)")
    }
    try cluster("init", "lake")
    try cluster("node", "join", "alpha", "--address", "/ip4/10.0.0.1/tcp/4001")
    var leader = try Serving(bench.folder)
    let port = leader.port
    let follow = ["follow.node=127.0.0.1:\(port)", "follow.token=a-token-to-read-only"]
    var follower = try NodeTests.Running(follow, folder: followerFolder)
    func awaitPosition(_ wanted: Int) throws { while try position(follower) != wanted {} }
    try awaitPosition(2)

    leader.node.process.signal(SIGKILL)
    _ = leader.node.process.wait()
    try cluster("node", "join", "beta", "--address", "/dns4/beta/tcp/4001")
    leader = try Serving(bench.folder, port: port)
    try awaitPosition(3)

    follower.process.signal(SIGKILL)
    _ = follower.process.wait()
    leader.node.process.signal(SIGTERM)
    _ = leader.node.process.wait()
    try cluster("policy", "set", "/films", "--data-shards", "6", "--parity-shards", "3")
    // The follower comes first: it waits until there is somebody to follow.
    follower = try NodeTests.Running(follow, folder: followerFolder)
    leader = try Serving(bench.folder, port: port)
    try awaitPosition(4)

    for node in [follower, leader.node] {
      node.process.signal(SIGTERM)
      #expect(node.process.wait().ending == .exited(0))
    }
    let (one, other) = (try rows(bench.data), try rows(followerFolder.path("data")))
    #expect(one == other && one.contains("beta") && one.contains("films"))
  }
}
