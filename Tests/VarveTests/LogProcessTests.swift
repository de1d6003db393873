// Several processes on one log: one that writes, killed in the middle of it; readers beside it; the node; and
// somebody who damages a file.

import Foundation
import Glibc
import Peers
import Testing

@Suite("Several processes on one log") struct LogProcessTests {
  @Test func whatWasAcknowledgedIsThereAfterSIGKILLUnderLoad() throws {
    let bench = try LogWorkbench()
    try bench.must(
      "topic", "create", "jobs", "--partitions", "2", "--segment-bytes", "64 KiB", "--batch-bytes-maximum",
      "16 KiB", "--record-bytes-maximum", "16 KiB")
    // More than is ever read: the writer is in the middle of it when it is killed.
    let load = bench.folder.url("load")
    try Data((0..<200_000).map { "\($0)-\(String(repeating: "x", count: 40))\n" }.joined().utf8).write(
      to: load)
    var acknowledged: [String] = []
    for _ in 0..<3 {
      let writer = try LogProcess(
        ["log", "append", "jobs", "--batch", "3", "--acks", "-", "--data", bench.data], in: bench.folder,
        reading: load)
      for _ in 0..<600 { acknowledged.append(try #require(writer.nextLine(), "\(writer.errors)")) }
      writer.signal(SIGKILL)
      #expect(writer.wait() == -SIGKILL)
      while let line = writer.nextLine() { acknowledged.append(line) }
    }
    // A line that the kill cut is none.
    let whole = acknowledged.filter { $0.wholeMatch(of: /[01] \d+/) != nil }
    #expect(whole.count >= 1800)
    let file = bench.folder.path("acks.txt")
    try whole.map { $0 + "\n" }.joined().write(toFile: file, atomically: true, encoding: .utf8)
    let verified = try bench.must("verify", "jobs", "--acks", file, "--json").objects()
    #expect(verified.compactMap { $0["acknowledged"] as? Int }.reduce(0, +) == whole.count)
    #expect(verified.allSatisfy { ($0["missing"] as? [Int])?.isEmpty ?? true })
    #expect(verified.allSatisfy { ($0["damaged"] as? Bool) != true })
    let there = Set(
      try bench.must("cat", "jobs", "--json").objects().map {
        "\($0["partition"] ?? "") \($0["offset"] ?? "")"
      })
    #expect(Set(whole).isSubset(of: there))
    // A promise that was never made is missed.
    try "0 99999999\n".write(toFile: file, atomically: true, encoding: .utf8)
    let missed = try bench.log("verify", "jobs", "--acks", file)
    #expect(missed.code == 65 && missed.output.contains("MISSING: offsets 99999999"))
    try bench.must("append", "jobs", "goes on")
  }

  @Test func tailFollowsAnAppenderThatIsRunning() throws {
    let bench = try LogWorkbench()
    try bench.must("topic", "create", "jobs", "--partitions", "2")
    let writer = try LogProcess(
      ["log", "append", "jobs", "--acks", "-", "--data", bench.data], in: bench.folder)
    try writer.write("one\n")
    _ = try #require(writer.nextLine())
    let follower = try LogProcess(
      ["log", "tail", "jobs", "--follow", "--value-only", "--limit", "4", "--data", bench.data],
      in: bench.folder)
    #expect(follower.nextLine() == "one")
    for value in ["two", "three", "four"] {
      try writer.write("\(value)\n")
      #expect(follower.nextLine() == value)
    }
    #expect(follower.wait() == 0, "the limit ends it")
    let second = try bench.log("append", "jobs", "x")
    #expect(second.code == 75)
    #expect(second.errors.contains("locked by process \(writer.pid) "))
    let idle = try LogProcess(
      ["log", "tail", "jobs", "-f", "-p", "0", "--data", bench.data], in: bench.folder)
    _ = try #require(idle.nextLine())
    idle.signal(SIGINT)
    #expect(idle.wait() == -SIGINT, "Ctrl-C ends what follows")
    try writer.closeInput()
    #expect(writer.wait() == 0)
  }

  @Test func theNodeOpensItsLogWithTheTopicsOfItsConfiguration() throws {
    let bench = try LogWorkbench()
    try bench.must("topic", "create", "jobs", "--retention-age", "1d")
    try bench.must("append", "jobs", "before the node")
    let file = bench.folder.path("varve.yaml")
    try "topics:\n  jobs: {partitions: 2}\n  clicks: {retention_age: 30d, compression: zstd}\n  plain:\n"
      .write(
        toFile: file, atomically: true, encoding: .utf8)
    let arguments = ["serve", "--config", file, "--data", bench.data, "--set", "admin.listen=127.0.0.1:0"]
    let node = try NodeProcess(arguments)
    let line = try #require(node.waitForError(containing: "msg=listening"))
    let match = try #require(line.firstMatch(of: /address=127\.0\.0\.1:(\d+)/))
    let port = try #require(UInt16(match.1))
    _ = try #require(node.waitForError(containing: "node ready"))
    // Reading needs no lock, writing says who has it.
    #expect(try bench.must("cat", "jobs", "--value-only").output == "before the node\n")
    let refused = try bench.log("append", "jobs", "x")
    #expect(refused.code == 75 && refused.errors.contains("locked by process \(node.pid) "))
    #expect(refused.errors.contains("stop the node"))
    let topics = try bench.must("topic", "list", "--json").objects()
    #expect(topics.compactMap { $0["topic"] as? String } == ["clicks", "cluster", "jobs", "plain"])
    let settings = topics.compactMap { $0["settings"] as? [String: Any] }
    #expect(settings.compactMap { $0["partitions"] as? Int } == [1, 1, 2, 1])
    #expect(settings.compactMap { $0["retention_age"] as? String } == ["30d", "forever", "1d", "forever"])
    let client = try RawClient(port: port)
    try client.send("GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n")
    let metrics = try #require(try client.receive())
    #expect(metrics.body.contains("varve_log_partition_stopped{topic=\"jobs\",partition=\"1\"} 0"))
    #expect(metrics.body.contains("varve_component_ready{component=\"log\"} 1"))
    node.signal(SIGTERM)
    #expect(node.wait().ending == .exited(0))
    #expect(node.errorLines.contains { $0.contains("log closed") })
    try bench.must("append", "jobs", "after the node")
  }

  @Test func aDamagedPartitionMakesTheNodeUnreadyAndIsMended() throws {
    let bench = try LogWorkbench()
    try bench.must("topic", "create", "jobs")
    for value in ["first", "second", "third"] { try bench.must("append", "jobs", value) }
    let segment = URL(fileURLWithPath: bench.data).appendingPathComponent(
      "log/jobs-0/00000000000000000000.log")
    var bytes = try Data(contentsOf: segment)
    let place = try #require(bytes.range(of: Data("second".utf8)))
    bytes[place.lowerBound] = UInt8(ascii: "X")
    try bytes.write(to: segment)
    // Only a look at the records tells, so the node must be made to look.
    try FileManager.default.removeItem(
      at: segment.deletingLastPathComponent().appendingPathComponent("clean-shutdown"))
    let verified = try bench.log("verify", "jobs", "--json")
    #expect(verified.code == 65)
    let finding = try #require(try verified.objects().first)
    #expect(finding["severity"] as? String == "damage")
    #expect((finding["file"] as? String)?.hasSuffix("00000000000000000000.log") == true)
    let node = try NodeProcess(["serve", "--data", bench.data, "--set", "admin.listen=127.0.0.1:0"])
    let line = try #require(node.waitForError(containing: "msg=listening"))
    let match = try #require(line.firstMatch(of: /address=127\.0\.0\.1:(\d+)/))
    let port = try #require(UInt16(match.1))
    _ = try #require(node.waitForError(containing: "node ready"))
    let client = try RawClient(port: port)
    var ready = RawClient.Response(status: 200, head: "", body: "")
    while ready.status == 200 {
      try client.send("GET /readyz HTTP/1.1\r\nHost: a\r\n\r\n")
      ready = try #require(try client.receive())
    }
    #expect(ready.body.contains("varve log repair jobs --partition 0"))
    node.signal(SIGTERM)
    #expect(node.wait().ending == .exited(0))
    let dry = try bench.must("repair", "jobs", "--dry-run")
    #expect(dry.output.contains("would "))
    #expect(try bench.log("append", "jobs", "x").code == 65)
    try bench.must("repair", "jobs", "--partition", "0", "--salvage")
    #expect(try bench.must("cat", "jobs", "--value-only").output == "first\nthird\n")
    try bench.must("verify", "jobs")
    try bench.must("append", "jobs", "fourth")
    #expect(try bench.must("cat", "jobs", "--value-only").output == "first\nthird\nfourth\n")
  }

  @Test func theFilesOfAPartitionAreShown() throws {
    let bench = try LogWorkbench()
    try bench.must("topic", "create", "jobs")
    try bench.must("append", "jobs", "hello", "--key", "k")
    let dump = try bench.must("dump", "jobs", "--records", "--hex").output
    #expect(dump.contains(/@0  offsets 0 to 0  1 records  .* crc [0-9a-f]{8} right/))
    #expect(dump.contains("key k  value hello"))
    #expect(dump.contains("durable end 1"))
    #expect(dump.contains("topic_id: "))
    let parts = try bench.must("dump", "jobs", "--json").objects().compactMap { $0["part"] as? String }
    #expect(Set(parts).isSuperset(of: ["file", "batch", "time_index", "durable_end", "text"]))
    let file = bench.folder.path("00000000000000000000.log")
    try Data("not a segment, but long enough to hold what might be the header of a batch".utf8).write(
      to: URL(fileURLWithPath: file))
    #expect(try bench.run(["log", "dump", "--file", file]).output.contains("UNREADABLE"))
    let copy = bench.folder.path("jobs-0")
    try FileManager.default.copyItem(atPath: "\(bench.data)/log/jobs-0", toPath: copy)
    #expect(
      try bench.run(["log", "cat", "--partition-dir", copy, "--value-only"]).output == "hello\n")
  }

  @Test func aReaderThatWentAwayIsNoError() throws {
    let bench = try LogWorkbench()
    try bench.must("topic", "create", "jobs")
    try bench.must(
      "append", "jobs", "--batch", "5000", input: Data(String(repeating: "line\n", count: 50_000).utf8))
    let reader = try LogProcess(
      ["log", "cat", "jobs", "--value-only", "--data", bench.data], in: bench.folder)
    #expect(reader.nextLine() == "line")
    try reader.stopReading()
    #expect(reader.wait() == 74)
    #expect(reader.errors.isEmpty)
  }
}
