// `varve log topic` and `varve log consumers` as somebody at a terminal meets them, and the mistakes that every
// command under `varve log` answers.

import Foundation
import Peers
import Testing

@Suite("Topics and consumers from the command line") struct LogTopicCommandTests {
  @Test func aTopicIsMadeChangedShownAndDeleted() throws {
    let bench = try LogWorkbench()
    try bench.must("topic", "create", "jobs", "--partitions", "2", "--retention-age", "7d")
    try bench.must("topic", "create", "users", "--cleanup", "compact", "--segment-bytes", "8 MiB")
    #expect(try bench.must("topic", "create", "jobs", "--if-missing").output.contains("there already"))
    let list = try bench.must("topic", "list", "--json").objects()
    #expect(list.compactMap { $0["topic"] as? String } == ["jobs", "users"])
    try bench.must("topic", "alter", "jobs", "--retention-age", "forever", "--partitions", "3")
    let jobs = try #require(try bench.must("topic", "describe", "jobs", "--json").objects().first)
    let settings = try #require(jobs["settings"] as? [String: Any])
    #expect(settings["partitions"] as? Int == 3)
    #expect(settings["retention_age"] as? String == "forever")
    #expect(settings["cleanup"] as? String == "delete")
    #expect((jobs["partitions"] as? [[String: Any]])?.count == 3)
    #expect(try bench.must("topic", "describe", "users").output.contains(/segment_bytes +8 MiB/))
    try bench.must("topic", "delete", "users", "--yes")
    #expect(try bench.must("topic", "list").lines.count == 2)
  }

  @Test func consumersAreCommittedListedAndForgotten() throws {
    let bench = try LogWorkbench()
    try bench.must("topic", "create", "jobs")
    try bench.must("append", "jobs", input: Data("a\nb\nc\n".utf8))
    try bench.must("consumers", "commit", "billing", "jobs", "1")
    try bench.must("consumers", "commit", "search", "jobs", "end", "--kind", "snapshot")
    let consumers = try bench.must("consumers", "list", "--json").objects()
    #expect(consumers.compactMap { $0["consumer"] as? String } == ["billing", "search"])
    #expect(consumers.compactMap { $0["lag"] as? Int } == [2, 0])
    #expect(consumers.compactMap { $0["kind"] as? String } == ["consumer", "snapshot"])
    try bench.must("consumers", "remove", "billing")
    #expect(try bench.must("consumers", "list", "--json").lines.count == 1)
    #expect(try bench.log("consumers", "remove", "billing").code == 65)
    #expect(try bench.log("consumers", "commit", "billing", "jobs", "9").code == 65)
  }

  @Test(
    "A mistake is answered with its exit code and what to do",
    arguments: [
      (["append", "nope", "x"], 65, "there is no topic nope"),
      (["append", "nope", "x"], 65, "varve log topic create"),
      (["append", "jobs", "x", "--partition", "5"], 65, "topic jobs has no partition 5"),
      (["append", "jobs", "--tombstone"], 64, "--tombstone needs --key"),
      (["append", "jobs", "x", "--key-separator", ":"], 64, "--key-separator is for lines"),
      (["append", "jobs", "x", "--acks", "-", "--durability", "written"], 64, "--acks promises durability"),
      (["append", "jobs", "x", "--header", "novalue"], 64, "has no name and ="),
      (["cat", "nope"], 65, "there is no topic nope"), (["cat"], 64, "which topic?"),
      (["cat", "jobs", "--from", "yesterday"], 64, "how long ago such as 15m"),
      (["cat", "jobs", "--from", "2026-13-01T00:00:00Z"], 64, "is not a time as RFC 3339 writes it"),
      (["cat", "jobs", "--from", "99"], 65, "offset 99 of jobs-0 is not there"),
      (["cat", "jobs", "--json", "--raw"], 64, "exclude each other"),
      (["cat", "jobs", "--event", "nodots"], 64, "is no type of events"),
      (["cat", "jobs", "--descriptors", "/etc/passwd"], 65, "descriptor set"),
      (["cat", "jobs", "--partition-dir", "/tmp"], 64, "--partition-dir stands for a topic"),
      (["cat", "--partition-dir", "/nowhere"], 74, "/nowhere"),
      (["topic", "create", "jobs"], 65, "there is a topic jobs already"),
      (["topic", "create", "a/b"], 64, "only letters, digits"),
      (["topic", "create", "__varve"], 64, "kept by the log itself"),
      (["topic", "create", "x", "--batch-bytes-maximum", "1 GiB"], 64, "batch_bytes_maximum"),
      (["topic", "alter", "jobs"], 64, "at least one setting"),
      (["topic", "alter", "jobs", "--partitions", "1"], 64, "cannot shrink"),
      (["topic", "delete", "jobs"], 64, "--yes"),
      (["compact", "jobs"], 65, "is not compacted"),
      (["import", "/nowhere"], 74, "/nowhere cannot be read"),
      (["dump", "jobs", "--segment", "7"], 65, "no segment begins at 7"),
      (["verify", "--acks", "x"], 64, "--acks needs a TOPIC"),
      (["verfy"], 64, "did you mean verify?"),
    ])
  func mistakes(arguments: [String], code: Int32, expected: String) throws {
    let bench = try LogWorkbench()
    try bench.must("topic", "create", "jobs", "--partitions", "2")
    let outcome = try bench.run(["log"] + arguments + ["--data", bench.data])
    #expect(outcome.code == code, "\(outcome.errors)")
    #expect(outcome.errors.contains(expected), "\(outcome.errors)")
    #expect(outcome.output.isEmpty)
  }

  @Test func aDirectoryWithoutALogIsNotMadeByMistake() throws {
    let bench = try LogWorkbench()
    for arguments in [
      ["append", "jobs", "x"], ["cat", "jobs"], ["stat"], ["verify"], ["consumers", "list"],
    ] {
      let outcome = try bench.run(["log"] + arguments + ["--data", bench.data])
      #expect(outcome.code == 65)
      #expect(outcome.errors.contains("there is no log at"))
    }
    #expect(!FileManager.default.fileExists(atPath: bench.data))
  }

  @Test func helpSaysEverythingAtEveryLevel() throws {
    let bench = try LogWorkbench()
    let names = [
      "append", "cat", "tail", "stat", "verify", "repair", "dump", "export", "import", "retention", "compact",
    ]
    let top = try bench.run(["log", "--help"])
    for name in names + ["topic", "consumers"] { #expect(top.output.contains(name)) }
    for name in names {
      let page = try bench.run(["log", name, "--help"])
      #expect(page.code == 0 && page.output.contains("Examples:"), "\(name)")
    }
  }
}
