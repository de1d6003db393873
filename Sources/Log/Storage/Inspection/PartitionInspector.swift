// A partition looked at from outside, beside its writer or without one. What is read was durable when it was
// read. Segments may come, go and be rewritten meanwhile: a reader then goes on with what took their place, or
// hears that its offset is out of range; it never takes their absence for damage.

import Bytes
public import Files
import Records
import Runtime
public import Wire

/// A partition of a log, or any directory of one partition's segments, for reading.
public struct PartitionInspector: Sendable {
  /// Which partition it is; where the directory's name does not say, partition 0 of `unnamed`.
  public let id: PartitionID
  /// The settings of its topic; nil for a directory outside of a log.
  public let settings: TopicSettings?
  /// The id of its topic; nil for a directory outside of a log.
  public let topicID: UUID?
  /// The file whose lock keeps writers out.
  public let lockPath: FilePath

  let source: DirectorySource

  /// The directory of one partition, Kafka's or ours, wherever it is.
  public init(path: FilePath, files: any FileSystem) throws(LogError) {
    let id: PartitionID
    if let named = PartitionID(directoryName: path.name) {
      id = named
    } else {
      id = PartitionID(try TopicName("unnamed"), 0)
    }
    do throws(FileError) {
      _ = try files.list(path)
      let shared = path.parent / LogDirectory.lockName
      let lock = try files.exists(shared) ? shared : path / LogDirectory.lockName
      self.init(id, path: path, files: files, settings: nil, topicID: nil, lockPath: lock)
    } catch {
      throw .file(error)
    }
    try look()
  }

  init(_ id: PartitionID, in log: LogDirectory, topic: TopicDescription?) throws(LogError) {
    self.init(
      id, path: log.path / id.directoryName, files: log.files, settings: topic?.settings,
      topicID: topic?.id, lockPath: log.lockPath)
    try look()
  }

  private init(
    _ id: PartitionID, path: FilePath, files: any FileSystem, settings: TopicSettings?, topicID: UUID?,
    lockPath: FilePath
  ) {
    self.id = id
    self.settings = settings
    self.topicID = topicID
    self.lockPath = lockPath
    source = DirectorySource(SegmentDirectory(files: files, path: path, partition: id))
  }

  /// The partition's directory and the names of the files in it.
  public var directory: SegmentDirectory { source.directory }

  // MARK: Reading

  /// The offsets that can be read: up to what is durable.
  public func extent() throws(LogError) -> LogExtent {
    try look()
    return try source.extent(.durable)
  }

  /// A reader for a thread that may block. At the end it gives nil, and more when there is more; use
  /// `waitForMore` in between. It sees durable records only, whatever isolation the options ask for.
  public func reader(
    from start: ReadStart, options: BatchReader.Options = BatchReader.Options()
  ) throws(LogError) -> BatchReader {
    try look()
    return try BatchReader(source, from: start, options: options)
  }

  /// Blocks until there is something at or after `offset`, or `timeout` is over.
  ///
  /// The kernel tells of the writer's progress; once a second it is looked at all the same, for file systems
  /// that are shared with other machines.
  ///
  /// - Returns: whether there is something.
  public func waitForMore(from offset: LogOffset, timeout: Duration) throws(LogError) -> Bool {
    try source.waitForMore(from: offset, timeout: timeout)
  }

  // MARK: Describing

  /// The segments, oldest first.
  public func segments() throws(LogError) -> [SegmentDescription] {
    do throws(FileError) { return try source.describeSegments() } catch { throw .file(error) }
  }

  /// The files of the segments, oldest first, without a look into them.
  public func segmentFiles() throws(LogError) -> [SegmentFile] {
    let listing = try look()
    return listing.entries.map { entry in
      SegmentFile(
        base: entry.base, path: entry.swap ?? directory.log(entry.base),
        isActive: entry.base == listing.last?.base)
    }
  }

  @discardableResult
  private func look() throws(LogError) -> SegmentListing {
    do throws(FileError) { return try source.look() } catch { throw .file(error) }
  }

  /// Who has the log open that the partition belongs to; nil when nobody has, as far as can be seen from this
  /// machine.
  public func holder() throws(LogError) -> LockHolder? {
    do throws(FileError) { return try FileLock.holder(directory.files, of: lockPath) } catch {
      throw .file(error)
    }
  }
}

/// Where a segment is.
public struct SegmentFile: Hashable, Sendable {
  /// The offset at which it begins.
  public let base: Int64
  /// Its file; not under its own name while compaction puts it in place.
  public let path: FilePath
  /// Whether it is the last one, which grows.
  public let isActive: Bool
}
