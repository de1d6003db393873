// A command's events as records: typed, stamped with the command's id when it has one, the last with its answer.

import Bytes
import LogEvents
import Records
import Runtime
import Wire

/// The records of one accepted command.
struct EncodedCommand {
  let records: [Record]
  /// The answer, encoded; nil when the command has no id by which anybody could ask again.
  let reply: ByteBuffer?
  /// About how many bytes the records take in a batch.
  let bytes: Int

  /// - Parameters:
  ///   - key: what the command is about, for the record that stands for a command without events.
  ///   - now: when it was decided, in milliseconds since 1970.
  init<Event: DomainEvent>(
    _ facts: [Fact<Event>], _ reply: some Message, id: ByteBuffer?, key: ByteBuffer, at now: Int64
  ) throws(ProtobufError) {
    let answer = id == nil ? nil : try reply.serializedBytes()
    var (encoded, bytes): ([Record], Int) = ([], 0)
    encoded.reserveCapacity(max(1, facts.count))
    if facts.isEmpty {
      let nothing = Varve_Projections_V1_CommandAnswered()
      encoded.append(try Self.record(key, nothing, id: id, reply: answer, at: now))
      bytes = Self.byteCount(encoded[0])
    }
    for index in facts.indices {
      let isLast = index == facts.count - 1
      let record = try Self.record(
        facts[index].key, facts[index].event.message, id: id, reply: isLast ? answer : nil, at: now)
      bytes += Self.byteCount(record)
      encoded.append(record)
    }
    self.reply = answer
    records = encoded
    self.bytes = bytes
  }

  /// An event as a record.
  static func record(
    _ key: ByteBuffer, _ message: any Message, id: ByteBuffer? = nil, reply: ByteBuffer? = nil,
    at now: Int64? = nil
  ) throws(ProtobufError) -> Record {
    var headers = [RecordHeader(key: EventHeader.type.rawValue, value: EventTypeNames.text(of: message))]
    if let id {
      headers.append(RecordHeader(key: EventHeader.command.rawValue, value: id))
      if let reply { headers.append(RecordHeader(key: EventHeader.reply.rawValue, value: reply)) }
    }
    return Record(key: key, value: try message.serializedBytes(), headers: headers, timestamp: now)
  }

  /// The bytes of a record in a batch, or a few more.
  private static func byteCount(_ record: Record) -> Int {
    var bytes = 32 + (record.key?.count ?? 0) + (record.value?.count ?? 0)
    for header in record.headers { bytes += 12 + header.key.utf8.count + (header.value?.count ?? 0) }
    return bytes
  }
}

/// The values of `ce_type` by message.
enum EventTypeNames {
  /// The header's value for a message's type.
  static func text(of message: any Message) -> ByteBuffer {
    let type = type(of: message)
    let id = ObjectIdentifier(type)
    if let known = cache.withLock({ $0[id] }) { return known }
    do throws(EventTypeNameError) {
      let text = ByteBuffer(try EventTypeName(messageName: type.protoMessageName).description)
      cache.withLock { $0[id] = text }
      return text
    } catch {
      preconditionFailure("\(type.protoMessageName) is no event: \(error)")
    }
  }

  private static let cache = Locked<[ObjectIdentifier: ByteBuffer]>([:])
}
