// What the log does for itself now and then, on the keeper's thread.

import Files
import Runtime
import Telemetry

extension EventLog {
  /// Rolls segments that are old, and opens partitions again that stopped for want of room.
  func runUpkeep() {
    for partition in partitions {
      switch partition.standing {
      case .open: partition.wish { $0.roll = true }
      case .stopped(.stopped(_, let cause)) where cause.isOutOfSpace: partition.wish { $0.reopen = true }
      case .stopped, .readOnly: break
      }
    }
  }

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
