// The log's changes of itself as records: the key names what changes, the value is its whole new state, and no
// value deletes it.

import Bytes
import LogEvents
import Records
import Wire

extension LogCatalogue {
  /// What the log's own topic says from where `reader` stands up to its end.
  init(replaying reader: BatchReader) throws(LogError) {
    self.init()
    var reader = reader
    while let batch = try reader.next() {
      let records: [StoredRecord]
      do throws(RecordError) {
        records = try batch.records()
      } catch {
        throw .record(PartitionID(.metadata, 0), LogOffset(batch.header.baseOffset), error)
      }
      for record in records {
        if let change = try Change(record) { apply(change, at: record.offset) }
      }
    }
  }
}

extension LogCatalogue.Change {
  private static let topicPrefix = "topic/"
  private static let consumerPrefix = "consumer/"

  /// The record that stores the change.
  func record() throws(LogError) -> Record {
    switch self {
    case .topicSet(let entry):
      var event = Varve_Log_V1_TopicSet()
      event.name = entry.name.text
      var id = ByteBuffer(capacity: 16)
      entry.id.append(to: &id)
      event.topicID = id
      event.settings = entry.settings.event
      return try Self.record(Self.key(entry.name), event)
    case .topicDeleted(let name): return Self.tombstone(Self.key(name))
    case .consumerSet(let position):
      var event = Varve_Log_V1_ConsumerSet()
      event.name = position.name.text
      event.kind = position.kind == .snapshot ? .snapshot : .consumer
      event.topic = position.partition.topic.text
      event.partition = UInt32(position.partition.index)
      event.position = position.position.value
      let (seconds, milliseconds) = position.committedAt.quotientAndRemainder(dividingBy: 1000)
      event.committedAt.seconds = seconds
      event.committedAt.nanos = Int32(milliseconds) * 1_000_000
      return try Self.record(Self.key(position.name, position.partition), event)
    case .consumerDeleted(let key): return Self.tombstone(Self.key(key.name, key.partition))
    }
  }

  private static func key(_ topic: TopicName) -> String { topicPrefix + topic.text }

  private static func key(_ consumer: ConsumerName, _ partition: PartitionID) -> String {
    "\(consumerPrefix)\(consumer)/\(partition.topic)/\(partition.index)"
  }

  private static func record(_ key: String, _ event: some Message) throws(LogError) -> Record {
    do {
      let type = try EventTypeName(of: Swift.type(of: event))
      return Record(
        key: ByteBuffer(key), value: try event.serializedBytes(),
        headers: [RecordHeader(key: "ce_type", value: ByteBuffer(type.description))])
    } catch {
      // Only a message over 2 GiB or a name out of shape fails, and these are ours.
      preconditionFailure("an event of the log itself cannot be encoded: \(error)")
    }
  }

  private static func tombstone(_ key: String) -> Record {
    Record(key: ByteBuffer(key), value: nil, headers: [])
  }

  /// Reads a record of the log's own topic; nil for one that this version does not know.
  init?(_ stored: StoredRecord) throws(LogError) {
    guard let keyBytes = stored.record.key, let key = String(validating: keyBytes) else { return nil }
    guard let value = stored.record.value else {
      guard let deletion = try Self.deletion(of: key) else { return nil }
      self = deletion
      return
    }
    do {
      if key.hasPrefix(Self.topicPrefix) {
        let event = try Varve_Log_V1_TopicSet(serializedBytes: value)
        guard let id = UUID(bytes: event.topicID.readable) else { return nil }
        self = .topicSet(
          TopicEntry(
            name: try TopicName(event.name), id: id,
            settings: try TopicSettings(event.settings, topic: event.name)))
      } else if key.hasPrefix(Self.consumerPrefix) {
        self = .consumerSet(try Self.position(Varve_Log_V1_ConsumerSet(serializedBytes: value)))
      } else {
        return nil
      }
    } catch let error as LogError {
      throw error
    } catch {
      throw .record(
        PartitionID(.metadata, 0), LogOffset(stored.offset),
        .malformedRecord(index: 0, reason: "no event of the log itself: \(error)"))
    }
  }

  private static func position(_ event: Varve_Log_V1_ConsumerSet) throws(LogError) -> ConsumerPosition {
    let topic = try internalOrNamed(event.topic)
    return ConsumerPosition(
      name: try ConsumerName(event.name), kind: event.kind == .snapshot ? .snapshot : .consumer,
      partition: PartitionID(topic, Int(event.partition)), position: LogOffset(max(0, event.position)),
      committedAt: event.committedAt.seconds * 1000 + Int64(event.committedAt.nanos) / 1_000_000)
  }

  private static func internalOrNamed(_ text: String) throws(LogError) -> TopicName {
    text == TopicName.metadata.text ? .metadata : try TopicName(text)
  }

  private static func deletion(of key: String) throws(LogError) -> LogCatalogue.Change? {
    if key.hasPrefix(topicPrefix) {
      return .topicDeleted(try TopicName(String(key.dropFirst(topicPrefix.count))))
    }
    guard key.hasPrefix(consumerPrefix) else { return nil }
    let parts = key.dropFirst(consumerPrefix.count).split(separator: "/")
    guard parts.count == 3, let index = Int(parts[2]), index >= 0 else { return nil }
    return .consumerDeleted(
      LogCatalogue.ConsumerKey(
        name: try ConsumerName(String(parts[0])),
        partition: PartitionID(try internalOrNamed(String(parts[1])), index)))
  }
}
