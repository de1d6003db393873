// Retention of one partition: finds out how old its segments are, and deletes those that may go. Runs on one
// thread and starts none, so that every step of it can be crashed in a test.

import Files
import Records

/// One turn of retention.
struct PartitionRetention {
  let table: SegmentTable
  let settings: TopicSettings
  /// The time, in milliseconds since 1970.
  let now: Int64
  /// The lowest position in the partition's catalogue; nil when there is none.
  let lowest: ConsumerPosition?
  /// Whether positions do not count.
  var force = false
  /// Asked between segments: whether to come to an end, after which the rest waits for the next turn.
  var shouldStop: () -> Bool = { false }
  /// Hears of the bytes of each segment that was deleted.
  var onDelete: (Int) -> Void = { _ in }

  /// Deletes what may go.
  func run(_ memory: inout PartitionUpkeep.Memory) throws(FileError) -> RetentionReport.Part {
    try table.resume(&memory)
    var part = RetentionReport.Part(
      partition: table.directory.partition, first: table.extent(.durable).first)
    guard settings.cleanup.deletes else { return part }
    let plan = RetentionPlan(
      try table.agedSegments(withTimes: settings.retentionAge != nil), settings, now: now,
      floor: force ? nil : lowest?.position.value)
    for segment in plan.doomed {
      if shouldStop() { break }
      // Readers are sent away first: what they then do not find is known to be gone.
      guard let first = table.noteDeleted(segment.base) else { break }
      memory.deletions.append(SegmentDeletion(base: segment.base))
      try table.resume(&memory)
      onDelete(segment.bytes)
      part.segments += 1
      part.bytes += segment.bytes
      part.first = LogOffset(first)
    }
    if let lowest, !plan.held.isEmpty {
      part.heldBack = HoldBack(lowest)
      part.heldBackSegments = plan.held.count
      part.heldBackBytes = plan.held.reduce(0) { $0 + $1.bytes }
    }
    return part
  }
}

extension SegmentTable {
  /// All segments, with the latest timestamps of those that are sealed if they are wanted.
  func agedSegments(withTimes: Bool) throws(FileError) -> [AgedSegment] {
    let segments = segments
    var aged: [AgedSegment] = []
    for (index, segment) in segments.enumerated() {
      let isSealed = index + 1 < segments.count
      aged.append(
        AgedSegment(info: segment, latest: isSealed && withTimes ? try latestTimestamp(segment) : nil))
    }
    return aged
  }

  /// Ends what an earlier turn began and could not do.
  func resume(_ memory: inout PartitionUpkeep.Memory) throws(FileError) {
    let openings = openings
    if memory.openings != openings {
      // The directory was brought in order by recovery, and the table made anew.
      memory = PartitionUpkeep.Memory(openings: openings)
    }
    if let base = memory.cleaned {
      if try directory.files.exists(directory.cleaned(base)) {
        try directory.files.remove(directory.cleaned(base))
      }
      memory.cleaned = nil
    }
    if var replacement = memory.replacement {
      defer { memory.replacement = replacement }
      try replacement.run(self)
    }
    memory.replacement = nil
    while let deletion = memory.deletions.first {
      try deletion.run(directory)
      memory.deletions.removeFirst()
    }
  }

  /// The latest timestamp in a sealed segment. An index that does not say is made anew.
  func latestTimestamp(_ segment: SegmentInfo) throws(FileError) -> Int64? {
    let index = SegmentIndexReader(directory: directory, base: segment.base)
    if let latest = try index.latestTimestamp() { return latest }
    var builder = IndexBuilder(base: segment.base)
    let file = try directory.files.open(directory.log(segment.base), .read)
    _ = try SegmentScan(isContiguous: false).run(file, offset: segment.base) { builder.note($0, at: $1) }
    try file.close()
    builder.seal()
    try IndexFiles.replace(directory, with: builder)
    return builder.latest?.timestamp
  }
}
