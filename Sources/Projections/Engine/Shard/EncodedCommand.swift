// A command's events as records: typed, stamped with the command's id when it has one, the last with its answer.

import Bytes
import LogEvents
import Records
import Runtime
import Wire

/// The records of one accepted command.
struct EncodedCommand {
  let records: [Record]
  /// The answer, encoded.
  let reply: ByteBuffer
  /// About how many bytes the records take in a batch.
  let bytes: Int

  /// - Parameters:
  ///   - key: what the command is about, for the record that stands for a command without events.
  ///   - now: when it was decided, in milliseconds since 1970.
  init<Event: DomainEvent>(
    _ facts: [Fact<Event>], _ reply: some Message, id: ByteBuffer?, key: ByteBuffer, at now: Int64
  ) throws(ProtobufError) {
    let answer = try reply.serializedBytes()
    var encoded: [Record] = []
    if facts.isEmpty {
      let nothing = Varve_Projections_V1_CommandAnswered()
      encoded.append(try Self.record(key, nothing, id: id, reply: answer, at: now))
    }
    for (index, fact) in facts.enumerated() {
      let isLast = index == facts.count - 1
      encoded.append(
        try Self.record(fact.key, fact.event.message, id: id, reply: isLast ? answer : nil, at: now))
    }
    self.reply = answer
    records = encoded
    bytes = encoded.reduce(0) { $0 + Self.byteCount($1) }
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
    let name = type(of: message).protoMessageName
    if let known = cache.withLock({ $0[name] }) { return known }
    do throws(EventTypeNameError) {
      let text = ByteBuffer(try EventTypeName(messageName: name).description)
      cache.withLock { $0[name] = text }
      return text
    } catch {
      preconditionFailure("\(name) is no event: \(error)")
    }
  }

  private static let cache = Locked<[String: ByteBuffer]>([:])
}
