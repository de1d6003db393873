// Retention and compaction of an open log: what operators call, what happens by itself, and who is in the way.

import Bytes
import Files
import Records
import Runtime
import Telemetry
import Testing

@testable import Log

@Suite("Upkeep of a log")
struct UpkeepTests {
  private static let name = TopicName.test("events")

  private static func fill(_ partition: Partition, _ count: Int, keys: Int = 5) async throws {
    for index in 0..<count {
      try await partition.append(
        Record(String(repeating: "v", count: 200) + "\(index)", key: "k\(index % keys)"))
    }
  }

  @Test("old segments go when asked, by the log's clock, and are counted")
  func retention() async throws {
    let fixture = try UpkeepFixture()
    let registry = MetricRegistry()
    try await fixture.withLog(registry: registry) { log in
      var settings = smallSegments()
      settings.retentionAge = .seconds(60)
      let partition = try await log.createTopic(Self.name, settings).partitions[0]
      try await Self.fill(partition, 60)
      #expect(try await log.applyRetention().segments == 0)
      let before = partition.table.segments
      fixture.time.advance(by: .seconds(61))
      let report = try await log.applyRetention(Self.name)
      #expect(report.segments == before.count - 1)
      #expect(report.bytes == before.dropLast().reduce(0) { $0 + $1.bytes })
      #expect(report.partitions[0].first.value == before[before.count - 1].base)
      #expect(partition.extent().first == report.partitions[0].first)
      #expect(
        registry.scrape().contains(
          "varve_log_deleted_bytes_total{topic=\"events\"} \(report.bytes)"))
    }
    try await fixture.withLog { log in
      let partition = try log.topic(Self.name).partitions[0]
      #expect(try partition.contents().last?.offset == 59)
      #expect(partition.standing == .open)
    }
  }

  @Test("what a consumer or a snapshot needs stays, unless forced, and the report names the one in the way")
  func heldBack() async throws {
    let fixture = try UpkeepFixture()
    try await fixture.withLog { log in
      var settings = smallSegments()
      settings.retentionBytes = 0
      let partition = try await log.createTopic(Self.name, settings).partitions[0]
      try await Self.fill(partition, 60)
      try await log.commit(try ConsumerName("fast"), partition.id, position: 50)
      try await log.commit(try ConsumerName("search"), partition.id, position: 20, kind: .snapshot)
      var part = try await log.applyRetention().partitions.first { $0.partition == partition.id }
      #expect(part?.heldBack?.name.text == "search")
      #expect(part?.heldBack?.kind == .snapshot)
      #expect(try #require(part?.first) <= 20)
      #expect(try #require(part?.segments) > 0)
      try await log.removeConsumer(try ConsumerName("search"))
      part = try await log.applyRetention().partitions.first { $0.partition == partition.id }
      #expect(part?.heldBack?.name.text == "fast")
      part = try await log.applyRetention(force: true).partitions.first { $0.partition == partition.id }
      #expect(part?.heldBack == nil)
      #expect(partition.table.segments.count == 1)
    }
  }

  @Test("compaction counts what it saved, and the log goes on with it")
  func compaction() async throws {
    let fixture = try UpkeepFixture()
    let registry = MetricRegistry()
    try await fixture.withLog(registry: registry) { log in
      var settings = smallSegments()
      settings.cleanup = .compact
      let partition = try await log.createTopic(Self.name, settings).partitions[0]
      try await log.createTopic(.test("other"), smallSegments())
      try await Self.fill(partition, 100)
      let report = try await log.compact()
      #expect(Set(report.partitions.map(\.partition.topic)) == [Self.name, .metadata])
      let part = try #require(report.partitions.first { $0.partition == partition.id })
      #expect(part.before.records == Int(part.compactedEnd.value))
      #expect(part.after.records == 5)
      #expect(report.after.bytes < report.before.bytes)
      #expect(
        registry.scrape().contains(
          "varve_log_compacted_bytes_total{topic=\"events\"} \(part.before.bytes - part.after.bytes)"))
      try await Self.fill(partition, 10)
      #expect(try partition.contents().suffix(10).map(\.offset) == Array(100..<110))
    }
  }

  @Test("by itself the log deletes what is old and compacts where enough is new")
  func byItself() async throws {
    let fixture = try UpkeepFixture()
    try await fixture.withLog { log in
      var settings = TopicSettings()
      settings.segmentBytes = 256 << 10
      settings.batchBytesMaximum = 64 << 10
      settings.recordBytesMaximum = 64 << 10
      settings.cleanup = .compact
      let large = try await log.createTopic(.test("large"), settings).partitions[0]
      settings.segmentBytes = 128 << 10
      let small = try await log.createTopic(.test("small"), settings).partitions[0]
      settings.cleanup = .delete
      settings.retentionAge = .seconds(5)
      let old = try await log.createTopic(.test("old"), settings).partitions[0]
      let value = ByteBuffer(String(repeating: "v", count: 50_000))
      for index in 0..<30 {
        try await large.append(Record(key: ByteBuffer("k\(index % 3)"), value: value))
      }
      for index in 0..<6 {
        try await small.append(Record(key: ByteBuffer("k\(index % 3)"), value: value))
        try await old.append(Record(key: nil, value: value))
      }
      fixture.time.advance(by: .seconds(6))
      log.runUpkeep()
      #expect(try large.contents().count < 10)
      #expect(try small.contents().count == 6)
      #expect(old.table.segments.count == 1)
    }
  }

  @Test("a compacted topic takes no record without a key")
  func keyless() async throws {
    let fixture = try UpkeepFixture()
    try await fixture.withLog { log in
      for cleanup in TopicSettings.Cleanup.allCases {
        var settings = smallSegments()
        settings.cleanup = cleanup
        let partition = try await log.createTopic(.test(cleanup.rawValue), settings).partitions[0]
        try await partition.append([Record("1", key: "a"), Record("2", key: "")])
        if cleanup == .delete {
          try await partition.append(Record("3"))
        } else {
          await #expect(throws: LogError.keyRequired(partition.id)) {
            try await partition.append([Record("3", key: "a"), Record("4")])
          }
          #expect(throws: LogError.keyRequired(partition.id)) { try partition.appendWritten([Record("5")]) }
        }
        #expect(try partition.contents().count == (cleanup == .delete ? 3 : 2))
      }
      try await log.alterTopic(.test("delete")) { $0.cleanup = .compact }
      let partition = try log.topic(.test("delete")).partitions[0]
      await #expect(throws: LogError.keyRequired(partition.id)) { try await partition.append(Record("6")) }
    }
    #expect(
      LogError.keyRequired(BarePartition.id).description
        == "events-0 is compacted by key and takes no record without one")
  }

  @Test("what the log knows of itself is the same after its own topic was compacted")
  func ownTopic() async throws {
    let fixture = try UpkeepFixture()
    var topics: [TopicEntry] = []
    var consumers: [ConsumerPosition] = []
    try await fixture.withLog { log in
      for round in 0..<3 {
        for index in 0..<6 {
          let name = TopicName.test("topic-\(index)")
          if round == 0 { try await log.createTopic(name, smallSegments()) }
          let partition = try log.topic(name).partitions[0]
          for _ in 0..<10 {
            let end = try await partition.append(Record("v")).next
            try await log.commit(
              try ConsumerName("c\(index % 2)"), partition.id, position: end, durability: .written)
          }
        }
        try await log.alterTopic(.test("topic-1")) { $0.retentionBytes = round }
        if round == 1 { try await log.deleteTopic(.test("topic-5")) }
        if round == 1 { try await log.createTopic(.test("topic-5"), smallSegments()) }
        if round == 2 {
          try await log.removeConsumer(try ConsumerName("c0"), PartitionID(.test("topic-2"), 0))
        }
        // Old enough to be rolled.
        fixture.time.advance(by: .seconds(8 * 86_400))
        log.runUpkeep()
        try await log.metadata.sync()
      }
      #expect(log.metadata.table.segments.count == 4)
      (topics, consumers) = log.state.withLock { ($0.catalogue.topics, $0.catalogue.consumers) }
      var part = try #require(try await log.compact(.metadata).partitions.first)
      #expect(part.before.segments == 3)
      #expect(part.after.records < part.before.records / 4)
      // Once more when the tombstones may go.
      fixture.time.advance(by: .seconds(2 * 86_400))
      let records = part.after.records
      part = try #require(try await log.compact(.metadata).partitions.first)
      #expect(part.after.records == records - 1)
      #expect(part.after.records == topics.count + consumers.count)
    }
    try await fixture.withLog { log in
      let found = log.state.withLock { ($0.catalogue.topics, $0.catalogue.consumers) }
      #expect(found.0 == topics)
      #expect(found.1 == consumers)
      #expect(!topics.isEmpty && !consumers.isEmpty)
      try await log.createTopic(.test("one-more"))
    }
  }

  @Test("readers and writers go on while everything is compacted again and again")
  func concurrent() async throws {
    let files = SimulatedFiles()
    let pool = try BlockingPool(name: "test", threads: 2, queueLimit: 64)
    let log = try await EventLog.open(.init(path: "/log"), files: files, pool: pool)
    var settings = smallSegments()
    settings.cleanup = .compactDelete
    let partition = try await log.createTopic(Self.name, settings).partitions[0]
    let count = 600
    let seen = try await withThrowingTaskGroup(of: [StoredRecord].self) { group in
      for _ in 0..<3 {
        group.addTask {
          var subscription = try await partition.subscribe(from: .beginning, options: .init(blockBytes: 512))
          var found: [StoredRecord] = []
          while subscription.nextOffset < LogOffset(Int64(count)) {
            found += try await subscription.next().records()
          }
          return found
        }
      }
      group.addTask {
        while partition.extent().end < LogOffset(Int64(count)) { try await log.compact(Self.name) }
        return []
      }
      for index in 0..<count {
        try await partition.append(
          Record(String(repeating: "v", count: index % 100) + "/\(index)", key: "k\(index % 13)"))
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    let expected = CompactionTests.state(try partition.contents())
    #expect(expected.count == 13)
    for found in seen where !found.isEmpty {
      #expect(CompactionTests.state(found) == expected)
      #expect(zip(found, found.dropFirst()).allSatisfy { $0.offset < $1.offset })
    }
    #expect(seen.filter { !$0.isEmpty }.count == 3)
    try await log.compact(Self.name)
    #expect(CompactionTests.state(try partition.contents()) == expected)
    try await log.close()
  }

  @Test("a failure is thrown, and the other partitions have had their turn")
  func failure() async throws {
    let fixture = try UpkeepFixture()
    try await fixture.withLog { log in
      var settings = smallSegments()
      settings.retentionBytes = 0
      let names = ["a", "b", "c"].map { TopicName.test($0) }
      for name in names {
        try await Self.fill(try await log.createTopic(name, settings).partitions[0], 40)
      }
      let rule = fixture.files.faults.add(
        FaultRule(.fail(.inputOutput), on: [.rename], of: .inside("/log/b-0")))
      let error = await #expect(throws: LogError.self) { try await log.applyRetention() }
      guard case .file(let cause)? = error else {
        Issue.record("\(String(describing: error))")
        return
      }
      #expect(cause.number == .inputOutput)
      fixture.files.faults.remove(rule)
      let counts = try names.map { try log.topic($0).partitions[0].table.segments.count }
      #expect(counts[0] == 1 && counts[1] > 1 && counts[2] == 1)
      try await log.applyRetention()
      #expect(try log.topic(names[1]).partitions[0].table.segments.count == 1)
    }
  }

  @Test("nothing is done to a topic that is not there, or in a log that is closed")
  func refusals() async throws {
    let fixture = try UpkeepFixture()
    let log = try await fixture.open()
    await #expect(throws: LogError.unknownTopic(Self.name)) { try await log.compact(Self.name) }
    await #expect(throws: LogError.unknownTopic(Self.name)) { try await log.applyRetention(Self.name) }
    try await log.close()
    await #expect(throws: LogError.closed) { try await log.compact() }
    await #expect(throws: LogError.closed) { try await log.applyRetention() }
  }

  @Test("the directory of a deleted topic is let go before it is set aside")
  func gate() async throws {
    let upkeep = PartitionUpkeep()
    let events = Locked<[String]>([])
    let begun = ThreadSemaphore()
    let goOn = ThreadSemaphore()
    let worker = try SystemThread.start(name: "upkeep") {
      _ = upkeep.perform { _ in
        begun.signal()
        goOn.wait()
        events.withLock { $0.append("left") }
      }
    }
    begun.wait()
    let remover = try SystemThread.start(name: "remover") {
      upkeep.retire()
      events.withLock { $0.append("set aside") }
    }
    goOn.signal()
    worker.join()
    remover.join()
    #expect(events.withLock { $0 } == ["left", "set aside"])
    #expect(upkeep.perform { _ in true } == nil)
  }

  @Test("long jobs let short ones through, and are dropped when the keeper stops")
  func keeper() throws {
    let keeper = try LogKeeper(name: "keeper", interval: .seconds(1), time: ManualTime())
    let events = Locked<[String]>([])
    let begun = ThreadSemaphore()
    let goOn = ThreadSemaphore()
    keeper.submitLong {
      begun.signal()
      goOn.wait()
      keeper.serveOthers()
      events.withLock { $0.append("long") }
      begun.signal()
      goOn.wait()
    } orElse: {
      events.withLock { $0.append("dropped") }
    }
    begun.wait()
    keeper.submit { events.withLock { $0.append("short") } }
    goOn.signal()
    begun.wait()
    keeper.submitLong {
      events.withLock { $0.append("second") }
    } orElse: {
      events.withLock { $0.append("second dropped") }
      goOn.signal()
    }
    keeper.stop()
    keeper.submitLong {
      events.withLock { $0.append("third") }
    } orElse: {
      events.withLock { $0.append("third dropped") }
    }
    #expect(events.withLock { $0 } == ["short", "long", "second dropped", "third dropped"])
  }
}
