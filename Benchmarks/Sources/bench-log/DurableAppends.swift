// Appends of 1 KiB that return when they are on stable storage, from 1, 8 and 64 producers.

import CLogPeer
import CommandLine
import Files
import Glibc
import Log
import Measure

/// The first part of the benchmark.
struct DurableAppends {
  private let options: Options
  private let directory: FilePath
  private let peers: [any AppendPeer]
  private let missing: [String]
  private let samples = Samples()

  private static let recordBytes = 1024
  /// What the raw loop writes over, again and again: as large as a segment.
  private static let fileBytes = 256 << 20
  private static let warmUpSeconds = 0.1
  private static let goalOfRaw = 0.95
  private static let goalOfPeers = 3.0

  init(_ options: Options, _ directory: FilePath) {
    self.options = options
    self.directory = directory
    let found: [(String, (any AppendPeer)?)] = [
      ("Redis", RedisPeer()), ("NATS", NATSPeer(options.environment)),
      ("noida-db", NoidaPeer(options.environment)),
    ]
    peers = found.compactMap(\.1)
    missing = found.filter { $0.1 == nil }.map(\.0)
  }

  func run() throws {
    print("Durable appends of 1 KiB, medians of \(options.runs) runs of \(options.seconds) s, in turns.")
    print("  The log is in process; the servers answer over loopback, one append outstanding a producer.")
    print("  The raw loop writes batches as large as ours were on average; its latencies are a batch's.")
    if !missing.isEmpty { print("  Not installed, so not measured (ops/setup installs): \(missing)") }
    let path = (directory / "raw").string
    let file = log_peer_zeroed_file(path, Self.fileBytes)
    guard file >= 0 else { throw BenchmarkFailure(String(cString: log_peer_error())) }
    defer {
      close(file)
      unlink(path)
    }
    for producers in [1, 8, 64] { try compare(producers, file) }
  }

  private func compare(_ producers: Int, _ file: Int32) throws {
    let path = directory / "durable-\(producers)"
    let log = try TestedLog(at: path) { $0.preallocation = .segment }
    // The first segment is made, the threads have started.
    _ = try log.appendDurably(
      producers: producers, recordBytes: Self.recordBytes, seconds: Self.warmUpSeconds, disk: directory)
    var ours = AppendSeries(name: "varve")
    var raw = AppendSeries(name: "C pwrite + fdatasync")
    var theirs = peers.map { AppendSeries(name: $0.name) }
    var batches: [Double] = []
    for _ in 0..<options.runs {
      let (run, batch) = try log.appendDurably(
        producers: producers, recordBytes: Self.recordBytes, seconds: options.seconds, disk: directory)
      ours.runs.append(run)
      batches.append(batch)
      try raw.runs.append(measureRaw(producers, file, batch))
      for (index, peer) in peers.enumerated() {
        try theirs[index].runs.append(
          peer.measure(
            in: directory, producers: producers, recordBytes: Self.recordBytes, seconds: options.seconds,
            samples: samples))
      }
    }
    try log.close()
    try LocalFiles().removeTree(path)
    raw.name += ", batches of \(rounded(median(batches)))"
    show(producers, ours, raw, theirs)
  }

  private func measureRaw(_ producers: Int, _ file: Int32, _ batch: Double) throws -> AppendRun {
    let flushes = FlushCount(directory.string)
    var batches: UInt64 = 0
    let load = try samples.load {
      log_peer_durable(file, Self.fileBytes, Self.recordBytes, batch, options.seconds, $0, &batches)
    }
    return AppendRun(load, latencies: batches, samples, flushes, producers)
  }

  // MARK: The table

  private func show(_ producers: Int, _ ours: AppendSeries, _ raw: AppendSeries, _ theirs: [AppendSeries]) {
    print("\n\(producers) producer\(producers == 1 ? "" : "s")")
    var table = TextTable(
      .text(""), .number("appends/s"), .number("p50 us"), .number("p99 us"), .number("per flush"),
      .number("ours beside it"), .text("goal"))
    func add(_ series: AppendSeries, _ beside: String, _ goal: String) {
      table.append(
        series.name, grouped(series.rate), rounded(series.p50), rounded(series.p99),
        series.perFlush.map(rounded) ?? "-", beside, goal)
    }
    func ratio(_ peer: AppendSeries) -> Double {
      median(zip(ours.runs, peer.runs).map { $0.rate / $1.rate })
    }
    add(ours, "", "")
    let tail = median(zip(ours.runs, raw.runs).map { $0.latency.p99 / $1.latency.p99 })
    add(
      raw, "\(times(ratio(raw))), p99 \(times(tail))",
      verdict("\(Self.goalOfRaw)x", ratio(raw) >= Self.goalOfRaw) + ", "
        + verdict("p99 1x", tail <= 1))
    let best = zip(peers, theirs).filter(\.0.syncs).map(\.1).max { $0.rate < $1.rate }
    for series in theirs {
      let isMeasure = producers == 64 && series.name == best?.name
      let goal = isMeasure ? verdict("\(Self.goalOfPeers)x", ratio(series) >= Self.goalOfPeers) : ""
      add(series, times(ratio(series)), goal)
    }
    print(table.text(), terminator: "")
  }
}
