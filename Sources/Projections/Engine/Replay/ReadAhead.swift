// Reads events on a thread of its own while those before them are applied. Two runs take turns: one is applied, the
// other is filled. What was applied is taken apart by the thread that reads, which made it.

import Log
import Runtime

/// Events that are handed to and fro between the thread that reads and the one that applies.
final class RunBuffer<Event: DomainEvent> {
  fileprivate(set) var run = EventRun<Event>(from: 0)
  /// Why the log could not be read; nil when it could.
  fileprivate(set) var failure: LogError?
}

/// Fills buffers with one partition's events, one buffer at a time.
struct ReadAhead<Event: DomainEvent> {
  /// What the reading thread keeps between two buffers.
  private final class Place {
    var reader: RunReader<Event>

    init(_ reader: RunReader<Event>) { self.reader = reader }
  }

  /// Used on the loop alone.
  private let place: Confined<Place>
  private let loop: EventLoop
  private let maximum: Int
  private let end: Int64

  /// - Parameters:
  ///   - loop: where it reads.
  ///   - maximum: how many events a buffer takes, or a few more.
  ///   - end: the offset before which it stops.
  init(_ partition: PartitionID, of source: any EventSource, on loop: EventLoop, maximum: Int, end: Int64) {
    place = Confined(Place(RunReader(partition, of: source)))
    self.loop = loop
    self.maximum = maximum
    self.end = end
  }

  /// Begins to fill a buffer with what comes from an offset on. Nobody else uses it before the task has ended.
  func fill(_ buffer: Confined<RunBuffer<Event>>, from offset: Int64) -> Task<Void, Never> {
    // Not a child task: that would begin where its parent runs, which is busy applying.
    loop.spawn { [place, maximum, end] in
      let (buffer, place) = (buffer.value, place.value)
      buffer.run.begin(at: offset)
      do throws(LogError) {
        try await place.reader.read(into: &buffer.run, maximum: maximum, waiting: false, end: end)
        buffer.failure = nil
      } catch {
        buffer.failure = error
      }
    }
  }
}
