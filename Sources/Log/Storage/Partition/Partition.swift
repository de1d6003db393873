// One partition: where appends come in, from where readers read, and what its writer thread serves.

import Bytes
import Files
import Records
import Runtime
import Telemetry

/// A partition of a topic, open for appending and reading.
///
/// Appending is in Partition+Appending.swift, reading in Partition+Reading.swift.
public final class Partition: Sendable {
  /// Which one it is.
  public let id: PartitionID

  let queue: Locked<AppendQueue>
  let table: SegmentTable
  let shared: LogParts
  let counts: PartitionCounts
  let upkeep = PartitionUpkeep()
  private let thread: WriterThread
  private let preparer: SegmentPreparer
  /// Used by the thread that opens the partition, then by its writer thread alone, then, when that has ended, by the
  /// one that closes; starting, telling and joining a thread order what they do.
  private let writer: Confined<PartitionWriter>

  /// Whether the partition takes appends.
  public enum Standing: Equatable, Sendable {
    /// It does.
    case open
    /// A write failed; it may be opened again.
    case stopped(LogError)
    /// It is damaged, or closed.
    case readOnly(LogError)
  }

  /// Opens the directory, which must exist.
  init(
    _ directory: SegmentDirectory, settings: TopicSettings, shared: LogParts, thread: WriterThread
  ) throws(LogError) {
    id = directory.partition
    self.shared = shared
    self.thread = thread
    let recovered = try PartitionRecovery(
      directory: directory, settings: settings, logger: shared.logger
    ).run()
    var queue = AppendQueue(
      directory.partition, settings: settings, nextOffset: recovered.end, producers: recovered.producers,
      leaderEpoch: 0)
    if let damage = recovered.damage { queue.standing = .refusing(.damaged(damage)) }
    self.queue = Locked(queue)
    let damaged = DamageNotice(queue: self.queue, logger: shared.logger)
    table = SegmentTable(
      directory, settings: settings, segments: recovered.segments, active: recovered.writer?.index,
      first: recovered.first, end: recovered.end, damage: recovered.damage, onDamage: { damaged.note($0) })
    counts = shared.metrics.counts(of: directory.partition.topic)
    preparer = SegmentPreparer(keeper: shared.keeper, time: shared.time, logger: shared.logger)
    writer = Confined(
      PartitionWriter(
        recovered, directory: directory, settings: settings, queue: self.queue, table: table,
        shared: shared, counts: counts, preparer: preparer))
  }

  var directory: SegmentDirectory { table.directory }

  /// Whether it takes appends, and if not, why.
  public var standing: Standing {
    queue.withLock { queue in
      switch queue.standing {
      case .open: .open
      case .refusing(let error):
        if case .stopped = error { .stopped(error) } else { .readOnly(error) }
      }
    }
  }

  /// The topic's settings as the partition has them.
  public var settings: TopicSettings { queue.withLock { $0.settings } }

  // MARK: The writer thread's side

  /// Called by the writer thread only.
  func serve() -> MonotonicInstant? { writer.value.service() }

  /// Has the writer thread look at the partition.
  func tellWriter() { thread.tell(self) }

  /// Has the writer thread do something besides writing.
  func wish(_ change: (inout AppendQueue.Wishes) -> Void) {
    queue.withLock { $0.wish(change) }
    tellWriter()
  }

  /// New settings hold from the next batch on.
  func alter(_ settings: TopicSettings) {
    queue.withLock { $0.settings = settings }
    table.note(settings)
    wish { $0.settings = settings }
  }

  /// Refuses appends from now on; those that are queued will be written.
  func beginClosing() { queue.withLock { $0.beginClosing() } }

  /// The topic was deleted: nothing is taken or acknowledged any more, and after the return nothing written:
  /// a new topic of the name may use the directory's name.
  func retire() async {
    let refusal = LogError.unknownTopic(id.topic)
    queue.withLock { $0.refuse(with: refusal) }.fail(with: refusal)
    table.close()
    await suspend { (waiter: Waiter<Void>) in wish { $0.retire = waiter } }
  }

  /// Ends the partition: its writer thread has stopped.
  func close() throws(LogError) {
    defer { table.close() }
    try writer.value.close()
    if let prepared = preparer.take() {
      do throws(FileError) { try shared.files.remove(prepared.path) } catch { throw .file(error) }
    }
  }
}

/// Makes a partition read-only when a reader meets damage in it.
private struct DamageNotice: Sendable {
  let queue: Locked<AppendQueue>
  let logger: Logger

  func note(_ damage: Damage) {
    let isNew = queue.withLock { queue in
      guard case .open = queue.standing else { return false }
      queue.standing = .refusing(.damaged(damage))
      return true
    }
    if isNew {
      logger.error(
        "a partition is damaged and can only be read",
        ["partition": .string(damage.partition.description), "damage": .string(damage.description)])
    }
  }
}
