// The segments of a partition that this process has open, as its readers see them, and the readers that wait
// at its end. The writer thread changes it; everything is behind one short lock.

import Files
import Records
import Runtime

/// What the readers of one partition share.
final class SegmentTable: BatchSource {
  let directory: SegmentDirectory
  private let state: Locked<State>
  /// What was found when the partition was opened.
  private let damage: Damage?
  private let onDamage: @Sendable (Damage) -> Void

  struct State {
    var settings: TopicSettings
    /// Oldest first; all but the last are sealed.
    var segments: ContiguousArray<SegmentInfo>
    /// nil when the partition could only be opened for reading.
    var active: ActiveIndex?
    var first: Int64
    var writtenEnd: Int64
    var durableEnd: Int64
    var tails: ContiguousArray<TailWaiter> = []
    var nextTicket: UInt64 = 0
    var lastVersion = 0
    var openings = 0
    var retractions = 0
    var isClosed = false
  }

  /// A reader that waits at the end.
  struct TailWaiter {
    let ticket: UInt64
    let isolation: ReadIsolation
    let waiter: Waiter<Void>
  }

  init(
    _ directory: SegmentDirectory, settings: TopicSettings, segments: ContiguousArray<SegmentInfo>,
    active: ActiveIndex?, first: Int64, end: Int64, damage: Damage? = nil,
    onDamage: @escaping @Sendable (Damage) -> Void
  ) {
    self.directory = directory
    self.damage = damage
    self.onDamage = onDamage
    state = Locked(
      State(
        settings: settings, segments: segments, active: active, first: first, writtenEnd: end,
        durableEnd: end))
  }

  // MARK: What readers ask

  var batchBytesMaximum: Int { state.withLock { $0.settings.batchBytesMaximum } }

  func extent(_ isolation: ReadIsolation) -> LogExtent {
    state.withLock { state in
      let end = isolation == .durable ? state.durableEnd : state.writtenEnd
      return LogExtent(first: LogOffset(state.first), end: LogOffset(max(end, state.first)))
    }
  }

  func segment(of offset: Int64) -> ReadableSegment? {
    state.withLock { state in
      let index = state.segments.partitionPoint { $0.base <= offset }
      return index == 0 ? nil : Self.readable(index - 1, in: state)
    }
  }

  func segment(after base: Int64) -> ReadableSegment? {
    state.withLock { state in
      let index = state.segments.partitionPoint { $0.base <= base }
      return index == state.segments.count ? nil : Self.readable(index, in: state)
    }
  }

  func segment(notBefore timestamp: Int64) throws(LogError) -> ReadableSegment? {
    for info in segments {
      guard let segment = segment(of: info.base) else { continue }
      let latest: Int64?
      if let active = segment.activeIndex {
        latest = active.latestTimestamp
      } else {
        do throws(FileError) {
          latest = try SegmentIndexReader(directory: directory, base: info.base).latestTimestamp()
        } catch {
          throw .file(error)
        }
      }
      // A segment whose index does not say is looked through.
      if latest.map({ $0 >= timestamp }) ?? (info.bytes > 0) { return segment }
    }
    return nil
  }

  func note(_ damage: Damage) { onDamage(damage) }

  func damage(inSegment base: Int64) -> Damage? {
    damage.flatMap { $0.segment == directory.log(base) ? $0 : nil }
  }

  private static func readable(_ index: Int, in state: State) -> ReadableSegment {
    let info = state.segments[index]
    let isActive = state.active?.base == info.base
    return ReadableSegment(
      base: info.base, bytes: isActive ? nil : info.bytes, activeIndex: isActive ? state.active : nil,
      version: info.version, isSwap: info.isSwap)
  }

  /// How many bytes the segment at `base` has, when it is the active one.
  func activeBytes(of base: Int64) -> Int? {
    state.withLock { state in state.active?.base == base ? state.segments.last?.bytes : nil }
  }

  /// Every segment, oldest first.
  var segments: [SegmentInfo] { state.withLock { Array($0.segments) } }

  // MARK: What the writer says

  /// Everything up to `end` was written; the active segment has `bytes` bytes.
  func noteWritten(end: Int64, bytes: Int) {
    let woken = state.withLock { state in
      state.writtenEnd = end
      state.segments[state.segments.count - 1].bytes = bytes
      return Self.wake(.written, in: &state)
    }
    for waiter in woken { waiter.resume() }
  }

  /// Everything up to `end` is durable. The callers of what is returned are to be resumed.
  func noteDurable(end: Int64) -> ContiguousArray<Waiter<Void>> {
    state.withLock { state in
      state.durableEnd = end
      return Self.wake(.durable, in: &state)
    }
  }

  /// A new segment was begun.
  func noteRoll(to active: ActiveIndex, sealedBytes: Int) {
    state.withLock { state in
      state.segments[state.segments.count - 1].bytes = sealedBytes
      state.segments.append(SegmentInfo(base: active.base, bytes: 0))
      state.active = active
    }
  }

  /// The partition is about to be opened again: what was not durable will be cut.
  func noteRetraction() {
    state.withLock { state in
      state.writtenEnd = state.durableEnd
      state.retractions += 1
    }
  }

  /// The partition was opened again.
  func noteReopened(segments: ContiguousArray<SegmentInfo>, active: ActiveIndex?, first: Int64, end: Int64) {
    let woken = state.withLock { state in
      // Whoever has one of the files open looks again.
      state.openings += 1
      state.lastVersion += 1
      state.segments = ContiguousArray(
        segments.map { SegmentInfo(base: $0.base, bytes: $0.bytes, version: state.lastVersion) })
      state.active = active
      state.first = first
      state.writtenEnd = end
      state.durableEnd = end
      state.retractions += 1
      // A sync may have succeeded and only the saying so failed.
      return Self.wake(.durable, in: &state) + Self.wake(.written, in: &state)
    }
    for waiter in woken { waiter.resume() }
  }

  var retractions: Int { state.withLock { $0.retractions } }

  /// The oldest segment, which begins at `base`, is gone.
  ///
  /// - Returns: the first offset now; nil when it is not the oldest, or the active one.
  func noteDeleted(_ base: Int64) -> Int64? {
    state.withLock { state in
      guard state.segments.count > 1, state.segments[0].base == base else { return nil }
      state.segments.removeFirst()
      state.first = max(state.first, state.segments[0].base)
      return state.first
    }
  }

  /// Sealed segments were rewritten: those from `range.lowerBound` up to the one before `range.upperBound` are
  /// one segment now, whose file has the name of a swap until `noteInstalled`.
  func noteCompacted(_ range: Range<Int64>, bytes: Int) {
    state.withLock { state in
      guard let index = state.segments.firstIndex(where: { range.contains($0.base) }) else { return }
      state.lastVersion += 1
      state.segments.removeAll { range.contains($0.base) }
      state.segments.insert(
        SegmentInfo(base: range.lowerBound, bytes: bytes, version: state.lastVersion, isSwap: true), at: index
      )
    }
  }

  /// How often the partition was opened again.
  var openings: Int { state.withLock { $0.openings } }

  /// The file of a rewritten segment has its own name now.
  func noteInstalled(_ base: Int64) {
    state.withLock { state in
      guard let index = state.segments.firstIndex(where: { $0.base == base }) else { return }
      state.segments[index].isSwap = false
    }
  }

  func note(_ settings: TopicSettings) { state.withLock { $0.settings = settings } }

  private static func wake(
    _ isolation: ReadIsolation, in state: inout State
  ) -> ContiguousArray<Waiter<Void>> {
    if state.tails.isEmpty { return [] }
    var woken: ContiguousArray<Waiter<Void>> = []
    state.tails.removeAll { tail in
      if tail.isolation == isolation { woken.append(tail.waiter) }
      return tail.isolation == isolation
    }
    return woken
  }

  // MARK: Waiting at the end

  /// How many readers may wait at the end of one partition.
  static let tailsMaximum = 65_536

  /// Waits until there is something at or after `offset`, the partition is closed, or the task is cancelled.
  func awaitRecords(from offset: LogOffset, _ isolation: ReadIsolation) async throws(LogError) {
    let ticket = state.withLock { state in
      state.nextTicket += 1
      return state.nextTicket
    }
    let refusal = Locked<LogError?>(nil)
    await withTaskCancellationHandler {
      await suspend { (waiter: Waiter<Void>) in
        let mustWait = state.withLock { state in
          let end = isolation == .durable ? state.durableEnd : state.writtenEnd
          if end > offset.value || state.isClosed || Task.isCancelled { return false }
          if state.tails.count >= Self.tailsMaximum {
            refusal.withLock { $0 = .overloaded(directory.partition, queuedBytesMaximum: 0) }
            return false
          }
          state.tails.append(TailWaiter(ticket: ticket, isolation: isolation, waiter: waiter))
          return true
        }
        if !mustWait { waiter.resume() }
      }
    } onCancel: {
      let waiter = state.withLock { state in
        state.tails.firstIndex { $0.ticket == ticket }.map { state.tails.remove(at: $0).waiter }
      }
      waiter?.resume()
    }
    if let error = refusal.withLock({ $0 }) { throw error }
    if Task.isCancelled { throw .cancelled }
    if state.withLock({ $0.isClosed && $0.durableEnd <= offset.value }) { throw .closed }
  }

  /// How many wait.
  var waiting: Int { state.withLock { $0.tails.count } }

  /// Wakes everyone: nothing more will come.
  func close() {
    let woken = state.withLock { state in
      state.isClosed = true
      defer { state.tails.removeAll() }
      return state.tails.map(\.waiter)
    }
    for waiter in woken { waiter.resume() }
  }
}
