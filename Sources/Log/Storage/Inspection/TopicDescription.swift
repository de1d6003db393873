// What the log's own topic says of a topic.

public import Wire

/// A topic of a log that somebody looks into from outside.
public struct TopicDescription: Hashable, Sendable {
  /// Its name.
  public let name: TopicName
  /// Sixteen bytes that no other topic has.
  public let id: UUID
  /// How it keeps its records.
  public let settings: TopicSettings

  /// A topic as it was told of.
  public init(name: TopicName, id: UUID, settings: TopicSettings) {
    self.name = name
    self.id = id
    self.settings = settings
  }

  /// How many partitions it has.
  public var partitionCount: Int { settings.partitions }
  /// Its partitions.
  public var partitions: [PartitionID] { (0..<settings.partitions).map { PartitionID(name, $0) } }
}
