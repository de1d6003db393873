// From the log's records to a domain's events. A record that cannot be read stops whoever reads: it is never
// passed over, because the tables would then say something that the log does not.

import Bytes
import Log
import Records
import Wire

/// An event as it was stored.
struct ReadEvent<Event: Sendable>: Sendable {
  /// What it is to the engine.
  enum Content: Sendable {
    /// An event of the domain.
    case event(Event)
    /// Nothing to the domain: the engine notes that a command was answered without an event.
    case nothing
  }

  let place: EventPlace
  let content: Content
  /// The command it came of, when that carried an id; and its answer, on the last event of the command.
  let command: ByteBuffer?
  let reply: ByteBuffer?
}

/// Reads the events of batches.
struct EventReader<Event: DomainEvent> {
  private let partition: PartitionID
  /// The reader of the type that came last: events of a type come in runs.
  private var recent: (name: ByteBuffer, reader: EventTypes<Event>.Reader?)?

  init(_ partition: PartitionID) { self.partition = partition }

  /// The events of a batch, from the offset `first` on. The events before the first that cannot be read are
  /// given to `body` too, before the error is thrown.
  mutating func read(
    _ batch: RecordBatch, from first: Int64,
    _ body: (ReadEvent<Event>) throws(EventError) -> Void
  ) throws(EventError) {
    let payload: ByteBuffer
    do throws(RecordError) {
      payload = try batch.payload()
    } catch {
      throw EventError(partition, max(first, batch.header.baseOffset), .record(error))
    }
    var iterator = RecordIterator(batch.header, payload: payload.readable)
    var next = max(first, batch.header.baseOffset)
    while true {
      let view: RecordView?
      do throws(RecordError) {
        view = try iterator.next()
      } catch {
        throw EventError(partition, next, .record(error))
      }
      guard let view else { return }
      if view.offset < first { continue }
      let event = try read(view)
      try body(event)
      next = view.offset + 1
    }
  }

  private mutating func read(_ view: borrowing RecordView) throws(EventError) -> ReadEvent<Event> {
    var type: ByteBuffer?
    var command: ByteBuffer?
    var reply: ByteBuffer?
    var headers = view.headers
    while let header = headers.next() {
      guard let name = EventHeader(header.key), let value = header.value else { continue }
      switch name {
      case .type: type = ByteBuffer(copying: value)
      case .command: command = ByteBuffer(copying: value)
      case .reply: reply = ByteBuffer(copying: value)
      }
    }
    let place = EventPlace(partition: partition.index, offset: view.offset, time: view.timestamp)
    guard let type else { throw EventError(partition, view.offset, .noType) }
    guard let value = view.value else { throw EventError(partition, view.offset, .noValue) }
    let content: ReadEvent<Event>.Content
    if let reader = try reader(type, at: view.offset) {
      do throws(ProtobufError) {
        content = .event(try reader.read(value))
      } catch {
        throw EventError(partition, view.offset, .undecodable(type: type.text, error))
      }
    } else {
      content = .nothing
    }
    return ReadEvent(place: place, content: content, command: command, reply: reply)
  }

  /// The reader of a type; nil for the engine's own event that is nothing to the domain.
  private mutating func reader(
    _ type: ByteBuffer, at offset: Int64
  ) throws(EventError) -> EventTypes<Event>.Reader? {
    if let recent, recent.name == type { return recent.reader }
    let name = type.text
    let reader = Event.types.reader(name)
    if reader == nil && name != EventHeader.answeredType {
      throw EventError(partition, offset, .unknownType(name))
    }
    recent = (type, reader)
    return reader
  }
}

extension ByteBuffer {
  /// The bytes as text, with U+FFFD where they are not UTF-8.
  var text: String { withReadableBytes { String(decoding: $0, as: UTF8.self) } }
}
