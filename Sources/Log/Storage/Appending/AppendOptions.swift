// What an append may ask for besides storing its records, and what it gets back.

public import Bytes

/// How far an append must have come before its caller goes on.
public enum Durability: Hashable, Sendable {
  /// The records are on stable storage. They survive the process, the kernel and the power.
  case durable
  /// The records have their offsets and are on their way to the disk, in order. Those of the last moments are
  /// lost when the process or the machine ends before they were written and synced; what is there afterwards
  /// is a prefix of them. The caller is not suspended while the partition's queue has room.
  case written
}

/// What to do when the partition's queue is full.
public enum WhenFull: Hashable, Sendable {
  /// Wait for room.
  case wait
  /// Throw `LogError.overloaded`.
  case refuse
}

/// The stamp of an idempotent producer on one append.
public struct ProducerStamp: Hashable, Sendable {
  /// Who appends; not negative.
  public let id: Int64
  /// The instance: a higher one fences the lower ones off.
  public let epoch: Int16
  /// The number of the append's first record in the producer's own count.
  public let sequence: Int32

  /// The stamp of producer `id`.
  public init(id: Int64, epoch: Int16 = 0, sequence: Int32) {
    precondition(id >= 0 && epoch >= 0 && sequence >= 0, "a producer's numbers are not negative")
    self.id = id
    self.epoch = epoch
    self.sequence = sequence
  }
}

/// What must be true for an append to happen.
public enum AppendCondition: Hashable, Sendable {
  /// The append's first record gets this offset: nobody appended since the caller looked.
  case nextOffset(LogOffset)
  /// The last record with this key is at this offset, or there is none.
  case lastOffset(LogOffset?, ofKey: ByteBuffer)

  /// Whether the keys of the partition must be known to check it.
  var namesKey: Bool {
    if case .lastOffset = self { true } else { false }
  }
}

/// What an append asks for besides storing its records.
public struct AppendOptions: Hashable, Sendable {
  /// How far it must have come before the caller goes on.
  public var durability = Durability.durable
  /// What to do when the queue is full.
  public var whenFull = WhenFull.wait
  /// What must be true; all of it.
  public var conditions: [AppendCondition] = []
  /// The idempotent producer's stamp; a repeated one gets the first one's offsets.
  public var producer: ProducerStamp?

  /// Durable, unconditional, waiting for room.
  public init(
    durability: Durability = .durable, whenFull: WhenFull = .wait, conditions: [AppendCondition] = [],
    producer: ProducerStamp? = nil
  ) {
    self.durability = durability
    self.whenFull = whenFull
    self.conditions = conditions
    self.producer = producer
  }

  /// Durable, unconditional, waiting for room.
  public static let durable = AppendOptions()
  /// Written, unconditional, waiting for room.
  public static let written = AppendOptions(durability: .written)
}

/// Where an append's records are.
public struct AppendReceipt: Hashable, Sendable {
  /// The offset of the first record.
  public let first: LogOffset
  /// How many records there are.
  public let count: Int
  /// Whether they were there already: the producer had appended them before.
  public let isDuplicate: Bool

  /// `count` records from `first` on.
  public init(first: LogOffset, count: Int, isDuplicate: Bool = false) {
    self.first = first
    self.count = count
    self.isDuplicate = isDuplicate
  }

  /// The offset of the last record.
  public var last: LogOffset { first.advanced(by: count - 1) }
  /// The offset after the last record.
  public var next: LogOffset { first.advanced(by: count) }
}
