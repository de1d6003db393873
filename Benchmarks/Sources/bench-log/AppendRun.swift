// What one measurement came to, and the medians of several.

import CLogPeer
import Measure

/// Room for the latencies of one measurement, in nanoseconds; made once and used again and again.
///
/// Confined to the thread that measures.
final class Samples {
  private let memory: UnsafeMutablePointer<UInt64>
  let capacity: Int

  init(capacity: Int = 4 << 20) {
    self.capacity = capacity
    memory = .allocate(capacity: capacity)
    memory.initialize(repeating: 0, count: capacity)
  }

  deinit { memory.deallocate() }

  /// Has a C peer fill in a measurement.
  func load(_ body: (UnsafeMutablePointer<log_load>) -> Int32) throws -> log_load {
    var load = log_load(operations: 0, nanoseconds: 0, latencies: memory, capacity: capacity)
    guard body(&load) == 0 else { throw BenchmarkFailure(String(cString: log_peer_error())) }
    return load
  }

  /// The latencies' percentiles in microseconds, of the first `count`.
  func percentiles(_ count: Int) -> Percentiles {
    Percentiles(UnsafeMutableBufferPointer(start: memory, count: min(count, capacity)))
  }
}

/// The percentiles that the tables show, in microseconds.
struct Percentiles {
  let p50: Double
  let p99: Double

  /// Sorts the samples, in nanoseconds, of which there must be one.
  init(_ samples: UnsafeMutableBufferPointer<UInt64>) {
    var samples = samples
    precondition(!samples.isEmpty, "percentiles of nothing")
    samples.sort()
    p50 = Double(samples[samples.count / 2]) / 1000
    p99 = Double(samples[samples.count * 99 / 100]) / 1000
  }
}

/// One measurement of appends.
struct AppendRun {
  /// Appends a second.
  let rate: Double
  /// What a producer waited for one; for the raw loop, what a batch took.
  let latency: Percentiles
  /// Appends for each time the disk's cache was flushed; nil: it was not, or the kernel does not say.
  let perFlush: Double?
}

/// Several measurements of one system.
struct AppendSeries {
  var name: String
  var runs: [AppendRun] = []

  var rate: Double { median(runs.map(\.rate)) }
  var p50: Double { median(runs.map(\.latency.p50)) }
  var p99: Double { median(runs.map(\.latency.p99)) }

  var perFlush: Double? {
    let figures = runs.compactMap(\.perFlush)
    return figures.isEmpty ? nil : median(figures)
  }
}

/// Counts the flushes of the disk under a directory while something runs.
struct FlushCount {
  private let directory: String
  private let before: Int64

  init(_ directory: String) {
    self.directory = directory
    before = log_peer_flushes(directory)
  }

  /// Appends per flush since then; nil when there were no flushes to speak of. With one append outstanding a
  /// producer, a flush cannot serve many more than there are producers: if it seems to, it was somebody else's.
  func appendsPerFlush(_ appends: UInt64, producers: Int) -> Double? {
    let flushes = log_peer_flushes(directory) - before
    guard before >= 0, flushes > 0 else { return nil }
    let each = Double(appends) / Double(flushes)
    return each <= Double(2 * producers) ? each : nil
  }
}
