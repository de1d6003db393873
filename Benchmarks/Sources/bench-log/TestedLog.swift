// A log with one topic of one partition, and a bridge from this program's thread, which waits, to its tasks.

import Bytes
import Files
import Log
import Records
import Runtime
import Telemetry

/// A log under measurement.
struct TestedLog {
  let group: EventLoopGroup
  let partition: Partition
  private let log: EventLog
  private let registry: MetricRegistry

  private static let topic = "bench"

  /// Opens the log in a directory, or makes one there.
  init(
    at path: FilePath, loops: Int = 1, _ change: @Sendable (inout TopicSettings) -> Void = { _ in }
  ) throws {
    group = try EventLoopGroup(.init(loops: loops))
    registry = MetricRegistry()
    var settings = TopicSettings()
    change(&settings)
    let (pool, counts) = (group.pool, registry)
    (log, partition) = try waiting { [settings] in
      let log = try await EventLog.open(.init(path: path), files: LocalFiles(), pool: pool, registry: counts)
      let name = try TopicName(Self.topic)
      let known = log.topics.first { $0.name == name }
      let topic = if let known { known } else { try await log.createTopic(name, settings) }
      return (log, topic.partitions[0])
    }
  }

  /// Closes the log cleanly and ends its threads.
  func close() throws {
    let (log, group) = (log, group)
    try waiting {
      try await log.close()
      await group.shutdown()
    }
  }

  /// How often the topic's segments were synced.
  func syncs() throws -> UInt64 {
    var text = ByteBuffer()
    registry.render(into: &text)
    let name = "varve_log_sync_seconds_count{topic=\"\(Self.topic)\"} "
    let line = String(validating: text)?.split(separator: "\n").first { $0.hasPrefix(name) }
    guard let line, let count = UInt64(line.dropFirst(name.count)) else {
      throw BenchmarkFailure("the log does not count its syncs as \(name)")
    }
    return count
  }

  /// Appends `bytes` in batches of 64 records of 1 KiB, without waiting for the disk.
  func fill(bytes: Int) throws {
    let batch = [Record](repeating: .filled(1024), count: 64)
    let partition = partition
    try waiting(on: group.loops[0]) {
      for _ in 0..<(bytes / (64 * 1024)) { try await partition.append(batch, .written) }
      try await partition.sync()
    }
  }
}

extension Record {
  /// A record whose value is so many bytes.
  static func filled(_ bytes: Int) -> Record {
    Record(value: ByteBuffer(repeatElement(0x5a, count: bytes)))
  }
}

/// Runs `body` as a task, on the loop if one is given, and waits for its end.
func waiting<Output: Sendable>(
  on loop: EventLoop? = nil, _ body: @escaping @Sendable () async throws -> Output
) throws -> Output {
  let result = Locked<Result<Output, any Error>?>(nil)
  let done = ThreadSemaphore()
  let work: @Sendable () async -> Void = {
    let outcome: Result<Output, any Error>
    do { outcome = .success(try await body()) } catch { outcome = .failure(error) }
    result.withLock { $0 = outcome }
    done.signal()
  }
  if let loop { loop.spawn(work) } else { Task.detached(operation: work) }
  done.wait()
  guard let outcome = result.withLock({ $0 }) else { preconditionFailure("set before the signal") }
  return try outcome.get()
}
