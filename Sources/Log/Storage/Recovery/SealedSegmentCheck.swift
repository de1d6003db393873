// A quick look at a sealed segment: does its index lead to a batch, and do the batches from there end where
// the file does, before the next segment begins? Not every byte is read: `varve log verify` does that.

import Files
import Records

/// The quick look at one sealed segment.
struct SealedSegmentCheck {
  let directory: SegmentDirectory
  let segment: SegmentInfo
  /// Whether the topic is compacted, so that offsets may be missing.
  let isCompacted: Bool
  /// Where batches may be missing all the same.
  let acceptedGaps: AcceptedGaps

  /// What is wrong; nil when nothing was seen. An index that cannot be right is made anew.
  func run(nextBase: Int64) throws(FileError) -> Damage? {
    let file = try directory.files.open(directory.log(segment.base), .read)
    if let start = try lastIndexed(), let end = try walk(file, from: start.position, offset: start.offset),
      end.rest == .nothing
    {
      return objection(to: end, nextBase)
    }
    // The index is missing or leads nowhere: the whole segment tells.
    var builder = IndexBuilder(base: segment.base)
    // The topic may have been compacted before its settings were changed: what counts is where it ends.
    let end = try SegmentScan(isContiguous: false).run(file, offset: segment.base) {
      builder.note($0, at: $1)
    }
    if end.rest != .nothing { return damage(end) }
    if let damage = objection(to: end, nextBase) { return damage }
    builder.seal()
    try IndexFiles.replace(directory, with: builder)
    return nil
  }

  private func walk(_ file: File, from position: Int, offset: Int64) throws(FileError) -> SegmentScan.End? {
    let end = try SegmentScan(isContiguous: false, blockBytes: 16 << 10).run(
      file, from: position, offset: offset
    ) { _, _ in }
    return end
  }

  /// The position of the last batch that the index knows, and the segment's base when it knows none; nil when
  /// the index is missing or out of shape.
  private func lastIndexed() throws(FileError) -> (position: Int, offset: Int64)? {
    guard
      let index = try IndexFiles.load(directory, base: segment.base, segmentBytes: segment.bytes)
    else { return nil }
    return (index.offsets.last.map { Int($0.position) } ?? 0, segment.base)
  }

  private func objection(to end: SegmentScan.End, _ nextBase: Int64) -> Damage? {
    let isRight = isCompacted ? end.nextOffset <= nextBase : end.nextOffset == nextBase
    if isRight || acceptedGaps.allow(LogOffset(nextBase), after: LogOffset(end.nextOffset)) { return nil }
    return Damage(
      partition: directory.partition, segment: directory.log(segment.base), position: end.position,
      expected: "records up to offset \(nextBase), where the next segment begins",
      found: "the end of the file after offset \(end.nextOffset - 1)")
  }

  private func damage(_ end: SegmentScan.End) -> Damage {
    Damage(
      partition: directory.partition, segment: directory.log(segment.base), position: end.position,
      expected: "a batch with offset \(end.nextOffset)", found: end.rest.description)
  }
}
