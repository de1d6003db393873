// A log on a directory: opening and closing it, and finding its partitions. Changes of topics are in
// EventLog+Topics.swift, consumers in EventLog+Consumers.swift, upkeep in EventLog+Upkeep.swift.

public import Files
public import Runtime
public import Telemetry
import Wire

/// A log that this process owns: topics with partitions, consumers with positions.
public final class EventLog: Sendable {
  /// How a log is run.
  public struct Configuration: Sendable {
    /// The directory; made when it is missing.
    public var path: FilePath
    /// How many threads write. One serves a disk; more help where there are several.
    public var writerThreads = 1
    /// How often old segments are looked for.
    public var upkeepInterval: Duration = .seconds(30)
    /// How many keys one pass of compaction remembers: a partition with more is compacted in several. While a
    /// pass runs, so many take up to 96 MiB, and 144 MiB for the moment in which the table grows to that.
    public var compactionKeysMaximum = 3 << 20

    /// A log at `path`.
    public init(path: FilePath) { self.path = path }
  }

  let configuration: Configuration
  let parts: LogParts
  let metadata: Partition
  let state: Locked<State>
  /// Changes of topics happen one after the other.
  let turns = TurnQueue()
  private let lock: Locked<FileLock?>

  struct State {
    var catalogue: LogCatalogue
    var topics: [TopicName: Topic] = [:]
    var isClosed = false
  }

  /// The name of the file that keeps a second process out.
  static let lockName = ".lock"

  /// Opens the log, or makes one, and brings what a crash left in order.
  ///
  /// - Parameters:
  ///   - configuration: where, and how it is run.
  ///   - files: the file system.
  ///   - pool: where reads that may wait for a disk run.
  ///   - time: the clocks.
  ///   - logger: what it says of itself.
  ///   - registry: where it counts.
  public static func open(
    _ configuration: Configuration, files: any FileSystem, pool: BlockingPool,
    time: any TimeSource = SystemTime(), logger: Logger = .disabled,
    registry: MetricRegistry = MetricRegistry()
  ) async throws(LogError) -> EventLog {
    try await pool.perform { () throws(LogError) in
      try EventLog(configuration, files: files, pool: pool, time: time, logger: logger, registry: registry)
    }
  }

  private init(
    _ configuration: Configuration, files: any FileSystem, pool: BlockingPool, time: any TimeSource,
    logger: Logger, registry: MetricRegistry
  ) throws(LogError) {
    self.configuration = configuration
    do throws(FileError) {
      try files.createDirectories(configuration.path, mode: FileMode(rawValue: 0o750))
      lock = Locked(
        try FileLock(files, at: configuration.path / Self.lockName, as: .current(time: time)))
    } catch {
      throw .file(error)
    }
    parts = try Self.startThreads(
      configuration, files: files, pool: pool, time: time, logger: logger, registry: registry)
    do throws(LogError) {
      let opening = LogOpening(path: configuration.path, parts: parts)
      metadata = try opening.openMetadata()
      let catalogue = try opening.replay(metadata)
      let topics = try opening.openTopics(catalogue)
      state = Locked(State(catalogue: catalogue, topics: topics))
    } catch {
      for writer in parts.writers { writer.stop() }
      parts.keeper.stop()
      throw error
    }
    parts.keeper.onTick { [weak self] in self?.runUpkeep() }
    registerGauges(in: registry)
  }

  private static func startThreads(
    _ configuration: Configuration, files: any FileSystem, pool: BlockingPool, time: any TimeSource,
    logger: Logger, registry: MetricRegistry
  ) throws(LogError) -> LogParts {
    var writers: [WriterThread] = []
    do throws(ThreadError) {
      for index in 0..<max(1, configuration.writerThreads) {
        writers.append(try WriterThread(name: "log-writer-\(index)", time: time))
      }
      let keeper = try LogKeeper(name: "log-keeper", interval: configuration.upkeepInterval, time: time)
      return LogParts(
        files: files, time: time, pool: pool, logger: logger, writers: writers, keeper: keeper,
        metrics: LogMetrics(registry))
    } catch {
      for writer in writers { writer.stop() }
      throw .thread(error)
    }
  }

  // MARK: Finding

  /// Every topic, by name; not the log's own.
  public var topics: [Topic] {
    state.withLock { $0.topics.values.sorted { $0.name < $1.name } }
  }

  /// The topic of that name.
  public func topic(_ name: TopicName) throws(LogError) -> Topic {
    try state.withLock { state throws(LogError) in
      if state.isClosed { throw .closed }
      guard let topic = state.topics[name] else { throw .unknownTopic(name) }
      return topic
    }
  }

  /// A partition; the log's own topic has one too, for reading.
  public func partition(_ id: PartitionID) throws(LogError) -> Partition {
    if id == metadata.id { return metadata }
    let topic = try topic(id.topic)
    guard id.index < topic.partitions.count else { throw .unknownPartition(id) }
    return topic.partitions[id.index]
  }

  /// Every partition, the log's own among them.
  var partitions: [Partition] {
    [metadata] + topics.flatMap(\.partitions)
  }

  // MARK: Closing

  /// Takes no more appends, makes durable what was appended, and leaves markers so that the next opening need
  /// not look at the records. A partition that could not be closed is recovered by the next opening.
  public func close() async throws(LogError) {
    // A topic that is being made or deleted needs the writers.
    try await inTurn { () throws(LogError) in
      let isFirst = self.state.withLock { state in
        defer { state.isClosed = true }
        return !state.isClosed
      }
      if !isFirst { return }
      try await self.parts.pool.perform {
        [self] () throws(LogError) in try closeNow()
      }
    }
  }

  private func closeNow() throws(LogError) {
    let partitions = state.withLock { [metadata] + $0.topics.values.flatMap(\.partitions) }
    for partition in partitions { partition.beginClosing() }
    parts.keeper.stop()
    for writer in parts.writers { writer.stop() }
    var failure: LogError?
    for partition in partitions {
      do throws(LogError) { try partition.close() } catch { failure = failure ?? error }
    }
    do throws(FileError) {
      let held = lock.withLock { lock in
        let held = lock.take()
        return held
      }
      if let held { try held.release() }
    } catch {
      failure = failure ?? .file(error)
    }
    if let failure { throw failure }
  }
}
