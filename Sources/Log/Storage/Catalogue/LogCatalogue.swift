// What the log knows of itself: topics and how far their consumers have come. It is a projection of the log's
// own topic, `__varve`, in which every change is an event; opening the log replays it. Pure: records in, tables
// out. The newest event of a key wins by its offset, so the order of application does not matter.

import Wire

/// Who remembers a position in a partition.
public enum ConsumerKind: String, CaseIterable, Sendable {
  /// Somebody who reads and commits how far.
  case consumer
  /// A snapshot of a projection, which contains everything before the position.
  case snapshot
}

/// A consumer's position in one partition.
public struct ConsumerPosition: Hashable, Sendable {
  /// The consumer's name.
  public let name: ConsumerName
  /// What kind it is.
  public let kind: ConsumerKind
  /// The partition it reads.
  public let partition: PartitionID
  /// The offset of the first record it has not dealt with.
  public let position: LogOffset
  /// When it said so, in milliseconds since 1970.
  public let committedAt: Int64

  /// A position as it was read.
  public init(
    name: ConsumerName, kind: ConsumerKind, partition: PartitionID, position: LogOffset, committedAt: Int64
  ) {
    self.name = name
    self.kind = kind
    self.partition = partition
    self.position = position
    self.committedAt = committedAt
  }
}

/// A topic as the log's own topic describes it.
struct TopicEntry: Hashable, Sendable {
  let name: TopicName
  let id: UUID
  let settings: TopicSettings
}

/// The tables.
struct LogCatalogue: Sendable {
  private struct Versioned<Value: Sendable>: Sendable {
    let offset: Int64
    /// nil: deleted.
    let value: Value?
  }

  private var topicsByName: [TopicName: Versioned<TopicEntry>] = [:]
  private var positions: [ConsumerKey: Versioned<ConsumerPosition>] = [:]

  /// What a position belongs to.
  struct ConsumerKey: Hashable, Sendable {
    let name: ConsumerName
    let partition: PartitionID
  }

  /// One change.
  enum Change: Hashable, Sendable {
    case topicSet(TopicEntry)
    case topicDeleted(TopicName)
    case consumerSet(ConsumerPosition)
    case consumerDeleted(ConsumerKey)
  }

  /// Applies the change that was stored at `offset`.
  mutating func apply(_ change: Change, at offset: Int64) {
    switch change {
    case .topicSet(let entry): set(entry, for: entry.name, at: offset)
    case .topicDeleted(let name): set(nil, for: name, at: offset)
    case .consumerSet(let position):
      set(position, for: ConsumerKey(name: position.name, partition: position.partition), at: offset)
    case .consumerDeleted(let key): set(nil, for: key, at: offset)
    }
  }

  private mutating func set(_ entry: TopicEntry?, for name: TopicName, at offset: Int64) {
    if offset < topicsByName[name]?.offset ?? -1 { return }
    topicsByName[name] = Versioned(offset: offset, value: entry)
  }

  private mutating func set(_ position: ConsumerPosition?, for key: ConsumerKey, at offset: Int64) {
    if offset < positions[key]?.offset ?? -1 { return }
    positions[key] = Versioned(offset: offset, value: position)
  }

  /// Every topic, by name.
  var topics: [TopicEntry] { topicsByName.values.compactMap(\.value).sorted { $0.name < $1.name } }

  /// The names of topics that were deleted, as long as the log's own topic remembers.
  var deletedTopics: Set<TopicName> { Set(topicsByName.filter { $0.value.value == nil }.keys) }

  func topic(_ name: TopicName) -> TopicEntry? { topicsByName[name]?.value }

  /// Every position, by consumer and partition.
  var consumers: [ConsumerPosition] {
    positions.values.compactMap(\.value)
      .sorted { ($0.name.text, $0.partition) < ($1.name.text, $1.partition) }
  }

  func consumer(_ name: ConsumerName, _ partition: PartitionID) -> ConsumerPosition? {
    positions[ConsumerKey(name: name, partition: partition)]?.value
  }

  /// The lowest position that anybody holds in a partition: retention goes no further.
  func lowestPosition(in partition: PartitionID) -> ConsumerPosition? {
    positions.values.compactMap(\.value).filter { $0.partition == partition }
      .min { $0.position < $1.position }
  }
}
