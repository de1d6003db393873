// Which segments the settings let go. Pure: sizes and times in, a number of segments out.

/// A segment as retention looks at it.
struct AgedSegment: Hashable {
  let info: SegmentInfo
  /// The latest timestamp in it, in milliseconds; nil for the active one, whose age does not matter.
  let latest: Int64?
}

/// What retention is to delete of one partition.
struct RetentionPlan: Hashable {
  /// The oldest ones, which are to go.
  var doomed: [SegmentInfo] = []
  /// Those after them that would go too if nobody needed them.
  var held: [SegmentInfo] = []

  /// - Parameters:
  ///   - segments: all of the partition's, oldest first; the last one is active and stays.
  ///   - floor: the lowest position that must stay readable; nil when there is none, or it is not to count.
  init(_ segments: [AgedSegment], _ settings: TopicSettings, now: Int64, floor: Int64?) {
    var excess = Int.min
    if let bytesMaximum = settings.retentionBytes {
      excess = segments.reduce(-bytesMaximum) { $0 + $1.info.bytes }
    }
    let latestKept = settings.retentionAge.map { now - $0.boundedMilliseconds }
    for (segment, following) in zip(segments, segments.dropFirst()) {
      // What is left must be at least as much as is to be kept.
      let isExcess = excess >= segment.info.bytes
      let isOld =
        if let latestKept, let latest = segment.latest { latest < latestKept } else { false }
      guard isExcess || isOld else { break }
      excess -= isExcess ? segment.info.bytes : 0
      if held.isEmpty && following.info.base <= floor ?? .max {
        doomed.append(segment.info)
      } else {
        held.append(segment.info)
      }
    }
  }
}

extension Duration {
  /// Whole milliseconds, from none up to so many that times can be counted back by them.
  var boundedMilliseconds: Int64 {
    let (seconds, attoseconds) = components
    if seconds < 0 { return 0 }
    return min(seconds, 1 << 40) * 1000 + attoseconds / 1_000_000_000_000_000
  }
}
