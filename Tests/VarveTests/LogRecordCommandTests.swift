// Records in and out by the command line: what `append` stores, what `cat` and `tail` show, and that `export` and
// `import` carry it over.

import Foundation
import Peers
import Testing

@Suite("Records from the command line") struct LogRecordCommandTests {
  private func values(_ outcome: CommandOutcome) throws -> [String?] {
    try outcome.objects().map { $0["value"] as? String }
  }

  @Test func everyPartOfARecordIsStored() throws {
    let bench = try LogWorkbench()
    try bench.must("topic", "create", "users")
    try bench.must("append", "users", "hello", "--key", "a", "--header", "h=1", "--header", "h=", "--json")
    try bench.must("append", "users", "--key", "a", "--tombstone")
    try bench.must("append", "users", "--key-separator", ":", input: Data("b:x:y\nc:\n".utf8))
    try bench.must("append", "users", input: Data([0xff, 0x00, 0x0a]))
    let records = try bench.must("cat", "users", "--json").objects()
    #expect(records.compactMap { $0["offset"] as? Int } == [0, 1, 2, 3, 4])
    #expect(records.map { $0["key"] as? String } == ["a", "a", "b", "c", nil])
    #expect(records.map { $0["value"] as? String } == ["hello", nil, "x:y", "", nil])
    #expect(records[4]["value_base64"] as? String == "/wA=")
    #expect(records[4]["value"] == nil)
    let headers = try #require(records[0]["headers"] as? [[String: String]])
    #expect(headers == [["name": "h", "value": "1"], ["name": "h", "value": ""]])
    #expect(try bench.must("cat", "users", "--raw", "--to", "1").output == "hello")
    let lines = try bench.must("cat", "users").lines
    #expect(lines[0].contains(/^0:0 +\d{4}-.*Z +a +hello  h=1  h=$/))
    #expect(lines[1].hasSuffix("(deleted)"))
    #expect(lines[4].hasSuffix("0xff00"))
  }

  @Test func whatIsNotALineOfTheRightFormIsRefusedWithItsNumber() throws {
    let bench = try LogWorkbench()
    try bench.must("topic", "create", "users")
    let outcome = try bench.log(
      "append", "users", "--key-separator", ":", "--batch", "1", input: Data("a:1\nb\n".utf8))
    #expect(outcome.code == 65)
    #expect(outcome.errors.contains("line 2 has no separator"))
    #expect(try bench.must("cat", "users", "--value-only").output == "1\n")
  }

  @Test(
    "A filter gives what it names",
    arguments: [
      (["--from", "3"], "3456789"), (["--to", "3"], "012"), (["--from", "2", "--to", "5"], "234"),
      (["--from", "end"], ""), (["--from", "1h"], "0123456789"), (["--to", "1h"], ""),
      (["--from", "2001-01-01T00:00:00Z", "--to", "2200-01-01T00:00:00+02:00"], "0123456789"),
      (["--limit", "2"], "01"), (["--key", "even"], "02468"), (["--key-prefix", "o"], "13579"),
      (["--key", "eve"], ""), (["--header", "of=shell"], "0123456789"), (["--header", "of=other"], ""),
      (["--key", "odd", "--from", "4", "--limit", "2"], "57"),
    ])
  func filters(arguments: [String], expected: String) throws {
    let bench = try LogWorkbench()
    try bench.must("topic", "create", "digits")
    let lines = (0..<10).map { "\($0 % 2 == 0 ? "even" : "odd")=\($0)\n" }.joined()
    try bench.must(
      "append", "digits", "--key-separator", "=", "--header", "of=shell", input: Data(lines.utf8))
    let command = ["log", "cat", "digits", "--value-only", "--data", bench.data]
    let outcome = try bench.run(command + arguments)
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(outcome.lines.joined() == expected)
  }

  @Test func keysChooseThePartitionAndTailShowsTheEnd() throws {
    let bench = try LogWorkbench()
    try bench.must("topic", "create", "jobs", "--partitions", "3")
    let lines = (0..<60).map { "k\($0 % 6):\($0)\n" }.joined()
    try bench.must("append", "jobs", "--key-separator", ":", input: Data(lines.utf8))
    var homes: [String: Set<Int>] = [:]
    for record in try bench.must("cat", "jobs", "--json").objects() {
      homes[try #require(record["key"] as? String), default: []].insert(
        try #require(record["partition"] as? Int))
    }
    #expect(homes.count == 6 && homes.values.allSatisfy { $0.count == 1 })
    try bench.must("append", "jobs", "last", "--partition", "1")
    #expect(try bench.must("tail", "jobs", "-p", "1", "-n", "1", "--value-only").output == "last\n")
  }

  @Test func eventsAreShownAsJSON() throws {
    let bench = try LogWorkbench()
    try bench.must("topic", "create", "jobs", "--partitions", "4")
    let events = try bench.must("cat", "__varve", "--event", "varve.log.TopicSet.v1", "--json").objects()
    #expect(events.count == 1)
    #expect(events[0]["event_type"] as? String == "varve.log.TopicSet.v1")
    let event = try #require(events[0]["event"] as? [String: Any])
    #expect(event["name"] as? String == "jobs")
    #expect((event["settings"] as? [String: Any])?["partitions"] as? Int == 4)
    #expect(events[0]["value"] == nil)
    // The same name on a value that is no such event.
    try bench.must("append", "jobs", "\u{1}", "-p", "0", "--header", "ce_type=varve.log.TopicSet.v1")
    let broken = try bench.must("cat", "jobs", "--json").objects()
    #expect(broken[0]["value"] as? String == "\u{1}")
    #expect((broken[0]["event_error"] as? String)?.isEmpty == false)
  }

  @Test func anExportIsImportedWholeAndOnce() throws {
    let bench = try LogWorkbench()
    try bench.must("topic", "create", "jobs", "--partitions", "2", "--compression", "lz4")
    let lines = (0..<3000).map { "key\($0 % 50):value \($0)\n" }.joined()
    try bench.must("append", "jobs", "--key-separator", ":", "--header", "x=y", input: Data(lines.utf8))
    try bench.must("append", "jobs", "--key", "key1", "--tombstone")
    try bench.must("append", "jobs", input: Data([0xfe, 0x0a]))
    let file = bench.folder.path("jobs.jsonl")
    try bench.must("export", "jobs", "--output", file)
    #expect(try bench.log("export", "jobs", "--output", file).code == 73, "an export is never overwritten")
    let other = bench.folder.path("other/log")
    let copied = try bench.run(["log", "import", file, "--create", "--json", "--log", other])
    #expect(copied.code == 0, "\(copied.errors)")
    #expect(try copied.objects()[0]["appended"] as? Int == 3002)
    let (before, after) = (
      try bench.must("cat", "jobs", "--json").output,
      try bench.run(["log", "cat", "jobs", "--json", "--log", other]).output
    )
    #expect(before == after, "keys, values, headers, times, partitions and, in an empty topic, offsets")
    let again = try bench.run(["log", "import", file, "--json", "--log", other])
    #expect(try again.objects()[0]["already_there"] as? Int == 3002)
    #expect(try bench.run(["log", "cat", "jobs", "--json", "--log", other]).output == before)
  }

  @Test func anImportThatWasInterruptedIsRepeatedWithoutDoubles() throws {
    let bench = try LogWorkbench()
    try bench.must("topic", "create", "jobs", "--partitions", "2")
    try bench.must("append", "jobs", "--batch", "7", input: Data((0..<4000).map { "\($0)\n" }.joined().utf8))
    let export = try bench.must("export", "jobs").output
    let cut = export.split(separator: "\n").prefix(3000).joined(separator: "\n")
    let first = try bench.log("import", "--topic", "copy", "--create", input: Data(cut.utf8))
    #expect(first.code == 65)
    #expect(first.errors.contains("ends early"))
    let second = try bench.must("import", "--topic", "copy", "--json", input: Data(export.utf8)).objects()[0]
    let (appended, there) = (second["appended"] as? Int ?? 0, second["already_there"] as? Int ?? 0)
    #expect(appended + there == 4000 && there > 0 && appended > 0)
    #expect(
      try bench.must("cat", "copy", "--value-only").output == bench.must("cat", "jobs", "--value-only").output
    )
  }

  @Test(
    "An import that cannot be is refused",
    arguments: [
      ("", "is no export"), ("x\n", "line 1 is not JSON"),
      ("{\"partition\":0,\"offset\":0,\"timestamp\":1,\"value\":\"a\"}\n", "is no export"),
      ("{\"varve_export\":9}\n", "version 9"), ("{\"varve_export\":1,\"id\":\"x\"}\n", "line 1 has no id"),
    ])
  func refusedImports(input: String, expected: String) throws {
    let bench = try LogWorkbench()
    try bench.must("topic", "create", "jobs")
    let outcome = try bench.log("import", input: Data(input.utf8))
    #expect(outcome.code == 65)
    #expect(outcome.errors.contains(expected), "\(outcome.errors)")
  }
}
