// Topics and consumers: events in the log's own topic, tables in memory, the same after opening again.

import Bytes
import Files
import Records
import Runtime
import Testing

@testable import Log

@Suite("Topics and consumers")
struct TopicTests {
  private static let orders = ["orders", "users", "a.b-c_d"]

  @Test("topics, settings and positions are the same after the log is opened again: live equals replayed")
  func survivesOpening() async throws {
    let fixture = try LogFixture()
    var settings = smallSegments()
    settings.partitions = 3
    settings.retentionAge = .seconds(3600)
    settings.retentionBytes = 1 << 20
    settings.compression = .zstd
    settings.cleanup = .compactDelete
    settings.preallocation = .none
    let before = try await fixture.withLog { log in
      for name in Self.orders { try await log.createTopic(TopicName(name), settings) }
      try await log.alterTopic(TopicName("users")) { $0.segmentBytes = 8192 }
      try await log.deleteTopic(TopicName("orders"))
      let partition = PartitionID(try TopicName("users"), 2)
      try await log.partition(partition).append([Record("1", key: "k"), Record("2", key: "k")])
      try await log.commit(ConsumerName("reader"), partition, position: 1)
      try await log.commit(ConsumerName("reader"), partition, position: 2)
      try await log.commit(ConsumerName("gone"), partition, position: 0)
      try await log.commit(ConsumerName("copy:1"), partition, position: 1, kind: .snapshot)
      try await log.removeConsumer(ConsumerName("gone"))
      return log.state.withLock { $0.catalogue }
    }
    try await fixture.withLog { log in
      let after = log.state.withLock { $0.catalogue }
      #expect(after.topics == before.topics)
      #expect(after.consumers == before.consumers)
      #expect(log.topics.map(\.name.text) == ["a.b-c_d", "users"])
      #expect(log.topics.map(\.partitions.count) == [3, 3])
      #expect(try log.topic(TopicName("users")).settings.segmentBytes == 8192)
      let position = try #require(log.consumers.last)
      #expect(position.position == 2)
      #expect(try log.lag(of: position) == 0)
      #expect(try fixture.files.list(fixture.path).filter { $0.name.hasPrefix("orders") }.isEmpty)
    }
  }

  @Test("a topic made again under the name of a deleted one begins empty")
  func madeAgain() async throws {
    let fixture = try LogFixture()
    let name = try TopicName("events")
    try await fixture.withLog { log in
      try await log.createTopic(name).partitions[0].append(Record("old"))
      try await log.deleteTopic(name)
      let topic = try await log.createTopic(name)
      #expect(topic.partitions[0].extent() == LogExtent(first: 0, end: 0))
      try await topic.partitions[0].append(Record("new"))
    }
    try await fixture.withLog { log in
      let texts = try log.partition(PartitionID(name, 0)).contents().map(\.text)
      #expect(texts == ["new"])
    }
  }

  @Test("a directory left over from a deleted topic is not taken for the new one's")
  func leftOver() async throws {
    let fixture = try LogFixture()
    let name = try TopicName("events")
    try await fixture.withLog { log in
      try await log.createTopic(name).partitions[0].append(Record("old"))
      // As a crash between the event and the removal leaves it.
      try await log.commit(.topicDeleted(name))
    }
    try await fixture.withLog { log in
      #expect(log.topics.isEmpty)
      let topic = try await log.createTopic(name)
      #expect(try topic.partitions[0].contents().isEmpty)
    }
  }

  @Test("more partitions can be added, fewer cannot")
  func partitions() async throws {
    let fixture = try LogFixture()
    let name = try TopicName("events")
    try await fixture.withLog { log in
      try await log.createTopic(name)
      let altered = try await log.alterTopic(name) { $0.partitions = 4 }
      try await altered.partitions[3].append(Record("there"))
      await #expect(throws: LogError.self) { try await log.alterTopic(name) { $0.partitions = 2 } }
      #expect(try log.topic(name).partitions.count == 4)
    }
  }

  @Test("what cannot be done is refused by name")
  func refusals() async throws {
    let fixture = try LogFixture()
    let name = try TopicName("events")
    try await fixture.withLog { log in
      try await log.createTopic(name)
      await #expect(throws: LogError.topicExists(name)) { try await log.createTopic(name) }
      let other = try TopicName("other")
      await #expect(throws: LogError.unknownTopic(other)) { try await log.deleteTopic(other) }
      await #expect(throws: LogError.internalTopic(.metadata)) { try await log.deleteTopic(.metadata) }
      #expect(throws: LogError.unknownPartition(PartitionID(name, 1))) {
        try log.partition(PartitionID(name, 1))
      }
      await #expect(throws: LogError.self) {
        try await log.commit(ConsumerName("ahead"), PartitionID(name, 0), position: 1)
      }
      await #expect(throws: LogError.unknownConsumer("nobody")) {
        try await log.removeConsumer(ConsumerName("nobody"))
      }
    }
  }

  @Test("a second process is told who has the log")
  func locked() async throws {
    let fixture = try LogFixture()
    try await fixture.withLog { _ in
      await #expect {
        _ = try await fixture.open()
      } throws: { error in
        guard case LogError.file(.locked) = error else { return false }
        return true
      }
    }
  }

  @Test(
    "names that cannot be directories are refused",
    arguments: ["", ".", "..", "a/b", "a b", "ä", String(repeating: "x", count: 250), "a\0b"])
  func badNames(_ text: String) {
    #expect(throws: LogError.self) { try TopicName(text) }
  }

  // The values that Kafka's own hash gives for these texts.
  @Test(
    "keys are spread as Kafka's producers spread them",
    arguments: [
      ("21", -973_932_308), ("foobar", -790_332_482), ("a-little-bit-long-string", -985_981_536),
      ("a-little-bit-longer-string", -1_486_304_829),
      ("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58_897_971), ("abc", 479_470_107),
    ] as [(String, Int32)])
  func partitioning(_ key: String, _ hash: Int32) {
    let bytes = ByteBuffer(key)
    #expect(Int32(bitPattern: KeyPartitioning.murmur2(bytes)) == hash)
    #expect(KeyPartitioning.index(of: bytes, partitions: 10) == Int(hash & 0x7fff_ffff) % 10)
  }
}
