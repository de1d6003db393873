// Opening a large log that was closed cleanly: how long it takes and how much memory it keeps, each time in a
// process of its own.

import CLogPeer
import CommandLine
import Files
import Measure

/// The fifth part of the benchmark.
struct OpenCost {
  private let options: Options
  private let directory: FilePath

  private static let millisecondsMaximum = 20.0
  private static let mebibytesMaximum = 10.0
  /// What the log's directory may need besides the records.
  private static let spareBytes = 2 << 30

  /// What this program is told to do in the process that opens the log.
  static let argument = "--open"

  init(_ options: Options, _ directory: FilePath) {
    self.options = options
    self.directory = directory
  }

  func run() throws {
    let files = LocalFiles()
    let size = "\(rounded(Double(options.openBytes) / Double(1 << 30))) GiB"
    guard try files.space(at: directory).availableBytes >= options.openBytes + Self.spareBytes else {
      print("\nOpening a log of \(size): not measured, there is no room for it in \(directory).")
      return
    }
    let path = directory / "large"
    let log = try TestedLog(at: path)
    try log.fill(bytes: options.openBytes)
    try log.close()
    var (milliseconds, mebibytes): ([Double], [Double]) = ([], [])
    for _ in 0..<options.runs {
      let (nanoseconds, bytes) = try openElsewhere(path, files)
      milliseconds.append(nanoseconds / 1e6)
      mebibytes.append(bytes / Double(1 << 20))
    }
    try files.removeTree(path)
    print("\nOpening a log of \(size) that was closed cleanly, medians of \(options.runs) processes.")
    var table = TextTable(.text(""), .number(""), .text("goal"))
    let (time, memory) = (median(milliseconds), median(mebibytes))
    table.append("time to open", "\(rounded(time)) ms", verdict("20 ms", time < Self.millisecondsMaximum))
    table.append(
      "memory kept", "\(rounded(memory)) MiB", verdict("10 MiB", memory < Self.mebibytesMaximum))
    print(table.text(), terminator: "")
  }

  private func openElsewhere(_ path: FilePath, _ files: LocalFiles) throws -> (Double, Double) {
    let output = directory / "opened"
    let process = try spawn(
      "/proc/self/exe", ["bench-log", Self.argument, path.string], in: directory, output: output)
    let status = log_peer_wait(process)
    let text = String(validating: try files.contents(of: output, bytesMaximum: 1 << 16)) ?? ""
    let figures = text.split { $0.isWhitespace }.compactMap { Double($0) }
    guard status == 0, figures.count == 2 else { throw BenchmarkFailure("opening \(path): \(text)") }
    return (figures[0], figures[1])
  }

  /// The other process: opens the log, prints the nanoseconds it took and the bytes of memory that are resident
  /// since, and closes it.
  static func openHere(_ path: FilePath) throws {
    let memory = log_peer_resident()
    let began = log_peer_now()
    let log = try TestedLog(at: path)
    let time = log_peer_now() - began
    print("\(time) \(log_peer_resident() - memory)")
    try log.close()
  }
}
