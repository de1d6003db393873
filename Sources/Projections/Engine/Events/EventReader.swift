// From the log's records to a domain's events. A record that cannot be read stops whoever reads: it is never
// passed over, because the tables would then say something that the log does not.

import Bytes
import Glibc
import Log
import Records
import Wire

/// Reads the events of batches.
struct EventReader<Event: DomainEvent> {
  private let partition: PartitionID
  /// The reader of the type that came last: events of a type come in runs.
  private var recent: (name: ByteBuffer, reader: EventTypes<Event>.Reader?)?

  init(_ partition: PartitionID) { self.partition = partition }

  /// Reads a batch's events, from where the run stands and up to the offset `end`. The events before the first that
  /// cannot be read are taken too.
  mutating func read(_ batch: RecordBatch, into run: inout EventRun<Event>, end: Int64 = .max) {
    do throws(EventError) {
      try take(batch, &run, end)
      // Not after the last event: compaction may have taken what came after it.
      run.next = min(max(run.next, batch.header.nextOffset), end)
    } catch {
      run.next = error.offset
      run.failure = error
    }
  }

  private mutating func take(
    _ batch: RecordBatch, _ run: inout EventRun<Event>, _ end: Int64
  ) throws(EventError) {
    let payload: ByteBuffer
    var next = max(run.next, batch.header.baseOffset)
    do throws(RecordError) {
      payload = try batch.payload()
    } catch {
      throw EventError(partition, next, .record(error))
    }
    var iterator = RecordIterator(batch.header, payload: payload.readable)
    while true {
      let view: RecordView?
      do throws(RecordError) {
        view = try iterator.next()
      } catch {
        throw EventError(partition, next, .record(error))
      }
      guard let view, view.offset < end else { return }
      if view.offset < run.next { continue }
      try take(view, &run)
      next = view.offset + 1
    }
  }

  private mutating func take(
    _ view: borrowing RecordView, _ run: inout EventRun<Event>
  ) throws(EventError) {
    var hasType = false
    var command: ByteBuffer?
    var reply: ByteBuffer?
    var headers = view.headers
    while let header = headers.next() {
      guard let name = EventHeader(header.key), let value = header.value else { continue }
      switch name {
      case .type:
        hasType = true
        try find(value, at: view.offset)
      case .command: command = ByteBuffer(copying: value)
      case .reply: reply = ByteBuffer(copying: value)
      }
    }
    guard hasType, let recent else { throw EventError(partition, view.offset, .noType) }
    guard let value = view.value else { throw EventError(partition, view.offset, .noValue) }
    let place = EventPlace(partition: partition.index, offset: view.offset, time: view.timestamp)
    if let reader = recent.reader {
      do throws(ProtobufError) {
        try reader.read(value, &run.events)
      } catch {
        throw EventError(partition, view.offset, .undecodable(type: recent.name.text, error))
      }
      run.places.append(place)
    }
    if let command, let reply { run.append(.answer(reply, to: command, place)) }
    if EngineTables.isPruned(at: place) { run.append(.pruning(place)) }
  }

  /// Sees to it that `recent` is the type's; its reader is nil for the engine's own event that is nothing to the domain.
  private mutating func find(_ type: RawSpan, at offset: Int64) throws(EventError) {
    if let recent, recent.name.hasSameBytes(as: type) { return }
    let bytes = ByteBuffer(copying: type)
    let name = bytes.text
    let reader = Event.types.reader(name)
    if reader == nil && name != EventHeader.answeredType {
      throw EventError(partition, offset, .unknownType(name))
    }
    recent = (bytes, reader)
  }
}

extension ByteBuffer {
  /// The bytes as text, with U+FFFD where they are not UTF-8.
  var text: String { withReadableBytes { String(decoding: $0, as: UTF8.self) } }

  fileprivate func hasSameBytes(as other: RawSpan) -> Bool {
    guard count == other.byteCount else { return false }
    return withReadableBytes { mine in
      other.withUnsafeBytes { theirs in
        guard let mine = mine.baseAddress, let theirs = theirs.baseAddress else { return true }
        return memcmp(mine, theirs, count) == 0
      }
    }
  }
}
