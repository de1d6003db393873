import Bytes
import LogEvents
import Testing
import Wire

@Suite("The event catalogue") struct EventCatalogueTests {
  /// An event is shown the same with its code and without.
  @Test func showsEvents() throws {
    var topic = Varve_Log_V1_TopicSet()
    topic.name = "orders"
    topic.topicID = ByteBuffer([1, 2, 3])
    topic.settings.partitions = 12
    topic.settings.segmentBytes = 1 << 30
    topic.settings.retentionMs = 0
    topic.settings.cleanup = .compactDelete
    topic.settings.compression = .zstd
    topic.settings.preallocate = .segment
    try expect(
      topic,
      #"{"name":"orders","topicId":"AQID","settings":{"partitions":12,"segmentBytes":"1073741824","#
        + #""retentionMs":"0","cleanup":"CLEANUP_COMPACT_DELETE","compression":"COMPRESSION_ZSTD","#
        + #""preallocate":"PREALLOCATION_SEGMENT"}}"#)

    var consumer = Varve_Log_V1_ConsumerSet()
    consumer.name = "billing"
    consumer.kind = .snapshot
    consumer.topic = "orders"
    consumer.partition = 3
    consumer.position = 42
    consumer.committedAt.seconds = 1_700_000_000
    try expect(
      consumer,
      #"{"name":"billing","kind":"CONSUMER_KIND_SNAPSHOT","topic":"orders","partition":3,"position":"42","#
        + #""committedAt":"2023-11-14T22:13:20Z"}"#)
  }

  private func expect<Event: Message>(_ event: Event, _ json: String) throws {
    #expect(try event.jsonString() == json)
    let bytes = try event.serializedBytes()
    let name = try EventTypeName(of: Event.self)
    let shown = try EventCatalogue.descriptors.jsonUTF8Bytes(of: name.messageName, bytes: bytes.readable)
    #expect(String(decoding: [UInt8](shown), as: UTF8.self) == json)
  }

  /// Every message of ours has a name whose two forms lead to each other: a package that ends in no version
  /// would make events that no ce_type can name.
  @Test func everyMessageCanBeNamed() throws {
    let ours = EventCatalogue.descriptors.messages.map(\.fullName).filter { $0.hasPrefix("varve.") }
    #expect(ours.contains("varve.log.v1.TopicSet") && ours.contains("varve.log.v1.ConsumerSet"))
    for name in ours {
      let type = try EventTypeName(messageName: name)
      #expect(try EventTypeName(parsing: type.description).messageName == name)
    }
  }
}
