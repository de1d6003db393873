// A record as one line of JSON, for people's tools and for exports. Names of members are stable: docs/log.md lists
// them. Bytes that are UTF-8 are a string under their own name; others are base64 under that name and `_base64`.

public import Bytes
public import Log
import LogEvents
public import Records
import Wire

/// Writes records as JSON.
public struct RecordJSON: Sendable {
  private let payloads: EventPayloads?

  /// - Parameter payloads: shows the values of events; nil: values are written as they are.
  public init(showingEventsBy payloads: EventPayloads?) { self.payloads = payloads }

  /// Appends the record as one object, without a line break.
  ///
  /// - Parameters:
  ///   - partition: written as a member of its own; nil where it is known already.
  ///   - topic: the same; an export has it once for all.
  public func append(
    _ stored: StoredRecord, partition: Int?, topic: TopicName?, to buffer: inout ByteBuffer
  ) {
    let payload = payloads?.payload(of: stored.record) ?? .unknown
    buffer.appendJSON { (writer: inout JSONWriter) in
      writer.beginObject()
      if let topic {
        writer.key("topic")
        writer.string(topic.text)
      }
      if let partition {
        writer.key("partition")
        writer.integer(partition)
      }
      writer.key("offset")
      writer.integer(stored.offset)
      writer.key("timestamp")
      writer.integer(stored.timestamp)
      Self.write(stored.record.key, "key", "key_base64", &writer)
      Self.write(stored.record.value, payload, &writer)
      if !stored.record.headers.isEmpty { Self.write(stored.record.headers, &writer) }
      writer.endObject()
    }
  }

  private static func write(
    _ value: ByteBuffer?, _ payload: EventPayloads.Payload, _ writer: inout JSONWriter
  ) {
    switch payload {
    case .event(let type, let json):
      writer.key("event_type")
      writer.string(type.description)
      writer.key("event")
      writer.raw(json.readable)
    case .unreadable(_, let reason):
      write(value, "value", "value_base64", &writer)
      writer.key("event_error")
      writer.string(reason)
    case .unknown: write(value, "value", "value_base64", &writer)
    }
  }

  private static func write(_ headers: [RecordHeader], _ writer: inout JSONWriter) {
    writer.key("headers")
    writer.beginArray()
    for header in headers {
      writer.beginObject()
      writer.key("name")
      writer.string(header.key)
      write(header.value, "value", "value_base64", &writer)
      writer.endObject()
    }
    writer.endArray()
  }

  /// Writes bytes as a string where they are UTF-8, else as base64 under the other name.
  static func write(
    _ bytes: ByteBuffer?, _ name: StaticString, _ encodedName: StaticString, _ writer: inout JSONWriter
  ) {
    guard let bytes else {
      writer.key(name)
      writer.null()
      return
    }
    if let text = String(validating: bytes) {
      writer.key(name)
      writer.string(text)
    } else {
      writer.key(encodedName)
      writer.base64(bytes.readable)
    }
  }
}
