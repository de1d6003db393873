// `varve cluster` as somebody at a terminal meets it, alone and beside a running node.

import Foundation
import Peers
import Testing

@Suite("The cluster from the command line") struct ClusterCommandTests {
  /// Runs `varve cluster` with these arguments and `--data`, which must succeed.
  @discardableResult
  private func must(
    _ bench: LogWorkbench, _ arguments: String..., at location: SourceLocation = #_sourceLocation
  ) throws -> CommandOutcome {
    let outcome = try bench.run(["cluster"] + arguments + ["--data", bench.data])
    try #require(outcome.code == 0, "\(arguments): \(outcome.errors)", sourceLocation: location)
    return outcome
  }

  private func object(_ bench: LogWorkbench, _ arguments: String...) throws -> [String: Any] {
    let outcome = try bench.run(["cluster"] + arguments + ["--json", "--data", bench.data])
    try #require(outcome.code == 0, "\(arguments): \(outcome.errors)")
    return try #require(try outcome.objects().first)
  }

  /// Two nodes, one of them with a disk.
  private func lake() throws -> LogWorkbench {
    let bench = try LogWorkbench()
    try must(bench, "init", "lake")
    try must(
      bench, "node", "join", "alpha", "--id", "00000000-0000-0000-0000-00000000000a", "--address",
      "/ip4/10.0.0.1/tcp/4001", "--failure-domain", "rack1", "--disk", "main=/srv/main", "--min-free",
      "1 MiB")
    try must(bench, "node", "join", "beta", "-a", "/dns4/beta/tcp/4001", "-a", "/ip4/10.0.0.2/tcp/4001")
    return bench
  }

  @Test func nodesJoinChangeAndLeave() throws {
    let bench = try lake()
    let again = try object(
      bench, "node", "join", "alpha", "--id", "00000000-0000-0000-0000-00000000000a", "--address",
      "/ip4/10.0.0.1/tcp/4001", "--failure-domain", "rack1", "--disk", "main=/srv/main")
    #expect(again["changed"] as? Bool == false)
    try must(bench, "node", "update", "alpha", "--name", "gamma", "--release", "0.1.0")
    let shown = try object(bench, "node", "show", "gamma")
    #expect(shown["id"] as? String == "00000000-0000-0000-0000-00000000000a")
    #expect(shown["failure_domain"] as? String == "rack1" && shown["release"] as? String == "0.1.0")
    #expect((shown["disks"] as? [[String: Any]])?.first?["path"] as? String == "/srv/main")
    #expect(try must(bench, "node", "show", "gamma").output.contains(/release +0\.1\.0/))
    try must(bench, "node", "drain", "beta", "--reason", "old")
    #expect(try object(bench, "node", "show", "beta")["state"] as? String == "draining")
    try must(bench, "node", "reactivate", "beta")
    #expect(try must(bench, "node", "reactivate", "beta").output.contains("so already"))
    try must(bench, "node", "drain", "beta")
    try must(bench, "node", "remove", "beta", "--reason", "sold")
    #expect(try must(bench, "node", "list", "--json").lines.count == 1)
    let all = try must(bench, "node", "list", "--all", "--json").objects()
    #expect(all.compactMap { $0["state"] as? String } == ["removed", "active"])
    #expect(all.first?["standing_reason"] as? String == "sold")
    #expect(try must(bench, "node", "list").lines.count == 2)
  }

  @Test func disksAreAddedReportedAndRetired() throws {
    let bench = try lake()
    try must(bench, "disk", "add", "beta", "fast", "/srv/fast", "--total", "1 TiB", "--free", "512 GiB")
    try must(bench, "disk", "update", "beta", "fast", "--state", "offline", "--error", "no answer")
    let disks = try must(bench, "disk", "list", "--json").objects()
    #expect(disks.compactMap { $0["name"] as? String } == ["main", "fast"])
    #expect(disks[1]["state"] as? String == "offline" && disks[1]["error"] as? String == "no answer")
    #expect(disks[1]["free_bytes"] as? Int == 512 << 30)
    try must(bench, "disk", "update", "alpha", "main", "--total", "10 GiB", "--free", "3 GiB")
    let status = try object(bench, "status")
    #expect(status["total_bytes"] as? Int == (1 << 40) + (10 << 30))
    #expect(status["writable_bytes"] as? Int == (3 << 30) - (1 << 20))
    try must(bench, "disk", "retire", "beta", "fast")
    #expect(try must(bench, "disk", "list", "beta", "--json").lines.isEmpty)
    #expect(try must(bench, "disk", "list", "beta", "--all").lines.count == 2)
  }

  @Test func policiesAreInherited() throws {
    let bench = try lake()
    try must(bench, "policy", "set", "/photos", "-k", "6", "-m", "3", "--stripe", "2 MiB")
    let photos = try object(bench, "policy", "get", "/photos/2026")
    #expect(photos["from"] as? String == "/photos" && photos["inherited"] as? Bool == true)
    #expect(photos["data_shards"] as? Int == 6 && photos["stripe_bytes"] as? Int == 2 << 20)
    #expect(
      try must(bench, "policy", "get", "/music").output.contains(
        "4+2 with stripes of 1 MiB, by the policy of /"))
    #expect(try must(bench, "policy", "list").lines.count == 3)
    try must(bench, "policy", "remove", "/photos")
    #expect(try must(bench, "policy", "list", "--json").lines.count == 1)
  }

  /// What is typed, the exit code, and what must be said.
  static let mistakes: [(arguments: [String], code: Int32, expected: String)] = [
    (["init", "pond"], 65, "there is a cluster already: lake"),
    (["init", "two words"], 64, "cluster name"),
    (["node", "join", "x"], 64, "at least one --address"),
    (["node", "join", "x", "-a", "10.0.0.1"], 64, "written like /ip4/"),
    (["node", "join", "alpha", "-a", "/a"], 65, "the name alpha is that of node"),
    (["node", "join", "x", "-a", "/a", "--id", "7"], 64, "UUID"),
    (["node", "join", "x", "-a", "/a", "--disk", "/srv"], 64, "has no name and ="),
    (
      ["node", "join", "alpha", "-a", "/a", "--id", "00000000-0000-0000-0000-00000000000a"], 65,
      "different addresses, failure domain, disks"
    ),
    (["node", "show", "zeta"], 65, "there is no node zeta"),
    (["node", "update", "alpha"], 64, "something to change"),
    (["node", "remove", "alpha"], 65, "has not been drained"),
    (["node", "remove", "alpha"], 65, "--force"),
    (["disk", "add", "alpha", "x", "srv"], 64, "an absolute path"),
    (["disk", "retire", "alpha", "x"], 65, "node alpha has no disk x"),
    (["disk", "update", "alpha", "main", "--state", "retired"], 64, "offline"),
    (["disk", "update", "alpha", "main", "--free", "1 GiB"], 64, "at most the disk's 0"),
    (["policy", "set", "photos"], 64, "an absolute path"),
    (["policy", "set", "/a", "-k", "250", "-m", "6"], 64, "255 shards at most"),
    (["policy", "set", "/a", "--stripe", "5000"], 64, "a power of two"),
    (["policy", "remove", "/"], 65, "everything must have one"),
    (["policy", "remove", "/x"], 65, "/x has no policy of its own"),
    (["polcy"], 64, "did you mean policy?"),
  ]

  @Test("A mistake is answered with its exit code and what to do, and changes nothing")
  func mistakes() throws {
    let bench = try lake()
    let before = try must(bench, "node", "list", "--all", "--json").output
    for (arguments, code, expected) in Self.mistakes {
      let outcome = try bench.run(["cluster"] + arguments + ["--data", bench.data])
      #expect(outcome.code == code, "\(arguments): \(outcome.errors)")
      #expect(outcome.errors.contains(expected), "\(arguments): \(outcome.errors)")
      #expect(outcome.output.isEmpty)
    }
    #expect(try must(bench, "node", "list", "--all", "--json").output == before)
  }

  @Test func theLastMemberStays() throws {
    let bench = try lake()
    try must(bench, "node", "remove", "beta", "--force")
    let outcome = try bench.run(["cluster", "node", "remove", "alpha", "--force", "--data", bench.data])
    #expect(outcome.code == 65 && outcome.errors.contains("is the only member"))
  }

  @Test func nothingIsMadeWhereThereIsNoCluster() throws {
    let bench = try LogWorkbench()
    for arguments in [["status"], ["node", "list"], ["policy", "set", "/a"], ["node", "drain", "x"]] {
      let outcome = try bench.run(["cluster"] + arguments + ["--data", bench.data])
      #expect(outcome.code == 65 && outcome.errors.contains("varve cluster init NAME"), "\(outcome.errors)")
    }
    #expect(!FileManager.default.fileExists(atPath: bench.data))
    try bench.must("topic", "create", "jobs")
    for arguments in [["status"], ["policy", "get", "/"], ["node", "drain", "x"]] {
      let outcome = try bench.run(["cluster"] + arguments + ["--data", bench.data])
      #expect(outcome.code == 65 && outcome.errors.contains("there is no cluster yet"), "\(outcome.errors)")
    }
    #expect(try bench.must("topic", "list", "--json").lines.count == 1)
  }

  @Test func aTopicThatLosesEventsIsRefused() throws {
    let bench = try LogWorkbench()
    try bench.must("topic", "create", "cluster", "--partitions", "2", "--cleanup", "compact")
    let outcome = try bench.run(["cluster", "init", "lake", "--data", bench.data])
    #expect(outcome.code == 78)
    #expect(outcome.errors.contains("has 2 partitions") && outcome.errors.contains("is compacted"))
  }

  @Test func theTablesAreMadeAgainFromTheLog() throws {
    let bench = try lake()
    let before = try must(bench, "node", "list", "--all", "--json").output
    try FileManager.default.removeItem(atPath: "\(bench.data)/projections")
    let missing = try bench.run(["cluster", "status", "--data", bench.data])
    #expect(missing.code == 65 && missing.errors.contains("have not been made yet"))
    try must(bench, "policy", "set", "/", "-k", "2", "-m", "1")
    #expect(try must(bench, "node", "list", "--all", "--json").output == before)
  }

  @Test func tablesThatLackEventsSaySo() throws {
    let bench = try lake()
    try FileManager.default.copyItem(
      atPath: "\(bench.data)/projections", toPath: bench.folder.path("older"))
    try must(bench, "policy", "set", "/a")
    try must(bench, "policy", "set", "/b")
    try FileManager.default.removeItem(atPath: "\(bench.data)/projections")
    try FileManager.default.moveItem(
      atPath: bench.folder.path("older"), toPath: "\(bench.data)/projections")
    let list = try must(bench, "policy", "list", "--json")
    #expect(list.lines.count == 1 && list.errors.contains("lack the last 2 events"))
    try must(bench, "policy", "set", "/c")
    let whole = try must(bench, "policy", "list", "--json")
    #expect(whole.lines.count == 4 && whole.errors.isEmpty)
  }

  @Test func aRunningNodeIsReadBesideAndNotWrittenTo() throws {
    let bench = try lake()
    let node = try NodeProcess(["serve", "--data", bench.data, "--set", "admin.listen=127.0.0.1:0"])
    let line = try #require(node.waitForError(containing: "msg=listening"))
    let match = try #require(line.firstMatch(of: /address=127\.0\.0\.1:(\d+)/))
    _ = try #require(node.waitForError(containing: "node ready"))
    #expect(try object(bench, "status")["name"] as? String == "lake")
    #expect(try must(bench, "node", "list", "--json").lines.count == 2)
    #expect(try must(bench, "policy", "get", "/x").errors.isEmpty)
    let refused = try bench.run(["cluster", "node", "drain", "alpha", "--data", bench.data])
    #expect(refused.code == 75)
    #expect(refused.errors.contains("locked by process \(node.pid) "))
    let client = try RawClient(port: try #require(UInt16(match.1)))
    try client.send("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
    let health = try #require(try client.receive())
    #expect(health.status == 200 && health.body.contains("projections"))
    node.signal(SIGTERM)
    #expect(node.wait().ending == .exited(0))
    try must(bench, "node", "drain", "alpha")
  }

  @Test func aNodeMakesTheTopicAndTheTables() throws {
    let bench = try LogWorkbench()
    let node = try NodeProcess(["serve", "--data", bench.data, "--set", "admin.listen=127.0.0.1:0"])
    _ = try #require(node.waitForError(containing: "node ready"))
    let status = try bench.run(["cluster", "status", "--data", bench.data])
    #expect(status.code == 65 && status.errors.contains("there is no cluster yet"))
    node.signal(SIGTERM)
    #expect(node.wait().ending == .exited(0))
    let topics = try bench.must("topic", "list", "--json").objects()
    #expect(topics.compactMap { $0["topic"] as? String } == ["cluster"])
  }

  @Test func helpSaysEverythingAtEveryLevel() throws {
    let bench = try LogWorkbench()
    let commands = [
      "init", "status", "node join", "node list", "node show", "node update", "node drain", "node reactivate",
      "node remove", "disk add", "disk list", "disk update", "disk retire", "policy set", "policy get",
      "policy list", "policy remove",
    ]
    for command in commands {
      let page = try bench.run(["cluster"] + command.split(separator: " ").map(String.init) + ["--help"])
      #expect(page.code == 0 && page.output.contains("Examples:"), "\(command)")
    }
  }
}
