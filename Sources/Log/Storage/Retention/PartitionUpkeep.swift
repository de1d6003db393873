// What upkeep remembers of a partition between its turns, and the gate that keeps it out of the directory of a
// deleted topic. Upkeep of every partition happens on the keeper's thread, one at a time.

import Runtime

/// The upkeep of one partition.
final class PartitionUpkeep: Sendable {
  /// What is remembered.
  struct Memory {
    /// Segments that readers see no more and that are still to be deleted, oldest first.
    var deletions: [SegmentDeletion] = []
    /// A replacement of segments that failed on the way and must be finished before anything else is done.
    var replacement: SegmentReplacement?
    /// Where a file of compaction was begun that is of no use any more.
    var cleaned: Int64?
    /// Everything before it was compacted: each key is there once.
    var compactedEnd: Int64 = 0
    /// How often the partition had been opened again when the above was noted.
    var openings = 0
  }

  private struct State {
    var memory = Memory()
    var isBusy = false
    var isRetired = false
  }

  private let state = Locked(State())
  private let idle = ThreadSemaphore()

  /// Lets upkeep at the partition and keeps what it wants remembered; nil when the partition is no more.
  func perform<Result, Failure: Error>(
    _ body: (inout Memory) throws(Failure) -> Result
  ) throws(Failure) -> Result? {
    let begun = state.withLock { state -> Memory? in
      precondition(!state.isBusy, "upkeep happens on one thread")
      if state.isRetired { return nil }
      state.isBusy = true
      return state.memory
    }
    guard var memory = begun else { return nil }
    defer {
      let mustTell = state.withLock { state in
        state.isBusy = false
        state.memory = memory
        return state.isRetired
      }
      if mustTell { idle.signal() }
    }
    return try body(&memory)
  }

  /// Lets nobody at the partition any more, and returns when upkeep has left it. May block for as long as
  /// upkeep takes to notice that the partition takes no appends.
  func retire() {
    let mustWait = state.withLock { state in
      state.isRetired = true
      return state.isBusy
    }
    if mustWait { idle.wait() }
  }
}
