// What the parts of a partition mean.

import Files
import Log
import Records

extension PartitionAnalysis {
  /// Everything that is wrong in the segments and their indexes, in the order of the log.
  var findings: [Finding] {
    var findings: [Finding] = []
    var expected: Int64?
    for segment in segments {
      if let end = expected, end != segment.base {
        findings += gap(segment.path, at: 0, from: end, to: segment.base)
      }
      findings += pieceFindings(segment)
      findings += segment.unreadable.map {
        Finding(
          .unsupported, segment.path, at: $0.position, expected: "records that can be read",
          found: $0.error.description)
      }
      findings += segment.indexObjections
      expected = max(segment.end, segment.base)
    }
    return findings + endFindings
  }

  private func pieceFindings(_ segment: SegmentAnalysis) -> [Finding] {
    var findings: [Finding] = []
    var expected = segment.base
    for piece in segment.pieces {
      switch piece {
      case .run(let run):
        if run.offsets.lowerBound != expected {
          findings += gap(
            segment.path, at: run.positions.lowerBound, from: expected, to: run.offsets.lowerBound)
        }
        expected = run.offsets.upperBound
      case .bad(let range, let offset, let error):
        findings.append(
          Finding(
            .damage, segment.path, at: range.lowerBound, expected: "a batch with offset \(offset) or after",
            found: "\(error.description); \(range.count) bytes up to \(range.upperBound) are no batch"))
      case .zeros(let range):
        if !segment.isActive {
          findings.append(
            Finding(
              .damage, segment.path, at: range.lowerBound, expected: "the end of a segment that is sealed",
              found: "\(range.count) zeros"))
        }
      }
    }
    if let tail = segment.tail {
      findings.append(
        Finding(
          .unfinishedTail, segment.path, at: tail.lowerBound,
          expected: "the end, or room, behind the last durable batch",
          found: "\(tail.count) bytes that were never acknowledged"))
    }
    return findings
  }

  private func gap(_ path: FilePath, at position: Int, from expected: Int64, to offset: Int64) -> [Finding] {
    guard options.isContiguous else { return [] }
    let isAccepted = !isMissing(from: expected, to: offset)
    return [
      Finding(
        isAccepted ? .acceptedGap : .damage, path, at: position, expected: "offset \(expected)",
        found: "offset \(offset)")
    ]
  }

  /// Whether the log ends where it should.
  private var endFindings: [Finding] {
    guard !isLive, let floor else { return [] }
    guard let last = segments.last else {
      if floor == 0 { return [] }
      return [
        Finding(
          .damage, directory.log(0), expected: "segments with everything before offset \(floor)",
          found: "no segment at all")
      ]
    }
    // Bytes that are no batch at the end were reported as such.
    if case .bad? = last.pieces.last { return [] }
    if end >= floor { return [] }
    return [
      Finding(
        .damage, last.path, at: last.endPosition,
        expected: "records up to offset \(floor), which were durable", found: "none from \(end) on")
    ]
  }
}
