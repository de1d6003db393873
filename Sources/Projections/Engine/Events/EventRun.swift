// Events that were read from one partition and wait to be applied, with what the engine itself has to note between
// them. Events and places are kept apart from the rest, in arrays that the projection's own code walks.

import Bytes

/// Events of one partition, in the order of their offsets.
public struct EventRun<Event: Sendable>: Sendable {
  /// What happened.
  @usableFromInline var events: [Event] = []
  /// Where, for each event.
  @usableFromInline var places: [EventPlace] = []
  /// What the engine notes, and after how many of the events.
  private(set) var notes: [(after: Int, note: EngineNote)] = []
  /// The offset of the first record that was looked at.
  private(set) var first: Int64
  /// The offset after the last record that was looked at.
  var next: Int64
  /// The first record that cannot be read; nothing after it was looked at.
  var failure: EventError?

  init(from first: Int64) {
    self.first = first
    next = first
  }

  /// An event whose time is there to be seen, the newest.
  var newestTime: Int64? { places.last?.time }

  /// Whether nothing was read at all.
  var isEmpty: Bool { next == first && failure == nil }

  /// Forgets everything, and keeps the room.
  mutating func begin(at offset: Int64) {
    events.removeAll(keepingCapacity: true)
    places.removeAll(keepingCapacity: true)
    notes.removeAll(keepingCapacity: true)
    (first, next, failure) = (offset, offset, nil)
  }

  /// Has the engine note something after the events so far.
  mutating func append(_ note: EngineNote) { notes.append((events.count, note)) }

  /// Drops what does not come before an offset.
  mutating func cut(at end: Int64) {
    let keeps = index(of: end)
    events.removeSubrange(keeps...)
    places.removeSubrange(keeps...)
    notes.removeAll { $0.note.place.offset >= end }
  }

  /// The first event at an offset or after it.
  func index(of offset: Int64) -> Int {
    var (low, high) = (0, places.count)
    while low < high {
      let middle = (low + high) / 2
      if places[middle].offset < offset { low = middle + 1 } else { high = middle }
    }
    return low
  }
}

/// Something that the engine writes into its own tables at an event.
enum EngineNote: Sendable {
  /// What a command was answered.
  case answer(ByteBuffer, to: ByteBuffer, EventPlace)
  /// It is time to drop old answers.
  case pruning(EventPlace)

  var place: EventPlace {
    switch self {
    case .answer(_, _, let place), .pruning(let place): place
    }
  }
}
