// What the log does for itself now and then, on the keeper's thread: rolling, opening again, retention,
// compaction. An operator's calls for the last two go through the same thread.

import Files
import Runtime
import Telemetry

extension EventLog {
  /// Rolls segments that are old, opens partitions again that stopped for want of room, deletes what is too old
  /// or too much, and compacts where enough is new.
  func runUpkeep() {
    for partition in partitions {
      switch partition.standing {
      case .open: partition.wish { $0.roll = true }
      case .stopped(.stopped(_, let cause)) where cause.isOutOfSpace: partition.wish { $0.reopen = true }
      case .stopped, .readOnly: break
      }
    }
    // What fails was logged, and is tried again at the next tick.
    for partition in partitions {
      _ = retain(partition, force: false)
      _ = compact(partition, isAskedFor: false)
    }
  }

  // MARK: Retention

  /// Deletes the segments that are older or more than their topic keeps.
  ///
  /// Nothing goes that a consumer has not dealt with, or that is newer than a snapshot; the report says who held
  /// what back. A partition that takes no appends is left alone. What fails in one partition does not keep the
  /// others from their turn, and is thrown in the end.
  ///
  /// - Parameters:
  ///   - topic: whose partitions; nil for all topics.
  ///   - force: deletes what consumers and snapshots still need, too.
  @discardableResult
  public func applyRetention(
    _ topic: TopicName? = nil, force: Bool = false
  ) async throws(LogError) -> RetentionReport {
    RetentionReport(
      partitions: try await onKeeper(topic) { log, partition in log.retain(partition, force: force) })
  }

  private func retain(_ partition: Partition, force: Bool) -> Result<RetentionReport.Part, LogError>? {
    let part = attend(partition) { memory throws(LogError) in
      let retention = PartitionRetention(
        table: partition.table, settings: partition.settings, now: parts.time.wall.milliseconds,
        lowest: lowestPosition(in: partition), force: force, shouldStop: { self.mustLeave(partition) },
        onDelete: { partition.counts.deletedBytes.increment(by: UInt64($0)) })
      do throws(FileError) { return try retention.run(&memory) } catch { throw .file(error) }
    }
    if case .success(let part)? = part, part.segments > 0 {
      parts.logger.info(
        "old segments deleted",
        [
          "partition": .string(partition.id.description), "segments": .int(part.segments),
          "bytes": .int(part.bytes), "first": .int(Int(part.first.value)), "forced": .bool(force),
        ])
    }
    return part
  }

  // MARK: Compaction

  /// Compacts the sealed segments of topics that are compacted by key, whether or not enough is new.
  ///
  /// Records go when a newer one has their key, and tombstones when they are old enough and no consumer has yet
  /// to read them. A partition that takes no appends is left alone. What fails in one partition does not keep
  /// the others from their turn, and is thrown in the end.
  ///
  /// - Parameter topic: whose partitions; nil for all topics.
  @discardableResult
  public func compact(_ topic: TopicName? = nil) async throws(LogError) -> CompactionReport {
    CompactionReport(
      partitions: try await onKeeper(topic) { log, partition in log.compact(partition, isAskedFor: true) })
  }

  private func compact(
    _ partition: Partition, isAskedFor: Bool
  ) -> Result<CompactionReport.Part, LogError>? {
    let part = attend(partition) { memory throws(LogError) in
      try PartitionCompaction(
        table: partition.table, settings: partition.settings, now: parts.time.wall.milliseconds,
        lowest: lowestPosition(in: partition), producers: partition.queue.withLock { $0.producers },
        keysMaximum: configuration.compactionKeysMaximum, isAskedFor: isAskedFor,
        shouldStop: { self.mustLeave(partition) }, breathe: { self.parts.keeper.serveOthers() },
        onReplace: { partition.counts.compactedBytes.increment(by: UInt64($0)) }
      ).run(&memory)
    }
    if case .success(let part)? = part, part.before != part.after {
      parts.logger.info(
        "segments compacted",
        [
          "partition": .string(partition.id.description), "segments": .int(part.before.segments),
          "segments_left": .int(part.after.segments), "bytes": .int(part.before.bytes),
          "bytes_left": .int(part.after.bytes), "records": .int(part.before.records),
          "records_left": .int(part.after.records),
        ])
    }
    return part
  }

  // MARK: On the keeper's thread

  /// Does something to every partition of a topic, or of all, on the keeper's thread; the first failure is
  /// thrown when all had their turn.
  private func onKeeper<Part: Sendable>(
    _ topic: TopicName?, _ body: @escaping @Sendable (EventLog, Partition) -> Result<Part, LogError>?
  ) async throws(LogError) -> [Part] {
    let chosen = try chosenPartitions(topic)
    let result: Result<[Part], LogError> = await suspend { (waiter: Waiter<Result<[Part], LogError>>) in
      parts.keeper.submitLong { [self] in
        let results = chosen.compactMap { body(self, $0) }
        waiter.resume(returning: Self.collected(results))
      } orElse: {
        waiter.resume(returning: .failure(.closed))
      }
    }
    return try result.get()
  }

  private static func collected<Part>(_ results: [Result<Part, LogError>]) -> Result<[Part], LogError> {
    var parts: [Part] = []
    for result in results {
      switch result {
      case .success(let part): parts.append(part)
      case .failure(let error): return .failure(error)
      }
    }
    return .success(parts)
  }

  private func chosenPartitions(_ topic: TopicName?) throws(LogError) -> [Partition] {
    guard let topic else {
      if state.withLock({ $0.isClosed }) { throw .closed }
      return partitions
    }
    if topic == metadata.id.topic { return [metadata] }
    return try self.topic(topic).partitions
  }

  /// Does one turn of upkeep at a partition; nil when there is nothing to do, or it takes no appends or is no
  /// more.
  private func attend<Part>(
    _ partition: Partition, _ body: (inout PartitionUpkeep.Memory) throws(LogError) -> Part?
  ) -> Result<Part, LogError>? {
    parts.keeper.serveOthers()
    do throws(LogError) {
      let part = try partition.upkeep.perform { memory throws(LogError) -> Part? in
        mustLeave(partition) ? nil : try body(&memory)
      }
      return (part ?? nil).map { .success($0) }
    } catch {
      parts.logger.error(
        "upkeep of a partition failed",
        ["partition": .string(partition.id.description), "cause": .error(error)])
      return .failure(error)
    }
  }

  /// Whether upkeep is to come to an end: the log is closing, or the partition was deleted or has stopped.
  private func mustLeave(_ partition: Partition) -> Bool {
    parts.keeper.isStopping || partition.standing != .open
  }

  private func lowestPosition(in partition: Partition) -> ConsumerPosition? {
    state.withLock { $0.catalogue.lowestPosition(in: partition.id) }
  }

  // MARK: Gauges

  /// Registers what is read at scrape.
  func registerGauges(in registry: MetricRegistry) {
    registry.gauge(
      "varve_log_segments", help: "Segments of a partition.", labels: ["topic", "partition"]
    ) { [weak self] in
      self?.partitions.prefix(MetricLimits.seriesMaximum).map {
        ([$0.id.topic.text, String($0.id.index)], Double($0.table.segments.count))
      } ?? []
    }
    registry.gauge(
      "varve_log_partition_stopped", help: "1 when a partition takes no appends.",
      labels: ["topic", "partition"]
    ) { [weak self] in
      self?.partitions.prefix(MetricLimits.seriesMaximum).map {
        ([$0.id.topic.text, String($0.id.index)], $0.standing == .open ? 0 : 1)
      } ?? []
    }
    registry.gauge(
      "varve_log_consumer_lag", help: "Records between a consumer's position and the end.",
      labels: ["consumer", "topic", "partition"]
    ) { [weak self] in self?.lags() ?? [] }
  }

  private func lags() -> [(labels: [String], value: Double)] {
    consumers.prefix(MetricLimits.seriesMaximum).compactMap { position in
      do throws(LogError) {
        return (
          [position.name.text, position.partition.topic.text, String(position.partition.index)],
          Double(try lag(of: position))
        )
      } catch {
        // The partition went away between the two looks.
        return nil
      }
    }
  }
}
