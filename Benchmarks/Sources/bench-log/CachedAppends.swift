// Appends that need only be written: what they cost in CPU time of the whole process, the writer included.

import CLogPeer
import CommandLine
import Files
import Glibc
import Log
import Measure

/// The second part of the benchmark.
struct CachedAppends {
  private let options: Options
  private let directory: FilePath

  /// One line of the table.
  private struct Case {
    let recordBytes: Int
    let batch: Int
    let records: Int
    let goal: Double?
  }

  private var cases: [Case] {
    let scale = options.isShort ? 4 : 1
    return [
      Case(recordBytes: 100, batch: 100, records: 4_000_000 / scale, goal: 5e6),
      Case(recordBytes: 100, batch: 1, records: 2_000_000 / scale, goal: 2e6),
      Case(recordBytes: 1024, batch: 100, records: 400_000 / scale, goal: nil),
      Case(recordBytes: 1024, batch: 1, records: 400_000 / scale, goal: nil),
    ]
  }

  init(_ options: Options, _ directory: FilePath) {
    self.options = options
    self.directory = directory
  }

  func run() throws {
    print(
      "\nCached appends, no sync, medians of \(options.runs) runs, in turns; records a second of CPU time.")
    var table = TextTable(
      .text(""), .number("varve"), .number("elapsed"), .number("C memcpy + pwrite of 64 KiB"),
      .number("beside it"), .text("goal"))
    for item in cases {
      var (ours, elapsed, raw): ([Double], [Double], [Double]) = ([], [], [])
      for _ in 0..<options.runs {
        let run = try measureOurs(item)
        ours.append(Double(item.records) * 1e9 / Double(run.processorNanoseconds))
        elapsed.append(Double(item.records) * 1e9 / Double(run.elapsedNanoseconds))
        try raw.append(measureRaw(item))
      }
      table.append(
        "\(item.recordBytes) B, \(item.batch == 1 ? "one by one" : "batches of \(item.batch)")",
        "\(grouped(median(ours)))/s", "\(grouped(median(elapsed)))/s", "\(grouped(median(raw)))/s",
        times(median(zip(ours, raw).map { $0 / $1 })),
        item.goal.map { verdict("\(grouped($0))/s", median(ours) >= $0) } ?? "")
    }
    print(table.text(), terminator: "")
  }

  private func measureOurs(
    _ item: Case
  ) throws -> (processorNanoseconds: UInt64, elapsedNanoseconds: UInt64) {
    let path = directory / "cached"
    // Neither time nor bytes make it sync, and room is made ahead for the sake of syncs only.
    let log = try TestedLog(at: path) {
      $0.preallocation = .none
      $0.flushInterval = .seconds(3600)
      $0.flushBytes = 1 << 40
    }
    let run = try log.appendCached(records: item.records, recordBytes: item.recordBytes, batch: item.batch)
    try log.close()
    try LocalFiles().removeTree(path)
    return run
  }

  private func measureRaw(_ item: Case) throws -> Double {
    let path = (directory / "raw").string
    let file = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard file >= 0 else { throw BenchmarkFailure("\(path) cannot be made") }
    defer {
      close(file)
      unlink(path)
    }
    let before = processCPUNanoseconds()
    let result = log_peer_cached(
      file, item.records * item.recordBytes, item.recordBytes, UInt64(item.records))
    let time = processCPUNanoseconds() - before
    guard result == 0 else { throw BenchmarkFailure(String(cString: log_peer_error())) }
    return Double(item.records) * 1e9 / Double(time)
  }
}
