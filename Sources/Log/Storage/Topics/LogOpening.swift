// The steps of opening a log: its own topic first, then what that says there is.

import Bytes
import Files
import Records
import Telemetry
import Wire

/// Opens the partitions of one log.
struct LogOpening {
  let path: FilePath
  let parts: LogParts

  /// What the log's own topic is like.
  static let metadataSettings: TopicSettings = {
    var settings = TopicSettings()
    settings.segmentBytes = 16 << 20
    settings.cleanup = .compact
    return settings
  }()

  /// The id of the log's own topic: the same in every log.
  static let metadataID = UUID(high: 0x7661_7276_655f_6c6f, low: 0x675f_746f_7069_6373)

  /// What the directory of a deleted topic's partition is called until it is gone.
  static let deletedSuffix = "-delete"

  func openMetadata() throws(LogError) -> Partition {
    try openPartition(PartitionID(.metadata, 0), topicID: Self.metadataID, settings: Self.metadataSettings)
  }

  /// Reads the log's own topic from its beginning.
  func replay(_ metadata: Partition) throws(LogError) -> LogCatalogue {
    try LogCatalogue(replaying: try metadata.reader(from: .beginning))
  }

  func openTopics(_ catalogue: LogCatalogue) throws(LogError) -> [TopicName: Topic] {
    try setAsideDeleted(catalogue.deletedTopics)
    try removeDeleted()
    var topics: [TopicName: Topic] = [:]
    for entry in catalogue.topics { topics[entry.name] = try openTopic(entry) }
    return topics
  }

  func openTopic(_ entry: TopicEntry, keeping open: [Partition] = []) throws(LogError) -> Topic {
    var partitions = open
    for index in open.count..<max(open.count, entry.settings.partitions) {
      partitions.append(
        try openPartition(PartitionID(entry.name, index), topicID: entry.id, settings: entry.settings))
    }
    return Topic(name: entry.name, id: entry.id, settings: entry.settings, partitions: partitions)
  }

  /// Opens a partition, making its directory when it is missing.
  private func openPartition(
    _ id: PartitionID, topicID: UUID, settings: TopicSettings
  ) throws(LogError) -> Partition {
    let directory = SegmentDirectory(files: parts.files, path: path / id.directoryName, partition: id)
    do throws(FileError) {
      if try isOfAnotherTopic(directory, topicID) { try setAside(directory) }
      try makeDirectory(directory, topicID)
    } catch {
      throw .file(error)
    }
    let thread = parts.writers[Int(UInt(bitPattern: id.directoryName.hashValue) % UInt(parts.writers.count))]
    return try Partition(directory, settings: settings, shared: parts, thread: thread)
  }

  /// Whether the directory is left over from a deleted topic of the same name.
  private func isOfAnotherTopic(_ directory: SegmentDirectory, _ topicID: UUID) throws(FileError) -> Bool {
    let file = directory.path / SegmentDirectory.metadataName
    guard try parts.files.exists(file) else { return false }
    let bytes = try parts.files.contents(of: file, bytesMaximum: 4096)
    do throws(RecordError) {
      return try PartitionMetadata.parse(bytes.readable).topicID != topicID
    } catch {
      parts.logger.warning(
        "a partition's metadata cannot be read and is written anew",
        ["partition": .string(directory.partition.description), "cause": .error(error)])
      try parts.files.remove(file)
      return false
    }
  }

  /// Gives the directory of a deleted topic a name that says so.
  func setAside(_ directory: SegmentDirectory) throws(FileError) {
    let unique = parts.files.calls.makeUniqueName()
    try parts.files.renameDurably(
      directory.path, to: path / "\(directory.partition.directoryName).\(unique)\(Self.deletedSuffix)")
  }

  private func makeDirectory(_ directory: SegmentDirectory, _ topicID: UUID) throws(FileError) {
    let metadata = directory.path / SegmentDirectory.metadataName
    if try parts.files.exists(metadata) { return }
    // One that is empty was left when its making failed, and its name may never have reached the disk.
    if try parts.files.exists(directory.path), try parts.files.list(directory.path).isEmpty {
      try parts.files.removeDirectory(directory.path)
    }
    try parts.files.createDirectories(directory.path)
    let epochs = LeaderEpochCheckpoint(entries: [LeaderEpochCheckpoint.Entry(epoch: 0, startOffset: 0)])
    try parts.files.replace(
      atomically: directory.path / SegmentDirectory.leaderEpochName, with: ByteBuffer(epochs.text))
    try parts.files.replace(
      atomically: metadata, with: ByteBuffer(PartitionMetadata(topicID: topicID).text))
  }

  /// Finishes deletions that a crash interrupted after they were decided.
  private func setAsideDeleted(_ names: Set<TopicName>) throws(LogError) {
    do throws(FileError) {
      for entry in try parts.files.list(path) where entry.kind == .directory {
        guard let id = PartitionID(directoryName: entry.name), names.contains(id.topic) else { continue }
        try setAside(SegmentDirectory(files: parts.files, path: path / entry.name, partition: id))
      }
    } catch {
      throw .file(error)
    }
  }

  /// Removes what is left of deleted topics.
  func removeDeleted() throws(LogError) {
    do throws(FileError) {
      for entry in try parts.files.list(path)
      where entry.kind == .directory && entry.name.hasSuffix(Self.deletedSuffix) {
        try parts.files.removeTree(path / entry.name)
      }
    } catch {
      throw .file(error)
    }
  }
}
