// The index of the active segment, as its writer and the readers of this process share it.

import Files
import Records
import Runtime

/// An index that grows while it is read.
final class ActiveIndex: Sendable {
  let base: Int64
  private let builder: Locked<IndexBuilder>

  init(_ builder: IndexBuilder) {
    base = builder.base
    self.builder = Locked(builder)
  }

  /// Notes batches that stand one after the other from `position` on.
  func note(_ headers: some Collection<RecordBatchHeader>, from position: Int) {
    builder.withLock { builder in
      var position = position
      for header in headers {
        builder.note(header, at: position)
        position += header.totalBytes
      }
    }
  }

  func seal() { builder.withLock { $0.seal() } }

  func write(to files: inout IndexFiles, all: Bool = false) throws(FileError) {
    // The arrays are shared, not copied, and the writes happen without the lock.
    let copy = builder.withLock { $0 }
    try files.write(copy, all: all)
  }

  func position(of offset: Int64) -> Int { builder.withLock { $0.position(of: offset) } }
  func offset(before timestamp: Int64) -> Int64 { builder.withLock { $0.offset(before: timestamp) } }
  var latestTimestamp: Int64? { builder.withLock { $0.latest?.timestamp } }
}
