// What the log counts. Series are told apart by topic: there are few topics and may be many partitions.

import Runtime
import Telemetry

/// The log's metrics, in the process's registry.
struct LogMetrics: Sendable {
  private let appendSeconds: MetricFamily<Histogram>
  private let batchBytes: MetricFamily<Histogram>
  private let syncSeconds: MetricFamily<Histogram>
  private let recordsIn: MetricFamily<Counter>
  private let bytesIn: MetricFamily<Counter>
  private let recordsOut: MetricFamily<Counter>
  private let bytesOut: MetricFamily<Counter>
  private let deletedBytes: MetricFamily<Counter>
  private let compactedBytes: MetricFamily<Counter>

  init(_ registry: MetricRegistry) {
    appendSeconds = registry.histogram(
      "varve_log_append_seconds", help: "Time from an append to its records being durable.",
      labels: ["topic"], buckets: .seconds)
    batchBytes = registry.histogram(
      "varve_log_batch_bytes", help: "Size of the batches written.", labels: ["topic"], buckets: .bytes)
    syncSeconds = registry.histogram(
      "varve_log_sync_seconds", help: "Time of one sync of a segment.", labels: ["topic"], buckets: .seconds)
    recordsIn = registry.counter(
      "varve_log_records_in_total", help: "Records appended.", labels: ["topic"])
    bytesIn = registry.counter(
      "varve_log_bytes_in_total", help: "Bytes of batches appended.", labels: ["topic"])
    recordsOut = registry.counter(
      "varve_log_records_out_total", help: "Records given to subscribers.", labels: ["topic"])
    bytesOut = registry.counter(
      "varve_log_bytes_out_total", help: "Bytes of batches given to subscribers.", labels: ["topic"])
    deletedBytes = registry.counter(
      "varve_log_deleted_bytes_total", help: "Bytes of segments that retention deleted.", labels: ["topic"])
    compactedBytes = registry.counter(
      "varve_log_compacted_bytes_total", help: "Bytes that compaction saved.", labels: ["topic"])
  }

  /// The series of one topic.
  func counts(of topic: TopicName) -> PartitionCounts {
    PartitionCounts(
      appendSeconds: appendSeconds.with(topic.text), batchBytes: batchBytes.with(topic.text),
      syncSeconds: syncSeconds.with(topic.text), recordsIn: recordsIn.with(topic.text),
      bytesIn: bytesIn.with(topic.text), recordsOut: recordsOut.with(topic.text),
      bytesOut: bytesOut.with(topic.text), deletedBytes: deletedBytes.with(topic.text),
      compactedBytes: compactedBytes.with(topic.text))
  }
}

/// The series that a partition adds to.
struct PartitionCounts: Sendable {
  let appendSeconds: Histogram
  let batchBytes: Histogram
  let syncSeconds: Histogram
  let recordsIn: Counter
  let bytesIn: Counter
  let recordsOut: Counter
  let bytesOut: Counter
  let deletedBytes: Counter
  let compactedBytes: Counter
}
