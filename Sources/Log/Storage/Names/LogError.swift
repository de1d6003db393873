// Every way the log says no. A case carries what somebody needs to act on it.

public import Files
public import Records
public import Runtime

/// Why the log did not do something.
public enum LogError: Error, Equatable, Sendable {
  // MARK: Names and settings
  /// The text cannot name a topic.
  case invalidTopicName(String, reason: String)
  /// A setting is out of its range, or does not go with another.
  case invalidSetting(topic: String, key: String, reason: String)
  /// There is a topic of that name.
  case topicExists(TopicName)
  /// There is no topic of that name.
  case unknownTopic(TopicName)
  /// The topic has fewer partitions.
  case unknownPartition(PartitionID)
  /// The log keeps the topic for itself.
  case internalTopic(TopicName)

  // MARK: Appending
  /// An append of nothing.
  case noRecords
  /// A record without a key for a topic that is compacted by key.
  case keyRequired(PartitionID)
  /// One record is larger than the topic takes.
  case recordTooLarge(bytes: Int, bytesMaximum: Int)
  /// The records of one append, which share a batch, are together larger than the topic takes.
  case batchTooLarge(bytes: Int, bytesMaximum: Int)
  /// The queue of the partition is full, and the caller chose not to wait.
  case overloaded(PartitionID, queuedBytesMaximum: Int)
  /// The caller was cancelled while it waited for room; nothing was appended.
  case cancelled
  /// The next offset is not the one the caller decided at.
  case conflict(PartitionID, expectedNext: LogOffset, next: LogOffset)
  /// The last record of the key is not the one the caller saw; nil is none.
  case keyConflict(PartitionID, expectedLast: LogOffset?, last: LogOffset?)
  /// The partition has more keys than it may remember for appends that name one.
  case tooManyKeys(PartitionID, keysMaximum: Int)
  /// A newer instance of the producer has taken over.
  case producerFenced(id: Int64, epoch: Int16, currentEpoch: Int16)
  /// The producer's sequence does not go on from its last one.
  case sequenceGap(producer: Int64, expected: Int32, got: Int32)
  /// The producer's sequence was stored so long ago that its offsets are no longer known.
  case sequenceTooOld(producer: Int64, sequence: Int32)

  // MARK: Standing of a partition
  /// A write or a sync failed: the partition takes no more appends until it is opened again.
  case stopped(PartitionID, cause: FileError)
  /// The partition is damaged and can only be read.
  case damaged(Damage)
  /// The log was opened for reading.
  case readOnly(PartitionID)
  /// The log is closed, or closing.
  case closed

  // MARK: Reading
  /// The offset is before the first record kept, or past the end.
  case offsetOutOfRange(PartitionID, requested: LogOffset, first: LogOffset, end: LogOffset)
  /// A record cannot be read.
  case record(PartitionID, LogOffset, RecordError)

  // MARK: Consumers
  /// There is no consumer of that name.
  case unknownConsumer(String)
  /// The text cannot name a consumer.
  case invalidConsumerName(String, reason: String)

  // MARK: Elsewhere
  /// The log is another process's, and could not be asked, or said no in its own words.
  case remote(String)
  /// The log is another process's, which does not let us.
  case notAllowed(String)

  // MARK: Below
  /// A file operation failed outside of a partition's writing.
  case file(FileError)
  /// A file of the log's own is not what it should be.
  case malformedFile(path: FilePath, reason: String)
  /// The pool of blocking threads did not run the work.
  case notRun(PoolError)
  /// A thread could not be started.
  case thread(ThreadError)
}

/// What is broken in a partition, where, and what to do about it.
public struct Damage: Hashable, Sendable {
  /// The partition.
  public let partition: PartitionID
  /// The segment's file.
  public let segment: FilePath
  /// The byte in it at which the bad batch begins.
  public let position: Int
  /// What should be there.
  public let expected: String
  /// What is.
  public let found: String

  /// Damage of `partition` in `segment` at `position`.
  public init(partition: PartitionID, segment: FilePath, position: Int, expected: String, found: String) {
    self.partition = partition
    self.segment = segment
    self.position = position
    self.expected = expected
    self.found = found
  }

  /// The command that mends it.
  public var repairCommand: String { "varve log repair \(partition.topic) --partition \(partition.index)" }
}

extension Damage: CustomStringConvertible {
  /// One line for a log.
  public var description: String {
    "\(partition) is damaged: \(segment) at \(position): expected \(expected), found \(found); "
      + "it can be read up to there, and `\(repairCommand)` mends it"
  }
}
