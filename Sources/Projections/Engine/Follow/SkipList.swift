// The events that an operator had projections go past. Each is an event itself, so that a rebuild passes over the
// same ones.

import Log
import Runtime

/// The offsets that one projection passes over.
final class SkipList: Sendable {
  private let skipped: Locked<[PartitionID: Set<Int64>]>

  init(_ skipped: [PartitionID: Set<Int64>] = [:]) { self.skipped = Locked(skipped) }

  func contains(_ partition: PartitionID, _ offset: Int64) -> Bool {
    skipped.withLock { $0[partition]?.contains(offset) ?? false }
  }

  func add(_ partition: PartitionID, _ offset: Int64) {
    skipped.withLock { _ = $0[partition, default: []].insert(offset) }
  }
}
