// One pass of compaction over a partition: reads what is new for the latest offset of each key, then goes
// through all segments up to there, oldest first, and writes those anew of which something may go. Runs on one
// thread and starts none, so that every step of it can be crashed in a test.

import Bytes
import Files
import Records

/// One pass of compaction.
struct PartitionCompaction {
  let table: SegmentTable
  let settings: TopicSettings
  /// The time, in milliseconds since 1970.
  let now: Int64
  /// The lowest position in the partition's catalogue; nil when there is none.
  let lowest: ConsumerPosition?
  /// The producers that the partition remembers.
  let producers: ProducerTable
  let keysMaximum: Int
  /// Whether to go through the partition although not enough is new.
  var isAskedFor = false
  /// Asked now and then: whether to come to an end.
  var shouldStop: () -> Bool = { false }
  /// Called between segments, to let others do something.
  var breathe: () -> Void = {}
  /// Hears how many bytes each replacement of segments saved.
  var onReplace: (Int) -> Void = { _ in }

  /// Compacts what may be compacted; nil when nothing is due.
  func run(_ memory: inout PartitionUpkeep.Memory) throws(LogError) -> CompactionReport.Part? {
    try resume(&memory)
    guard settings.cleanup.compacts else { return nil }
    let plan = CompactionPlan(
      try agedSegments(), settings, now: now, compactedEnd: memory.compactedEnd)
    guard isAskedFor || plan.isDue else { return nil }
    var part = CompactionReport.Part(
      partition: table.directory.partition, compactedEnd: LogOffset(memory.compactedEnd))
    guard let (keys, end) = try readKeys(plan, from: memory.compactedEnd) else {
      part.isPartial = true
      return part
    }
    part.keys = keys.count
    var filter = BatchFilter(
      keys: keys, end: end, now: now, tombstoneMilliseconds: settings.tombstoneRetention.boundedMilliseconds,
      floor: lowest?.position.value ?? .max, producers: producers)
    var wasStopped = false
    for group in plan.groups(before: end, segmentBytesMaximum: settings.segmentBytes) {
      breathe()
      wasStopped = try !compact(group, &filter, &memory, &part)
      if wasStopped { break }
    }
    if !wasStopped { memory.compactedEnd = max(memory.compactedEnd, end) }
    part.isPartial = wasStopped || end < plan.end
    part.compactedEnd = LogOffset(memory.compactedEnd)
    part.heldBackTombstones = filter.heldBack
    if filter.heldBack > 0 { part.heldBack = lowest.map { HoldBack($0) } }
    return part
  }

  private func resume(_ memory: inout PartitionUpkeep.Memory) throws(LogError) {
    do throws(FileError) { try table.resume(&memory) } catch { throw .file(error) }
  }

  private func agedSegments() throws(LogError) -> [AgedSegment] {
    do throws(FileError) {
      return try table.agedSegments(withTimes: settings.compactionLag > .zero)
    } catch {
      throw .file(error)
    }
  }

  // MARK: Keys

  /// The latest offset of each key from `start` on, and up to where there was room for all; nil when it was told
  /// to stop.
  private func readKeys(
    _ plan: CompactionPlan, from start: Int64
  ) throws(LogError) -> (CompactionKeys, Int64)? {
    var keys = CompactionKeys(keysMaximum: keysMaximum)
    for segment in plan.segments {
      var batches = try SegmentBatches(segment, of: table)
      while let batch = try batches.next() {
        if batch.header.nextOffset <= start { continue }
        if shouldStop() { return nil }
        if let full = try note(batch, from: start, in: &keys) { return (keys, full) }
      }
    }
    return (keys, plan.end)
  }

  /// Notes the keys of a batch from an offset on; the offset of the first for which there was no room.
  private func note(
    _ batch: RecordBatch, from start: Int64, in keys: inout CompactionKeys
  ) throws(LogError) -> Int64? {
    let attributes = batch.header.attributes
    if attributes.isControl || attributes.isTransactional || batch.header.recordCount == 0 { return nil }
    do throws(RecordError) {
      let payload = try batch.payload()
      var records = RecordIterator(batch.header, payload: payload.readable)
      while let record = try records.next() {
        // A pass may have ended inside a batch.
        if record.offset < start { continue }
        if let key = record.key, !keys.note(key, at: record.offset) { return record.offset }
      }
      return nil
    } catch {
      throw .record(table.directory.partition, LogOffset(batch.header.baseOffset), error)
    }
  }

  // MARK: Segments

  /// Compacts adjacent segments into one, if there is anything to do; false when it was told to stop.
  private func compact(
    _ group: CompactionPlan.Group, _ filter: inout BatchFilter, _ memory: inout PartitionUpkeep.Memory,
    _ part: inout CompactionReport.Part
  ) throws(LogError) -> Bool {
    var before = CompactionReport.Amount(segments: group.segments.count, bytes: group.bytes)
    if group.segments.count == 1 {
      // Asked of a copy: what it counts will be counted again.
      var trial = filter
      switch try examine(group.segments[0], &trial) {
      case .stopped: return false
      case .unchanged(let records):
        before.records = records
        part.before += before
        part.after += before
        filter = trial
        return true
      case .changed: break
      }
    }
    let heldBack = filter
    memory.cleaned = group.range.lowerBound
    do throws(LogError) {
      var after = CompactionReport.Amount(segments: 1)
      guard
        let replacement = try write(group, &filter, recordsBefore: &before.records, after: &after.records)
      else {
        filter = heldBack
        discardCleaned(&memory)
        return false
      }
      memory.cleaned = nil
      memory.replacement = replacement
      after.bytes = replacement.bytes
      part.before += before
      part.after += after
      try resume(&memory)
      onReplace(max(0, before.bytes - after.bytes))
      return true
    } catch {
      discardCleaned(&memory)
      throw error
    }
  }

  /// Gives the room of an unfinished file back at once. What cannot be removed now is remembered, and removed
  /// when upkeep comes by again.
  private func discardCleaned(_ memory: inout PartitionUpkeep.Memory) {
    guard let base = memory.cleaned else { return }
    do throws(FileError) {
      try table.directory.files.remove(table.directory.cleaned(base))
      memory.cleaned = nil
    } catch {
      if error.isNotFound { memory.cleaned = nil }
    }
  }

  private enum Examination {
    case unchanged(records: Int)
    case changed
    case stopped
  }

  /// Whether anything of a segment may go.
  private func examine(
    _ segment: SegmentInfo, _ filter: inout BatchFilter
  ) throws(LogError) -> Examination {
    var records = 0
    var batches = try SegmentBatches(segment, of: table)
    while let batch = try batches.next() {
      if shouldStop() { return .stopped }
      records += Int(batch.header.recordCount)
      let verdict = try judge(batch, &filter, mustStay: batches.isAtEnd, bytesMaximum: .max)
      guard case .unchanged = verdict else { return .changed }
    }
    return .unchanged(records: records)
  }

  private func judge(
    _ batch: RecordBatch, _ filter: inout BatchFilter, mustStay: Bool, bytesMaximum: Int
  ) throws(LogError) -> BatchFilter.Verdict {
    do throws(RecordError) {
      return try filter.judge(batch, mustStay: mustStay, bytesMaximum: bytesMaximum)
    } catch {
      throw .record(table.directory.partition, LogOffset(batch.header.baseOffset), error)
    }
  }

  /// Writes what stays of some segments; nil when it was told to stop.
  private func write(
    _ group: CompactionPlan.Group, _ filter: inout BatchFilter, recordsBefore: inout Int, after: inout Int
  ) throws(LogError) -> SegmentReplacement? {
    let base = group.range.lowerBound
    var cleaned = try fileCall { () throws(FileError) in try CleanedSegment(table.directory, base: base) }
    var bytesLeft = group.bytes
    for (index, segment) in group.segments.enumerated() {
      let isLastSegment = index + 1 == group.segments.count
      var batches = try SegmentBatches(segment, of: table)
      while let batch = try batches.next() {
        if shouldStop() { return nil }
        bytesLeft -= batch.bytes.count
        recordsBefore += Int(batch.header.recordCount)
        // A batch may grow as long as everything after it would still fit if nothing of it went.
        let verdict = try judge(
          batch, &filter, mustStay: isLastSegment && batches.isAtEnd,
          bytesMaximum: TopicSettings.segmentBytesMaximum - cleaned.bytes - bytesLeft)
        let kept: RecordBatch
        switch verdict {
        case .gone: continue
        case .unchanged: kept = batch
        case .changed(let changed): kept = changed
        }
        after += Int(kept.header.recordCount)
        do throws(FileError) { try cleaned.append(kept) } catch { throw .file(error) }
      }
    }
    do throws(FileError) { try cleaned.finish() } catch { throw .file(error) }
    return SegmentReplacement(
      range: group.range, others: group.segments.dropFirst().map(\.base), bytes: cleaned.bytes,
      index: cleaned.index)
  }

  private func fileCall<Result: ~Copyable>(
    _ body: () throws(FileError) -> Result
  ) throws(LogError) -> Result {
    do throws(FileError) { return try body() } catch { throw .file(error) }
  }
}
