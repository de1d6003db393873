// The writer thread's side of a partition: takes what the queue holds, seals the batches, writes them, syncs,
// says so to other processes, and answers. One `write` and one `fdatasync` serve every append that came while
// the ones before were under way; nothing waits for a timer that somebody waits for.

import Bytes
import Files
import Records
import Runtime
import Telemetry

/// Writes one partition. Confined to one thread at a time: the one that opens it, then its writer thread.
final class PartitionWriter {
  let partition: PartitionID
  private let directory: SegmentDirectory
  private let queue: Locked<AppendQueue>
  private let table: SegmentTable
  private let shared: LogParts
  private let counts: PartitionCounts
  private let preparer: SegmentPreparer

  private var segment: SegmentWriter?
  private var durableEndFile: DurableEnd?
  private var producers: ProducerTable
  private var spare = BatchArena(capacity: BatchArena.usualBytes)
  private var compressor = BatchCompressor()
  private var settings: TopicSettings
  /// Whether the marker of a clean shutdown is still there.
  private var hasMarker: Bool
  private var writtenEnd: Int64
  private var durableEnd: Int64
  /// Who waits for what could not be written.
  private var stranded: ContiguousArray<DurableWaiter> = []
  private var unsyncedBytes = 0
  private var unsyncedSince: MonotonicInstant?
  /// How many callers were answered last, when, and how long their sync took.
  private var lastAnswered = 0
  private var lastAnswerAt = MonotonicInstant(nanoseconds: 0)
  private var lastSync = Duration.zero
  /// When the active segment's first batch was written, in wall time.
  private var segmentSince: Int64?

  init(
    _ recovered: RecoveredPartition, directory: SegmentDirectory, settings: TopicSettings,
    queue: Locked<AppendQueue>, table: SegmentTable, shared: LogParts, counts: PartitionCounts,
    preparer: SegmentPreparer
  ) {
    partition = directory.partition
    self.directory = directory
    self.settings = settings
    self.queue = queue
    self.table = table
    self.shared = shared
    self.counts = counts
    self.preparer = preparer
    segment = recovered.writer
    producers = recovered.producers
    hasMarker = recovered.hasMarker
    writtenEnd = recovered.end
    durableEnd = recovered.end
  }

  // MARK: The thread's turn

  /// Does what there is to do, and says when to come back without being told; nil: only when told.
  func service() -> MonotonicInstant? {
    let now = shared.time.monotonic
    let (readiness, wishes) = queue.withLock { ($0.readiness(now: now), $0.takeWishes()) }
    if let waiter = wishes.retire {
      segment?.abandon()
      segment = nil
      hasClosed = true
      waiter.resume()
    }
    if wishes.reopen { reopen() }
    if let settings = wishes.settings { self.settings = settings }
    guard segment != nil else { return nil }
    do throws(FileError) {
      if wishes.roll { try rollIfOld() }
      switch readiness {
      case .now:
        try writeAndAnswer(now)
        return flushDue(now)
      case .at(let due):
        try syncIfDue(now)
        return flushDue(now).map { min($0, due) } ?? due
      case .nothing:
        try syncIfDue(now)
        return flushDue(now)
      }
    } catch {
      fail(error)
      return nil
    }
  }

  private func writeAndAnswer(_ now: MonotonicInstant) throws(FileError) {
    awaitReturning()
    var load = queue.withLock { $0.take(&spare) }
    // There is room again from here on.
    for waiter in load.roomWaiters { waiter.waiter.resume(returning: .room) }
    load.roomWaiters.removeAll()
    do throws(FileError) {
      try write(makingRoom: !load.durableWaiters.isEmpty)
      if !load.durableWaiters.isEmpty || isFlushDue(now) { try sync() }
    } catch {
      // Who is told of it must find the partition stopped.
      stranded = load.durableWaiters
      throw error
    }
    answer(load.durableWaiters)
  }

  /// Those who were just answered together usually append again at once. Waiting for them a moment, bounded by
  /// a small part of a sync, puts them into one batch instead of two that take turns.
  private func awaitReturning() {
    defer { lastAnswered = 0 }
    guard lastAnswered > 1, !shared.time.isManual else { return }
    let deadline = lastAnswerAt.advanced(by: min(lastSync / Self.returningPart, Self.returningMaximum))
    while queue.withLock({ $0.waitingCount }) < lastAnswered, shared.time.monotonic < deadline {
      SystemThread.yield()
    }
  }

  /// Which part of a sync is waited for those who were answered together, and how long at most.
  private static let returningPart = 8
  private static let returningMaximum = Duration.microseconds(50)

  private func answer(_ waiters: ContiguousArray<DurableWaiter>) {
    if waiters.isEmpty { return }
    let end = shared.time.monotonic
    lastAnswered = waiters.count
    lastAnswerAt = end
    DurableAnswers(waiters, at: end, seconds: counts.appendSeconds).give()
  }

  // MARK: Writing

  /// - Parameter makingRoom: whether somebody waits for the sync, which room made ahead makes cheaper.
  private func write(makingRoom: Bool) throws(FileError) {
    if spare.isEmpty { return }
    try removeMarker()
    let sealed = compressor.seal(&spare, compression: settings.compression)
    var from = 0
    while from < sealed.batches.count {
      let run = try nextRun(sealed.batches, from: from)
      try write(sealed, run, makingRoom: makingRoom)
      from = run.upperBound
    }
    writtenEnd = sealed.batches[sealed.batches.count - 1].nextOffset
    if let segment { table.noteWritten(end: writtenEnd, bytes: segment.bytes) }
    if unsyncedSince == nil { unsyncedSince = shared.time.monotonic }
    spare.clear()
  }

  /// Takes the marker of a clean shutdown away, before something is done after which it would lie.
  private func removeMarker() throws(FileError) {
    if !hasMarker { return }
    try CleanShutdown.remove(directory)
    hasMarker = false
  }

  /// The batches from `from` on that go into the active segment; rolls when not even the first does.
  private func nextRun(
    _ batches: ContiguousArray<RecordBatchHeader>, from: Int
  ) throws(FileError) -> Range<Int> {
    guard let segment else { preconditionFailure("nothing is written to a partition that has stopped") }
    var bytes = segment.bytes
    var end = from
    while end < batches.count, bytes + batches[end].totalBytes <= settings.segmentBytes {
      bytes += batches[end].totalBytes
      end += 1
    }
    if end > from { return from..<end }
    if segment.bytes > 0 {
      try roll(to: batches[from].baseOffset)
      return try nextRun(batches, from: from)
    }
    // Larger than a segment by its header: it gets one of its own.
    return from..<(from + 1)
  }

  private func write(
    _ sealed: BatchCompressor.Sealed, _ run: Range<Int>, makingRoom: Bool
  ) throws(FileError) {
    guard let segment else { return }
    let headers = sealed.batches[run]
    let bytes = sealed.bytes(of: run)
    if segmentSince == nil { segmentSince = shared.time.wall.milliseconds }
    let roomAhead = makingRoom ? roomAhead(segment, adding: bytes.count) : 0
    try segment.write(headers, bytes, roomAhead: roomAhead)
    unsyncedBytes += bytes.count
    for header in headers {
      producers.note(header)
      counts.recordsIn.increment(by: UInt64(header.recordCount))
      counts.batchBytes.observe(UInt64(header.totalBytes))
    }
    counts.bytesIn.increment(by: UInt64(bytes.count))
    let isWorthIt = makingRoom ? settings.preallocation != .none : settings.preallocation == .segment
    if segment.bytes > settings.segmentBytes / Self.preparedFrom && isWorthIt {
      preparer.prepare(bytes: settings.segmentBytes, in: directory)
    }
  }

  /// How much room to make when there is too little: as much again as there is, within bounds, so that small
  /// topics stay small and busy ones seldom change the file's metadata.
  private func roomAhead(_ segment: SegmentWriter, adding bytes: Int) -> Int {
    if settings.preallocation == .none { return 0 }
    let end = segment.bytes + bytes
    return max(0, min(min(max(end, Self.roomMinimum), Self.roomMaximum), settings.segmentBytes - end))
  }

  /// From which part of the active segment on the next one is made ready.
  private static let preparedFrom = 4
  private static let roomMinimum = 64 << 10
  private static let roomMaximum = 8 << 20

  // MARK: Syncing

  private func sync() throws(FileError) {
    guard let segment else { return }
    if segment.isDirty {
      let before = shared.time.monotonic
      try segment.sync()
      lastSync = shared.time.monotonic.since(before)
      counts.syncSeconds.observe(lastSync)
    }
    try noteDurable()
  }

  private func noteDurable() throws(FileError) {
    unsyncedBytes = 0
    unsyncedSince = nil
    if durableEnd == writtenEnd { return }
    durableEnd = writtenEnd
    if durableEndFile == nil { durableEndFile = try DurableEnd(directory) }
    try durableEndFile?.write(durableEnd)
    let woken = table.noteDurable(end: durableEnd)
    EventLoop.wakingOnce { for waiter in woken { waiter.resume() } }
  }

  private func isFlushDue(_ now: MonotonicInstant) -> Bool {
    if unsyncedBytes >= settings.flushBytes { return true }
    guard let unsyncedSince else { return false }
    return now.since(unsyncedSince) >= settings.flushInterval
  }

  private func flushDue(_ now: MonotonicInstant) -> MonotonicInstant? {
    unsyncedSince.map { $0.advanced(by: settings.flushInterval) }
  }

  private func syncIfDue(_ now: MonotonicInstant) throws(FileError) {
    if isFlushDue(now) { try sync() }
  }

  // MARK: Rolling

  /// Seals the active segment and begins the next one at `base`.
  private func roll(to base: Int64) throws(FileError) {
    guard let old = segment else { return }
    try removeMarker()
    try old.close()
    segment = nil
    writtenEnd = base
    try noteDurable()
    try ProducerSnapshots(directory: directory).write(producers, at: base)
    let new = try SegmentWriter.begin(directory, base: base, prepared: preparer.take())
    segment = new
    segmentSince = nil
    table.noteRoll(to: new.index, sealedBytes: old.bytes)
    shared.logger.debug(
      "segment begun", ["partition": .string(partition.description), "base": .int(Int(base))])
  }

  private func rollIfOld() throws(FileError) {
    guard let segment, segment.bytes > 0 else { return }
    let since = segmentSince ?? segment.index.latestTimestamp ?? 0
    let age = Duration.milliseconds(max(0, shared.time.wall.milliseconds - since))
    if age >= settings.segmentAge { try roll(to: writtenEnd) }
  }

  // MARK: Stopping, opening again, closing

  /// Nothing is acknowledged after this: the disk did not do what it was told.
  private func fail(_ error: FileError) {
    segment?.abandon()
    segment = nil
    durableEndFile = nil
    spare.clear()
    let refusal = LogError.stopped(partition, cause: error)
    let load = queue.withLock { $0.refuse(with: refusal) }
    for waiter in stranded { waiter.waiter.resume(returning: .failed(refusal)) }
    stranded = []
    load.fail(with: refusal)
    shared.logger.error(
      "a partition has stopped taking appends",
      ["partition": .string(partition.description), "cause": .error(error)])
  }

  /// Tries to take appends again: what was not durable is cut, and the partition goes on from there.
  private func reopen() {
    guard segment == nil, !hasClosed else { return }
    table.noteRetraction()
    let recovery = PartitionRecovery(
      directory: directory, settings: settings, logger: shared.logger, cutAt: durableEnd)
    do throws(LogError) {
      let recovered = try recovery.run()
      if let damage = recovered.damage {
        queue.withLock { $0.standing = .refusing(.damaged(damage)) }
        return
      }
      segment = recovered.writer
      producers = recovered.producers
      writtenEnd = recovered.end
      durableEnd = recovered.end
      unsyncedBytes = 0
      unsyncedSince = nil
      segmentSince = nil
      table.noteReopened(
        segments: recovered.segments, active: recovered.writer?.index, first: recovered.first,
        end: recovered.end)
      queue.withLock { $0.reopen(nextOffset: recovered.end, producers: recovered.producers) }
      shared.logger.info("a partition takes appends again", ["partition": .string(partition.description)])
    } catch {
      shared.logger.warning(
        "a partition could not be opened again",
        ["partition": .string(partition.description), "cause": .error(error)])
    }
  }

  private var hasClosed = false

  /// Writes what is queued, leaves the marker, and closes the files. The queue refuses appends already.
  func close() throws(LogError) {
    hasClosed = true
    do throws(FileError) {
      defer { durableEndFile = nil }
      guard segment != nil else { return }
      try writeAndAnswer(shared.time.monotonic)
      try sync()
      guard let last = segment else { return }
      segment = nil
      try last.close()
      if hasMarker { return }
      try ProducerSnapshots(directory: directory).write(producers, at: durableEnd)
      let segments = table.segments
      let clean = CleanShutdown(
        firstOffset: table.extent(.durable).first.value, nextOffset: durableEnd, segments: segments.count,
        activeBase: last.base, activeBytes: last.bytes)
      try clean.write(directory)
    } catch {
      fail(error)
      throw .stopped(partition, cause: error)
    }
  }
}
