// Whether a partition is worth compacting, how far, and which segments become one. Pure: sizes and times in.

/// What compaction is to do with a partition.
struct CompactionPlan: Hashable {
  /// The sealed segments that are old enough, oldest first.
  let segments: [SegmentInfo]
  /// The offset after them.
  let end: Int64
  /// How many bytes of them were not compacted yet.
  let dirtyBytes: Int

  /// A pass is due when at least this part of what would be read is new.
  static let dirtyRatioMinimum = 0.5
  /// And when at least so much is new: less is not worth the seeks.
  static let dirtyBytesMinimum = 1 << 20

  /// - Parameters:
  ///   - all: all of the partition's segments, oldest first; the last one is active and is not compacted.
  ///   - compactedEnd: how far the last pass came.
  init(_ all: [AgedSegment], _ settings: TopicSettings, now: Int64, compactedEnd: Int64) {
    let latestTouched = now - settings.compactionLag.boundedMilliseconds
    var segments: [SegmentInfo] = []
    var end = all.first?.info.base ?? 0
    var dirtyBytes = 0
    for (segment, following) in zip(all, all.dropFirst()) {
      if settings.compactionLag > .zero, let latest = segment.latest, latest > latestTouched { break }
      segments.append(segment.info)
      end = following.info.base
      if end > compactedEnd { dirtyBytes += segment.info.bytes }
    }
    self.segments = segments
    self.end = end
    self.dirtyBytes = dirtyBytes
  }

  /// Whether a pass is due without anybody asking for one.
  var isDue: Bool {
    let bytes = segments.reduce(0) { $0 + $1.bytes }
    return dirtyBytes >= Self.dirtyBytesMinimum
      && Double(dirtyBytes) >= Self.dirtyRatioMinimum * Double(bytes)
  }

  /// The segments that begin before `end`, those together that may become one.
  func groups(before end: Int64, segmentBytesMaximum: Int) -> [Group] {
    var groups: [Group] = []
    for (index, segment) in segments.enumerated() where segment.base < end {
      let next = index + 1 < segments.count ? segments[index + 1].base : self.end
      if let last = groups.last, last.bytes + segment.bytes <= segmentBytesMaximum,
        next - last.range.lowerBound <= Int64(Int32.max)
      {
        groups[groups.count - 1].append(segment, next: next)
      } else {
        groups.append(Group(segments: [segment], range: segment.base..<next))
      }
    }
    return groups
  }

  /// Adjacent segments that become one.
  struct Group: Hashable {
    private(set) var segments: [SegmentInfo]
    /// Where they begin, and where the next one does.
    private(set) var range: Range<Int64>

    init(segments: [SegmentInfo], range: Range<Int64>) {
      self.segments = segments
      self.range = range
    }

    var bytes: Int { segments.reduce(0) { $0 + $1.bytes } }

    mutating func append(_ segment: SegmentInfo, next: Int64) {
      segments.append(segment)
      range = range.lowerBound..<next
    }
  }
}
