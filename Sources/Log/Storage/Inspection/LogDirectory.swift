// A log looked at from outside: by another process, or by one that does not want to open it. No lock is taken and
// nothing is ever written, so it can be done beside the process that runs the log, and on a medium that cannot be
// written.

public import Files

/// A log's directory.
public struct LogDirectory: Sendable {
  /// Where it is.
  public let path: FilePath
  /// The file system.
  public let files: any FileSystem

  /// The name of the file whose lock keeps a second process from opening the log.
  public static let lockName = EventLog.lockName

  /// The log at `path`, which must be there.
  public init(path: FilePath, files: any FileSystem) throws(LogError) {
    self.path = path
    self.files = files
    let own = PartitionID(.metadata, 0).directoryName
    do throws(FileError) {
      _ = try files.status(of: path)
      if try files.exists(path / own) { return }
    } catch {
      throw .file(error)
    }
    throw .malformedFile(path: path, reason: "holds no log: there is no \(own) in it")
  }

  // MARK: What the log knows of itself

  /// Every topic, by name; not the log's own.
  public func topics() throws(LogError) -> [TopicDescription] {
    try catalogue().topics.map { TopicDescription(name: $0.name, id: $0.id, settings: $0.settings) }
  }

  /// The topic of that name.
  public func topic(_ name: TopicName) throws(LogError) -> TopicDescription {
    if name.isInternal {
      return TopicDescription(name: name, id: LogOpening.metadataID, settings: LogOpening.metadataSettings)
    }
    guard let entry = try catalogue().topic(name) else { throw .unknownTopic(name) }
    return TopicDescription(name: entry.name, id: entry.id, settings: entry.settings)
  }

  /// Every position of every consumer.
  public func consumers() throws(LogError) -> [ConsumerPosition] { try catalogue().consumers }

  /// The log's own topic, replayed up to what is durable now.
  private func catalogue() throws(LogError) -> LogCatalogue {
    let own = try PartitionInspector(PartitionID(.metadata, 0), in: self, topic: nil)
    return try LogCatalogue(replaying: own.reader(from: .beginning))
  }

  // MARK: Partitions

  /// A partition of a topic that the log has; the log's own topic has one too.
  public func partition(_ id: PartitionID) throws(LogError) -> PartitionInspector {
    let topic = try topic(id.topic)
    guard id.index < topic.partitionCount else { throw .unknownPartition(id) }
    return try PartitionInspector(id, in: self, topic: topic)
  }

  /// The partitions whose directories are there, whether the log's own topic knows them or not.
  public func partitionDirectories() throws(LogError) -> [PartitionID] {
    do throws(FileError) {
      return try files.list(path).filter { $0.kind == .directory }
        .compactMap { PartitionID(directoryName: $0.name) }.sorted()
    } catch {
      throw .file(error)
    }
  }

  // MARK: Its owner

  /// The file whose lock the owner of the log holds.
  public var lockPath: FilePath { path / Self.lockName }

  /// Who has the log open; nil when nobody has, as far as can be seen from this machine.
  public func holder() throws(LogError) -> LockHolder? {
    do throws(FileError) { return try FileLock.holder(files, of: lockPath) } catch { throw .file(error) }
  }
}
