// Reading a sealed log from beginning to end out of the page cache, every checksum computed, beside read(2) of the
// same files into a buffer of the same size, which touches nothing.

import CLogPeer
import CommandLine
import Files
import Measure

/// The third part of the benchmark.
struct SequentialReads {
  private let options: Options
  private let directory: FilePath

  private static let bufferBytes = 256 << 10
  private static let goal = 0.9

  init(_ options: Options, _ directory: FilePath) {
    self.options = options
    self.directory = directory
  }

  func run() throws {
    let (files, path) = (LocalFiles(), directory / "sealed")
    let filled = try TestedLog(at: path)
    try filled.fill(bytes: options.readBytes)
    try filled.close()
    let log = try TestedLog(at: path)
    let paths = try Self.segments(files, path)
    var (ours, raw): ([Double], [Double]) = ([], [])
    // The first turn fills the cache.
    for turn in 0...options.runs {
      let mine = try timed { try log.read(blockBytes: Self.bufferBytes) }
      let theirs = try timed { try Self.readRaw(paths) }
      if turn > 0 {
        ours.append(mine)
        raw.append(theirs)
      }
    }
    try log.close()
    try files.removeTree(path)
    let ratio = median(zip(ours, raw).map { $0 / $1 })
    print(
      "\nReading \(rounded(Double(options.readBytes) / Double(1 << 30))) GiB from the page cache, "
        + "medians of \(options.runs) runs, in turns.")
    var table = TextTable(.text(""), .number("GB/s"), .number("ours beside it"), .text("goal"))
    table.append("varve, checksums computed", rounded(median(ours)), "", "")
    table.append(
      "C read(2) of 256 KiB", rounded(median(raw)), times(ratio), verdict("\(Self.goal)x", ratio >= Self.goal)
    )
    print(table.text(), terminator: "")
  }

  /// The segments' files, in order.
  private static func segments(_ files: LocalFiles, _ path: FilePath) throws -> [FilePath] {
    try files.list(path / "bench-0").map(\.name).filter { $0.hasSuffix(".log") }.sorted()
      .map { path / "bench-0" / $0 }
  }

  private static func readRaw(_ paths: [FilePath]) throws -> Int {
    var total = 0
    for path in paths {
      let count = log_peer_read(path.string, bufferBytes)
      guard count >= 0 else { throw BenchmarkFailure(String(cString: log_peer_error())) }
      total += Int(count)
    }
    return total
  }

  /// Gigabytes a second of something that says how many bytes it read.
  private func timed(_ body: () throws -> Int) rethrows -> Double {
    let before = log_peer_now()
    let bytes = try body()
    return Double(bytes) / Double(log_peer_now() - before)
  }
}
