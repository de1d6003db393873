// Walks a segment's file batch by batch, in bounded memory, and says where its good part ends and why.

import Bytes
import Files
import Records

/// A walk through one segment.
struct SegmentScan {
  /// What stands after the last good batch.
  enum Rest: Equatable, CustomStringConvertible {
    /// Nothing: the file ends there.
    case nothing
    /// Room that was made ahead.
    case zeros
    /// Something that is no batch.
    case broken(RecordError)

    /// What a report of damage calls it.
    var description: String {
      switch self {
      case .nothing: "the end of the file"
      case .zeros: "zeros"
      case .broken(let error): error.description
      }
    }
  }

  /// Where the walk ended.
  struct End: Equatable {
    /// The first byte after the last good batch.
    var position: Int
    /// The offset after the last good batch.
    var nextOffset: Int64
    var rest: Rest
  }

  var batchBytesMaximum = RecordLimits.batchBytesMaximum
  var checksums = true
  /// Whether every batch must begin where the one before ended. Compaction leaves gaps; writing does not.
  var isContiguous = true
  /// Where batches may be missing all the same.
  var acceptedGaps = AcceptedGaps.none
  var blockBytes = 1 << 20

  /// Walks `file` from `position` on.
  ///
  /// - Parameters:
  ///   - offset: the lowest offset that the first batch may have.
  ///   - visit: gets each good batch's header and position.
  func run(
    _ file: File, from start: Int = 0, offset: Int64, _ visit: (RecordBatchHeader, Int) -> Void
  ) throws(FileError) -> End {
    var end = End(position: start, nextOffset: offset, rest: .nothing)
    let fileBytes = try file.status().bytes
    var block = ByteBuffer()
    var scanner = BatchScanner(
      expectedOffset: offset, batchBytesMaximum: batchBytesMaximum, checksums: checksums)
    var needed = RecordBatchHeader.byteCount
    while true {
      let left = fileBytes - end.position
      if left == 0 { return end }
      if block.count < min(needed, left) {
        try file.extend(&block, to: min(max(needed, blockBytes), left), at: end.position)
      }
      let isWhole = block.count >= left
      switch block.withReadableBytes({ scanner.next($0, atEnd: isWhole) }) {
      case .batch(let header, let byteCount):
        if isContiguous && header.baseOffset != end.nextOffset
          && !acceptedGaps.allow(LogOffset(header.baseOffset), after: LogOffset(end.nextOffset))
        {
          end.rest = .broken(
            .malformedHeader("base offset \(header.baseOffset) where \(end.nextOffset) should be"))
          return end
        }
        if header.lastOffset - offset > Int64(Int32.max) {
          end.rest = .broken(
            .malformedHeader("last offset \(header.lastOffset), too far from \(offset) to be in the segment"))
          return end
        }
        visit(header, end.position)
        end.position += byteCount
        end.nextOffset = header.nextOffset
        block.consume(byteCount)
        needed = RecordBatchHeader.byteCount
      case .needBytes(let count):
        if isWhole {
          end.rest = .broken(.truncated(needed: count, got: block.count))
          return end
        }
        needed = max(count, needed + 1)
      case .zeros:
        end.rest = .zeros
        return end
      case .invalid(let error):
        end.rest = .broken(error)
        return end
      }
    }
  }
}
