// What stands between the callers of a partition and its writer thread: it gives offsets, checks conditions,
// fills the arena, and keeps who waits for what. A state machine without I/O or clocks; a partition holds one
// behind its lock, so every method is short.

import Bytes
import Records
import Runtime

/// What a waiting caller is told.
enum AppendOutcome: Sendable {
  case appended(AppendReceipt)
  /// There is room again: try once more.
  case room
  /// The keys of the partition must be loaded first.
  case needsKeys
  case failed(LogError)
}

/// A caller that waits until its records are durable.
struct DurableWaiter: Sendable {
  let waiter: Waiter<AppendOutcome>
  let receipt: AppendReceipt
  /// When it came, for the metric.
  let since: MonotonicInstant
  /// The loop that its task runs on, which is to resume it; nil for tasks of no loop.
  let loop: EventLoop?
}

/// A caller that waits for room.
struct RoomWaiter {
  let ticket: UInt64
  let waiter: Waiter<AppendOutcome>
}

/// The queue of one partition.
struct AppendQueue: ~Copyable {
  /// Whether appends are taken.
  enum Standing {
    case open
    case refusing(LogError)
  }

  let partition: PartitionID
  var settings: TopicSettings
  var standing = Standing.open
  private var isClosing = false
  /// The offset of the next record.
  private(set) var nextOffset: Int64
  private(set) var producers: ProducerTable
  /// The last offset of each key; nil until the first condition on a key asks.
  var keys: KeyTable?
  let leaderEpoch: Int32

  private(set) var arena: BatchArena
  private var durableWaiters: ContiguousArray<DurableWaiter> = []
  private var roomWaiters: ContiguousArray<RoomWaiter> = []
  private var nextTicket: UInt64 = 0
  /// When the oldest record came that nobody waits for.
  private var oldestWritten: MonotonicInstant?
  /// What the writer thread was told.
  private var scheduled = Urgency.none

  /// What the writer is to do besides writing.
  struct Wishes {
    var roll = false
    var reopen = false
    /// Who waits for the writer to let go of the partition for good.
    var retire: Waiter<Void>?
    var settings: TopicSettings?
  }
  private var wishes = Wishes()

  mutating func wish(_ change: (inout Wishes) -> Void) { change(&wishes) }

  mutating func takeWishes() -> Wishes {
    defer { wishes = Wishes() }
    return wishes
  }

  /// How many callers may wait for room; more are refused, whatever they chose.
  static let roomWaitersMaximum = 65_536

  init(
    _ partition: PartitionID, settings: TopicSettings, nextOffset: Int64, producers: ProducerTable,
    leaderEpoch: Int32
  ) {
    self.partition = partition
    self.settings = settings
    self.nextOffset = nextOffset
    self.producers = producers
    self.leaderEpoch = leaderEpoch
    arena = BatchArena(capacity: BatchArena.usualBytes)
  }

  // MARK: Appending

  /// What became of an attempt.
  enum Attempt {
    /// The records have their offsets. `isPending`: the caller's waiter was taken, and will be resumed.
    /// `schedule`: the writer thread is to be told.
    case accepted(AppendReceipt, isPending: Bool, schedule: Bool)
    /// The queue is full.
    case noRoom
    /// A condition names a key, and the keys are not loaded.
    case needsKeys
    case refused(LogError)
  }

  /// Takes an append, or says why not.
  ///
  /// - Parameters:
  ///   - waiter: who waits for durability; nil for records that need only be written.
  ///   - wall: the time that records without one get, in milliseconds.
  mutating func append(
    _ records: UnsafeBufferPointer<Record>, _ options: AppendOptions, waiter: Waiter<AppendOutcome>?,
    wall: Int64, now: MonotonicInstant
  ) -> Attempt {
    if case .refusing(let error) = standing { return .refused(error) }
    if records.isEmpty { return .refused(.noRecords) }
    if settings.cleanup.compacts && records.contains(where: { $0.key == nil }) {
      return .refused(.keyRequired(partition))
    }
    if let stamp = options.producer {
      switch producers.judge(stamp, count: records.count) {
      case .new: break
      case .refused(let error): return .refused(error)
      case .duplicate(let first):
        // Those records may still be on their way: their caller is answered when what was queued up to now
        // is durable.
        let receipt = AppendReceipt(first: LogOffset(first), count: records.count, isDuplicate: true)
        return accept(receipt, waiter, now)
      }
    }
    if !options.conditions.isEmpty {
      if !(keys?.isComplete ?? false), options.conditions.contains(where: \.namesKey) { return .needsKeys }
      if let objection = objection(to: options.conditions) { return .refused(objection) }
    }
    let placement = arena.placement(
      of: records, now: wall, isStamped: options.producer != nil,
      batchBytesMaximum: settings.batchBytesMaximum)
    if let objection = objection(to: placement, records, wall) { return .refused(objection) }
    if !arena.isEmpty && arena.usedBytes + placement.addedBytes > settings.queueBytesMaximum {
      return .noRoom
    }
    let first = nextOffset
    arena.add(
      records, placement: placement, at: first, now: wall, stamp: options.producer, leaderEpoch: leaderEpoch)
    nextOffset += Int64(records.count)
    if options.producer != nil, let draft = arena.drafts.last { producers.note(draft.header) }
    if keys != nil { noteKeys(records, from: first) }
    return accept(AppendReceipt(first: LogOffset(first), count: records.count), waiter, now)
  }

  private mutating func accept(
    _ receipt: AppendReceipt, _ waiter: Waiter<AppendOutcome>?, _ now: MonotonicInstant
  ) -> Attempt {
    if let waiter {
      durableWaiters.append(DurableWaiter(waiter: waiter, receipt: receipt, since: now, loop: .current))
      return .accepted(receipt, isPending: true, schedule: schedule(.now))
    }
    if arena.isEmpty { return .accepted(receipt, isPending: false, schedule: false) }
    if oldestWritten == nil { oldestWritten = now }
    let urgency: Urgency = arena.usedBytes >= Self.writeBytes ? .now : .soon
    return .accepted(receipt, isPending: false, schedule: schedule(urgency))
  }

  /// As many bytes are written without waiting for more.
  static let writeBytes = 128 << 10
  /// How long records that nobody waits for stay in memory for others to join them.
  static let writeDelay = Duration.milliseconds(2)

  /// What the writer thread is to do: look at this partition at once, or after a while.
  private enum Urgency: Int {
    case none, soon, now
  }

  private mutating func schedule(_ urgency: Urgency) -> Bool {
    if scheduled.rawValue >= urgency.rawValue { return false }
    scheduled = urgency
    return true
  }

  /// Asks for everything queued so far to be made durable.
  mutating func barrier(_ waiter: Waiter<AppendOutcome>, now: MonotonicInstant) -> Attempt {
    if case .refusing(let error) = standing { return .refused(error) }
    return accept(AppendReceipt(first: LogOffset(nextOffset), count: 0), waiter, now)
  }

  private func objection(to conditions: [AppendCondition]) -> LogError? {
    for condition in conditions {
      switch condition {
      case .nextOffset(let expected):
        if expected.value != nextOffset {
          return .conflict(partition, expectedNext: expected, next: LogOffset(nextOffset))
        }
      case .lastOffset(let expected, let key):
        guard let keys, keys.isComplete else { preconditionFailure("asked before the keys were loaded") }
        if keys.isOverfull { return .tooManyKeys(partition, keysMaximum: settings.keysMaximum) }
        let last = keys.lastOffset(of: key).map { LogOffset($0) }
        if last != expected { return .keyConflict(partition, expectedLast: expected, last: last) }
      }
    }
    return nil
  }

  private func objection(
    to placement: BatchArena.Placement, _ records: UnsafeBufferPointer<Record>, _ wall: Int64
  ) -> LogError? {
    if placement.batchBytes > settings.batchBytesMaximum {
      return .batchTooLarge(bytes: placement.batchBytes, bytesMaximum: settings.batchBytesMaximum)
    }
    // The whole is larger than each part, so the parts are looked at only when one can be too large.
    if placement.recordBytes > settings.recordBytesMaximum {
      for record in records {
        let bytes = RecordEncoding.byteCount(record, timestampDelta: 0, offsetDelta: 0)
        if bytes > settings.recordBytesMaximum {
          return .recordTooLarge(bytes: bytes, bytesMaximum: settings.recordBytesMaximum)
        }
      }
    }
    return nil
  }

  private mutating func noteKeys(_ records: UnsafeBufferPointer<Record>, from first: Int64) {
    var offset = first
    for record in records {
      if let key = record.key { keys?.note(key, at: offset) }
      offset += 1
    }
  }

  // MARK: Waiting for room

  /// What became of a caller that wants to wait for room.
  enum RoomRequest {
    case waiting(ticket: UInt64)
    case refused(LogError)
  }

  /// Puts a caller into the line for room, unless the line is full or nothing is taken any more.
  mutating func awaitRoom(_ waiter: Waiter<AppendOutcome>) -> RoomRequest {
    if case .refusing(let error) = standing { return .refused(error) }
    if roomWaiters.count >= Self.roomWaitersMaximum {
      return .refused(.overloaded(partition, queuedBytesMaximum: settings.queueBytesMaximum))
    }
    nextTicket += 1
    roomWaiters.append(RoomWaiter(ticket: nextTicket, waiter: waiter))
    return .waiting(ticket: nextTicket)
  }

  /// Takes a caller that gave up out of the line; nil when it was called already.
  mutating func abandonRoom(_ ticket: UInt64) -> Waiter<AppendOutcome>? {
    guard let index = roomWaiters.firstIndex(where: { $0.ticket == ticket }) else { return nil }
    return roomWaiters.remove(at: index).waiter
  }

  // MARK: The writer's side

  /// How many callers wait for durability.
  var waitingCount: Int { durableWaiters.count }

  /// What the writer thread took.
  struct Load: ~Copyable {
    /// Taken in exchange for the writer's own.
    var durableWaiters: ContiguousArray<DurableWaiter>
    var roomWaiters: ContiguousArray<RoomWaiter>

    /// Tells everyone who waits that nothing will come of it.
    func fail(with error: LogError) {
      for waiter in durableWaiters { waiter.waiter.resume(returning: .failed(error)) }
      for waiter in roomWaiters { waiter.waiter.resume(returning: .failed(error)) }
    }
  }

  /// Whether the writer has something to do now.
  enum Readiness: Equatable {
    case now
    /// Only records that nobody waits for: let others join them until then.
    case at(MonotonicInstant)
    case nothing
  }

  /// What the writer is to do, which is from now on no longer told: it is told again when that changes.
  mutating func readiness(now: MonotonicInstant) -> Readiness {
    scheduled = .none
    if !durableWaiters.isEmpty || !roomWaiters.isEmpty || arena.usedBytes >= Self.writeBytes { return .now }
    guard !arena.isEmpty else { return .nothing }
    guard let oldestWritten else { return .now }
    let due = oldestWritten.advanced(by: Self.writeDelay)
    if due <= now { return .now }
    scheduled = .soon
    return .at(due)
  }

  /// Exchanges the filled arena for an empty one and hands over who waits.
  mutating func take(_ spare: inout BatchArena) -> Load {
    swap(&arena, &spare)
    oldestWritten = nil
    var load = Load(durableWaiters: [], roomWaiters: [])
    swap(&load.durableWaiters, &durableWaiters)
    swap(&load.roomWaiters, &roomWaiters)
    return load
  }

  /// Refuses appends from now on; what is queued will be written.
  mutating func beginClosing() {
    isClosing = true
    if case .open = standing { standing = .refusing(.closed) }
  }

  /// Ends the queue: refuses appends from now on, and hands over everyone who waits.
  mutating func refuse(with error: LogError) -> Load {
    standing = .refusing(error)
    var nothing = BatchArena(capacity: BatchArena.usualBytes)
    return take(&nothing)
  }

  /// Begins again after the partition was opened anew.
  mutating func reopen(nextOffset: Int64, producers: ProducerTable) {
    self.nextOffset = nextOffset
    self.producers = producers
    keys = nil
    standing = isClosing ? .refusing(.closed) : .open
  }
}
