// Read models in PostgreSQL, as an operator meets them: by configuration alone, with every command that knows the files.

import Foundation
import Peers
import Testing

@Suite("Read models in PostgreSQL") struct PostgresTests {
  /// A cluster with two nodes.
  private func lake(_ bench: PostgresBench) throws {
    try bench.must("cluster", "init", "lake")
    try bench.must("cluster", "node", "join", "alpha", "--address", "/ip4/10.0.0.1/tcp/4001")
    try bench.must("cluster", "node", "join", "beta", "--address", "/ip4/10.0.0.2/tcp/4001")
  }

  // MARK: Commands

  @Test func theClusterIsKeptThere() throws {
    let bench = try PostgresBench()
    try lake(bench)
    try bench.must("cluster", "node", "drain", "beta")
    let states = try bench.must("cluster", "node", "list", "--json").objects().map { $0["state"] as? String }
    #expect(states == ["active", "draining"])
    let status = try #require(try bench.must("cluster", "status", "--json").objects().first)
    #expect(status["name"] as? String == "lake")
    let listed = try #require(try bench.must("projections", "list", "--json").objects().first)
    #expect(listed["position"] as? Int == 4 && listed["lag"] as? Int == 0)
    #expect(listed["generation"] as? Int == 1)
    #expect(try bench.schemas() == ["", "_cluster_1"])
    #expect(!FileManager.default.fileExists(atPath: "\(bench.bench.data)/projections"))
  }

  @Test func lookingMakesNothing() throws {
    let bench = try PostgresBench()
    try bench.bench.must("topic", "create", "cluster")
    let status = try bench.run("cluster", "status")
    #expect(status.code == 65 && status.errors.contains("have not been made yet"), "\(status.errors)")
    #expect(try bench.must("projections", "list", "--json").lines.isEmpty)
    #expect(try bench.must("replay", "--verify").output.contains("no tables yet"))
    #expect(try bench.schemas().isEmpty)
  }

  @Test func aRebuildGoesBesideAndTheOldTablesAreKeptUntilTheyAreDropped() throws {
    let bench = try PostgresBench()
    try lake(bench)
    let before = try bench.must("cluster", "node", "list", "--json").output
    let replayed = try bench.must("replay")
    #expect(replayed.output.contains("rebuilt as generation 2"))
    #expect(replayed.output.contains("varve projections drop cluster 1"))
    #expect(try bench.schemas() == ["", "_cluster_1", "_cluster_2"])
    #expect(try bench.must("cluster", "node", "list", "--json").output == before)
    let inUse = try bench.run("projections", "drop", "cluster", "2")
    #expect(inUse.code == 65 && inUse.errors.contains("is in use"))
    try bench.must("projections", "drop", "cluster", "1")
    #expect(try bench.schemas() == ["", "_cluster_2"])
    let gone = try bench.run("projections", "drop", "cluster", "1")
    #expect(gone.code == 65 && gone.errors.contains("has no generation 1"))
    #expect(try bench.must("cluster", "node", "list", "--json").output == before)
  }

  @Test func verifyingComparesWithTablesThatAreRemoved() throws {
    let bench = try PostgresBench()
    try lake(bench)
    // What a verification left that was killed.
    _ = try bench.server.psql(
      "CREATE SCHEMA \(bench.schema)_cluster_verify; CREATE TABLE \(bench.schema)_cluster_verify.nodes (a INT)"
    )
    #expect(try bench.must("replay", "--verify").output.contains("cluster.nodes"))
    #expect(try bench.schemas() == ["", "_cluster_1"])
    _ = try bench.server.psql("UPDATE \(bench.schema)_cluster_1.nodes SET name = 'gamma' WHERE name = 'beta'")
    let differs = try bench.run("replay", "--verify")
    #expect(differs.code == 65)
    #expect(differs.output.contains("first difference, in cluster.nodes"))
    #expect(differs.output.contains("name='gamma'") && differs.output.contains("name='beta'"))
    #expect(try bench.schemas() == ["", "_cluster_1"])
  }

  @Test func onlyOneVerificationOfAProjectionRunsAtATime() throws {
    let bench = try PostgresBench()
    try lake(bench)
    let input = Pipe()
    let other = Process()
    other.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    other.arguments = ["psql", "-X", "-q", "-A", "-t", "-d", bench.server.address()]
    other.standardInput = input.fileHandleForReading
    let output = Pipe()
    other.standardOutput = output
    try other.run()
    let name = "scratch \(bench.schema)_cluster_verify"
    try input.fileHandleForWriting.write(
      contentsOf: Data("SELECT pg_advisory_lock(hashtextextended('\(name)', 0)) IS NULL;\n".utf8))
    _ = output.fileHandleForReading.available()
    let busy = try bench.run("replay", "--verify")
    #expect(busy.code == 75 && busy.errors.contains("cluster_verify"), "\(busy.errors)")
    try input.fileHandleForWriting.close()
    other.waitUntilExit()
    try bench.must("replay", "--verify")
  }

  @Test func tablesOfAMomentGoIntoAFile() throws {
    let bench = try PostgresBench()
    try lake(bench)
    let file = bench.bench.folder.path("then.sqlite")
    try bench.must("replay", "--projection", "cluster", "--to", "2", "--output", file)
    let script =
      "import sqlite3,sys; print(sqlite3.connect(sys.argv[1]).execute('SELECT name FROM nodes').fetchall())"
    let found = String(decoding: try ForeignProgram.run("python3", ["-c", script, file]), as: UTF8.self)
    #expect(found == "[('alpha',)]\n")
    #expect(try bench.schemas() == ["", "_cluster_1"])
  }

  // MARK: What is wrong

  @Test func aServerThatIsNotThereIsSaidSoInTimeAndWithoutThePassword() throws {
    let connection = "postgres://varve:hush-hush@127.0.0.1:1/postgres"
    let bench = try PostgresBench(connection: connection, ["connect_timeout: 2s"])
    try bench.bench.must("topic", "create", "cluster")
    for arguments in [["cluster", "status"], ["projections", "list"], ["replay"], ["replay", "--verify"]] {
      let outcome = try bench.bench.run(arguments + bench.place)
      #expect(outcome.code == 69, "\(arguments): \(outcome.errors)")
      #expect(outcome.errors.contains("postgres://varve@127.0.0.1:1/postgres"), "\(outcome.errors)")
      #expect(!outcome.errors.contains("hush"))
    }
    let node = try NodeProcess(["serve", "--set", "admin.listen=127.0.0.1:0"] + bench.place)
    let (ending, output) = node.wait()
    #expect(ending == .exited(69))
    let said = node.errorLines.joined(separator: "\n") + output
    #expect(said.contains("postgres://varve@127.0.0.1:1/postgres") && !said.contains("hush"), "\(said)")
  }

  /// What is set, the key that is at fault, and what must be said.
  static let mistakes: [(settings: [String], expected: String)] = [
    (["projections.store=postgres"], "read models in PostgreSQL need a connection string"),
    (
      ["projections.store=postgres", "projections.postgres.connection=host='hush"],
      "the key projections.postgres.connection"
    ),
    (["projections.store=mysql"], "one of sqlite, postgres"),
    (["projections.postgres.schema=pg_mine"], "not pg_ at the beginning"),
    (["projections.postgres.schema=abcdefghijklmno"], "1 to 14"),
    (["projections.postgres.schema=A"], "a letter first"),
    (["projections.postgres.tls=full"], "verify-full"),
  ]

  @Test(arguments: mistakes.indices)
  func aWrongConfigurationIsRefused(_ index: Int) throws {
    let (settings, expected) = Self.mistakes[index]
    let bench = try LogWorkbench()
    try bench.must("topic", "create", "cluster")
    let outcome = try bench.run(
      ["projections", "list", "--data", bench.data] + settings.flatMap { ["--set", $0] })
    #expect(outcome.code == 78, "\(outcome.errors)")
    #expect(outcome.errors.contains(expected), "\(outcome.errors)")
    #expect(!outcome.errors.contains("hush"))
  }

  @Test func theConnectionStringIsNeverShown() throws {
    let bench = try PostgresBench(connection: "postgres://varve:hush-hush@127.0.0.1:1/postgres")
    for format in ["text", "yaml", "json"] {
      let shown = try bench.must("config", "show", "--format", format)
      #expect(shown.output.contains("projections") && !shown.output.contains("hush"))
    }
  }

  @Test func theServersCertificateIsCheckedAsConfigured() throws {
    let server = try PostgresServer(.guarded(password: "hush-hush"))
    let connection = "postgres://varve:hush-hush@localhost:\(server.port)/postgres"
    let checked = try PostgresBench(
      server, connection: connection, ["tls: verify-full", "ca_file: \(server.certificate)"])
    try checked.must("cluster", "init", "lake")
    #expect(try checked.must("cluster", "status").output.contains("lake"))
    let unknown = try PostgresBench(
      server, connection: connection, ["tls: verify-full", "ca_file: /dev/null"])
    try unknown.bench.must("topic", "create", "cluster")
    let refused = try unknown.run("cluster", "status")
    #expect(refused.code == 69 && !refused.errors.contains("hush"), "\(refused.errors)")
  }

  // MARK: A node

  @Test func aNodeRunsOnItAndSaysWhenItIsAway() throws {
    let server = try PostgresServer()
    let bench = try PostgresBench(server)
    try lake(bench)
    let (node, port) = try bench.serve()
    #expect(try PostgresBench.get("/readyz", port).status == 200)
    #expect(try bench.must("cluster", "node", "list", "--json").lines.count == 2)
    try server.stop(.fast)
    let away = try PostgresBench.get("/readyz", port) { $0.status == 503 }
    #expect(away.body.contains("the read models cannot be reached"), "\(away.body)")
    #expect(try PostgresBench.get("/healthz", port).status == 200)
    try server.start()
    _ = try PostgresBench.get("/readyz", port) { $0.status == 200 }
    node.signal(SIGTERM)
    #expect(node.wait().ending == .exited(0))
  }

  @Test(arguments: [true, false])
  func aRunningNodeTakesRebuiltTablesOver(inPostgres: Bool) throws {
    let bench = try PostgresBench(isUsed: inPostgres)
    try lake(bench)
    let (node, port) = try bench.serve()
    try bench.must("replay")
    let line = try #require(node.waitForError(containing: "tables exchanged"))
    #expect(line.contains("cluster generation 2"))
    try bench.must("projections", "drop", "cluster", "1")
    #expect(try bench.must("cluster", "node", "list", "--json").lines.count == 2)
    #expect(try PostgresBench.get("/readyz", port).status == 200)
    let metrics = try PostgresBench.get("/metrics", port).body
    #expect(metrics.contains("varve_projection_position{projection=\"cluster\",partition=\"0\"} 3\n"))
    #expect(metrics.contains("varve_projection_stopped{projection=\"cluster\",partition=\"0\"} 0\n"))
    try bench.must("replay", "--verify")
    node.signal(SIGTERM)
    #expect(node.wait().ending == .exited(0))
    try bench.must("cluster", "node", "drain", "beta")
  }

  @Test func aStoppedProjectionMakesTheNodeUnready() throws {
    let bench = try PostgresBench(isUsed: false)
    try lake(bench)
    try bench.bench.must("append", "cluster", "no event", "--key", "x")
    let node = try NodeProcess(["serve", "--set", "admin.listen=127.0.0.1:0"] + bench.place)
    let listening = try #require(node.waitForError(containing: "msg=listening"))
    let match = try #require(listening.firstMatch(of: /address=127\.0\.0\.1:(\d+)/))
    let port = try #require(UInt16(match.1))
    let ready = try PostgresBench.get("/readyz", port) { $0.body.contains("stopped at") }
    #expect(ready.status == 503 && ready.body.contains("cluster-0 offset 3"), "\(ready.body)")
    #expect(try PostgresBench.get("/healthz", port).status == 200)
    let metrics = try PostgresBench.get("/metrics", port).body
    #expect(metrics.contains("varve_projection_stopped{projection=\"cluster\",partition=\"0\"} 1\n"))
    #expect(metrics.contains("varve_projection_lag_events{projection=\"cluster\",partition=\"0\"} 1\n"))
    node.signal(SIGTERM)
    #expect(node.wait().ending == .exited(0))
  }
}
