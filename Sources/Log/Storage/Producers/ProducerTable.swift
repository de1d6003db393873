// What a partition remembers of idempotent producers: for each the last few appends, so that one that is
// sent again gets the offsets of the first time, and one that was skipped is noticed. Rebuilt on opening from
// a snapshot and the batches after it: everything in it can be read off batch headers.

import Records

/// The producers of one partition.
struct ProducerTable {
  /// One append of a producer.
  struct Stored: Equatable {
    let firstSequence: Int32
    let lastSequence: Int32
    let lastOffset: Int64

    /// How many records it had; sequences go on from 0 after the largest.
    var count: Int { Int((lastSequence &- firstSequence) & .max) + 1 }
    var firstOffset: Int64 { lastOffset - Int64(count) + 1 }
  }

  struct Entry {
    var epoch: Int16
    /// The latest last.
    var stored: [Stored]
    var latestTimestamp: Int64
    var latestOffset: Int64
  }

  /// How many appends of a producer can be told again: as many as Kafka's producers send before an answer.
  static let storedMaximum = 5

  private(set) var entries: [Int64: Entry] = [:]
  private let entriesMaximum: Int

  init(entriesMaximum: Int) { self.entriesMaximum = entriesMaximum }

  /// What becomes of an append with this stamp.
  enum Verdict: Equatable {
    case new
    case duplicate(firstOffset: Int64)
    case refused(LogError)
  }

  /// Judges a stamp without remembering it.
  func judge(_ stamp: ProducerStamp, count: Int) -> Verdict {
    guard let entry = entries[stamp.id] else { return begins(stamp, count) }
    if stamp.epoch < entry.epoch {
      return .refused(
        .producerFenced(id: stamp.id, epoch: stamp.epoch, currentEpoch: entry.epoch))
    }
    if stamp.epoch > entry.epoch { return begins(stamp, count) }
    let lastSequence = Self.sequence(stamp.sequence, plus: count - 1)
    if let same = entry.stored.first(where: {
      $0.firstSequence == stamp.sequence && $0.lastSequence == lastSequence
    }) {
      return .duplicate(firstOffset: same.firstOffset)
    }
    guard let last = entry.stored.last else { return begins(stamp, count) }
    let expected = Self.sequence(last.lastSequence, plus: 1)
    if stamp.sequence == expected { return .new }
    // Behind by less than half the number space: an old one, told again too late.
    let behind = (expected &- stamp.sequence) & .max
    if behind < 1 << 30 { return .refused(.sequenceTooOld(producer: stamp.id, sequence: stamp.sequence)) }
    return .refused(.sequenceGap(producer: stamp.id, expected: expected, got: stamp.sequence))
  }

  private func begins(_ stamp: ProducerStamp, _ count: Int) -> Verdict {
    if stamp.sequence == 0 { return .new }
    return .refused(.sequenceGap(producer: stamp.id, expected: 0, got: stamp.sequence))
  }

  /// Remembers a batch that was judged new, or was read from the log.
  mutating func note(_ header: RecordBatchHeader) {
    if header.producerID < 0 { return }
    var entry =
      entries[header.producerID]
      ?? Entry(epoch: header.producerEpoch, stored: [], latestTimestamp: 0, latestOffset: 0)
    if header.producerEpoch > entry.epoch { entry.stored.removeAll() }
    entry.epoch = header.producerEpoch
    entry.latestTimestamp = header.maxTimestamp
    entry.latestOffset = header.lastOffset
    // Control batches carry a producer and an epoch, but no sequence.
    if header.baseSequence >= 0 {
      if entry.stored.count == Self.storedMaximum { entry.stored.removeFirst() }
      entry.stored.append(
        Stored(
          firstSequence: header.baseSequence, lastSequence: header.lastSequence,
          lastOffset: header.lastOffset))
    }
    entries[header.producerID] = entry
    if entries.count > entriesMaximum { forgetTheQuietest() }
  }

  private mutating func forgetTheQuietest() {
    // A tenth at once, so that the sorting is paid for by many appends.
    let quietest = entries.sorted { $0.value.latestOffset < $1.value.latestOffset }
      .prefix(Swift.max(1, entriesMaximum / 10))
    for (id, _) in quietest { entries[id] = nil }
  }

  /// A sequence `count` later, in the 31 bits of the format.
  static func sequence(_ sequence: Int32, plus count: Int) -> Int32 {
    Int32(truncatingIfNeeded: (Int64(sequence) + Int64(count)) & Int64(Int32.max))
  }

  // MARK: Snapshots

  /// What a snapshot file stores: Kafka's has room for the latest append of each producer.
  var snapshot: [ProducerSnapshot.Entry] {
    entries.sorted { $0.key < $1.key }.map { id, entry in
      let last = entry.stored.last
      return ProducerSnapshot.Entry(
        producerID: id, epoch: entry.epoch, lastSequence: last?.lastSequence ?? -1,
        lastOffset: last?.lastOffset ?? -1, offsetDelta: Int32(truncatingIfNeeded: (last?.count ?? 1) - 1),
        timestamp: entry.latestTimestamp, coordinatorEpoch: -1, currentTransactionFirstOffset: -1)
    }
  }

  /// The table as a snapshot holds it.
  init(_ snapshot: ProducerSnapshot, entriesMaximum: Int) {
    self.init(entriesMaximum: entriesMaximum)
    for entry in snapshot.entries {
      var stored: [Stored] = []
      if entry.lastSequence >= 0 {
        stored.append(
          Stored(
            firstSequence: Self.sequence(entry.lastSequence, plus: -Int(entry.offsetDelta)),
            lastSequence: entry.lastSequence, lastOffset: entry.lastOffset))
      }
      entries[entry.producerID] = Entry(
        epoch: entry.epoch, stored: stored, latestTimestamp: entry.timestamp, latestOffset: entry.lastOffset)
    }
  }
}
