// How long after a durable append is called an idle subscriber has the record, at a slow rate, beside a C thread
// that sleeps on a futex until another has written and synced a record.

import CLogPeer
import CommandLine
import Files
import Glibc
import Log
import Measure

/// The fourth part of the benchmark.
struct SubscriberWakes {
  private let options: Options
  private let directory: FilePath
  private let samples = Samples(capacity: eventsARun)

  private static let recordBytes = 1024
  private static let eventsARun = 600
  private static let pauseNanoseconds: UInt64 = 2_000_000

  init(_ options: Options, _ directory: FilePath) {
    self.options = options
    self.directory = directory
  }

  func run() throws {
    let events = options.isShort ? Self.eventsARun / 4 : Self.eventsARun
    let rawPath = (directory / "raw").string
    let file = log_peer_zeroed_file(rawPath, events * Self.recordBytes)
    guard file >= 0 else { throw BenchmarkFailure(String(cString: log_peer_error())) }
    defer {
      close(file)
      unlink(rawPath)
    }
    let path = directory / "watched"
    let log = try TestedLog(at: path, loops: 2) { $0.preallocation = .segment }
    var (ours, raw): ([Percentiles], [Percentiles]) = ([], [])
    for _ in 0..<options.runs {
      try ours.append(
        log.wakeSubscriber(
          events: events, recordBytes: Self.recordBytes, pause: .nanoseconds(Self.pauseNanoseconds)))
      let load = try samples.load {
        log_peer_wake(file, Self.recordBytes, UInt64(events), Self.pauseNanoseconds, $0)
      }
      raw.append(samples.percentiles(Int(load.operations)))
    }
    try log.close()
    try LocalFiles().removeTree(path)
    print(
      "\nFrom the call of a durable append to an idle subscriber, \(options.runs) runs of \(events) events, "
        + "500 a second, medians, in turns.")
    var table = TextTable(.text(""), .number("p50 us"), .number("p99 us"), .number("ours beside it"))
    table.append("varve", rounded(median(ours.map(\.p50))), rounded(median(ours.map(\.p99))), "")
    let ratio = median(zip(ours, raw).map { $0.p50 / $1.p50 })
    let tail = median(zip(ours, raw).map { $0.p99 / $1.p99 })
    table.append(
      "C pwrite + fdatasync + futex", rounded(median(raw.map(\.p50))), rounded(median(raw.map(\.p99))),
      "p50 \(times(ratio)), p99 \(times(tail))")
    print(table.text(), terminator: "")
  }
}
