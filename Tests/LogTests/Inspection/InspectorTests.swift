// A log looked at from outside, while it is written and when nobody has it open.

import Bytes
import Files
import Records
import Runtime
import Testing

@testable import Log

@Suite("A log looked at from outside")
struct InspectorTests {
  @Test("topics, consumers and records are those that the log has, open or closed")
  func sameAsTheLog() async throws {
    let fixture = try LogFixture()
    let name = try TopicName("events")
    let consumer = try ConsumerName("reader")
    func check(_ count: Int) throws {
      let directory = try LogDirectory(path: fixture.path, files: fixture.files)
      #expect(try directory.topics().map(\.name) == [name])
      #expect(try directory.topic(name).settings == smallSegments())
      #expect(try directory.consumers().map(\.position) == [LogOffset(Int64(count / 2))])
      let partition = try directory.partition(PartitionID(name, 0))
      #expect(try partition.extent() == LogExtent(first: 0, end: LogOffset(Int64(count))))
      let records = try partition.contents()
      #expect(records.map(\.offset) == (0..<Int64(count)).map { $0 })
      #expect(records.map(\.text) == (0..<count).map { "value \($0)" })
      let described = try partition.segments()
      #expect(described.count > 3)
      #expect(described.filter(\.isActive).map(\.base) == [described.last?.base])
      #expect(described.allSatisfy { $0.bytes > 0 && $0.bytes <= $0.fileBytes })
      #expect(described.allSatisfy { $0.lastTimestamp ?? 0 >= $0.firstTimestamp ?? .max })
    }
    try await fixture.withLog { log in
      let partition = try await log.createTopic(name, smallSegments()).partitions[0]
      for index in 0..<500 { try await partition.append(Record("value \(index)")) }
      try await log.commit(consumer, PartitionID(name, 0), position: 250)
      try check(500)
    }
    try check(500)
  }

  @Test("what is written and not durable is not shown")
  func onlyDurable() async throws {
    let fixture = try LogFixture()
    let name = try TopicName("events")
    try await fixture.withLog { log in
      var settings = TopicSettings()
      settings.flushInterval = .seconds(3600)
      let partition = try await log.createTopic(name, settings).partitions[0]
      let inspector = try LogDirectory(path: fixture.path, files: fixture.files)
        .partition(PartitionID(name, 0))
      #expect(try inspector.extent().end == 0)
      // The first batches of a partition, of which nothing was durable before.
      var subscription = try await partition.subscribe(from: .beginning, options: .written)
      for index in 0..<10 { try await partition.append(Record("\(index)"), .written) }
      while subscription.nextOffset < 10 { _ = try await subscription.next() }
      #expect(try inspector.extent().end == 0)
      try await partition.sync()
      #expect(try inspector.extent().end == 10)
      #expect(try inspector.contents().count == 10)
    }
  }

  @Test("a reader goes on with what was appended since, over rolls, and finds records by time")
  func goesOn() async throws {
    let fixture = try LogFixture()
    let name = try TopicName("events")
    try await fixture.withLog { log in
      let partition = try await log.createTopic(name, smallSegments()).partitions[0]
      let inspector = try LogDirectory(path: fixture.path, files: fixture.files)
        .partition(PartitionID(name, 0))
      var reader = try inspector.reader(from: .beginning)
      var seen: [String] = []
      for index in 0..<400 {
        try await partition.append(Record("value \(index)", timestamp: 1_000_000 + Int64(index) * 10))
        if index % 7 == 0 {
          while let batch = try reader.next() { seen += try batch.records().map(\.text) }
        }
      }
      while let batch = try reader.next() { seen += try batch.records().map(\.text) }
      #expect(seen == (0..<400).map { "value \($0)" })
      for index in [0, 1, 57, 200, 399] {
        let time = 1_000_000 + Int64(index) * 10
        #expect(try inspector.contents(from: .time(time)).first?.text == "value \(index)")
        #expect(try inspector.contents(from: .time(time - 5)).first?.text == "value \(index)")
      }
      #expect(try inspector.contents(from: .time(1_004_000)).isEmpty)
    }
  }

  @Test("a directory without a log, and a partition that the log has not, are refused in words")
  func refusals() async throws {
    let files = SimulatedFiles()
    try files.createDirectory("/empty")
    #expect(
      throws: LogError.malformedFile(path: "/empty", reason: "holds no log: there is no __varve-0 in it")
    ) {
      try LogDirectory(path: "/empty", files: files)
    }
    #expect(throws: LogError.self) { try LogDirectory(path: "/missing", files: files) }
    #expect(throws: LogError.self) { try PartitionInspector(path: "/missing", files: files) }
    let fixture = try LogFixture()
    let name = try TopicName("events")
    try await fixture.withLog { log in _ = try await log.createTopic(name) }
    let directory = try LogDirectory(path: fixture.path, files: fixture.files)
    #expect(throws: LogError.unknownPartition(PartitionID(name, 1))) {
      try directory.partition(PartitionID(name, 1))
    }
    #expect(throws: LogError.unknownTopic(try TopicName("other"))) {
      try directory.partition(PartitionID(TopicName("other"), 0))
    }
    #expect(try directory.partitionDirectories().map(\.directoryName) == ["__varve-0", "events-0"])
  }
}

extension BatchReader.Options {
  /// Also what is not durable yet.
  static var written: BatchReader.Options {
    var options = BatchReader.Options()
    options.isolation = .written
    return options
  }
}

extension PartitionInspector {
  /// Every record there is.
  func contents(from start: ReadStart = .beginning) throws -> [StoredRecord] {
    var reader = try reader(from: start)
    var found: [StoredRecord] = []
    while let batch = try reader.next() { found += try batch.records() }
    return found
  }
}
