// Reading one row while commands are being written, beside reading it when nothing is.

import CommandLine
import Database
import Files
import Log
import Measure
import Projections
import Runtime

/// Point reads by primary key, one after the other.
struct PointReads {
  let options: Options
  let directory: FilePath

  private static let goal = 2.0
  private static let entries = 100_000

  init(_ options: Options, _ directory: FilePath) {
    self.options = options
    self.directory = directory
  }

  func run() async throws {
    print(
      "\nPoint reads, one reader, medians of \(options.runs) runs of \(options.seconds) s: alone, and beside 64 callers "
        + "whose commands are written.")
    let path = directory / "reads"
    let tested = try await LedgerLog(at: path)
    try await tested.fill(Self.entries)
    let engine = ProjectionEngine(
      .init(readModels: ReadModelDirectory(directory / "reads-models", files: LocalFiles())), log: tested.log,
      pool: tested.group.pool)
    let service = try await engine.open(tested.ledger)
    let reader = try EventLoop.start(name: "reader", pool: tested.group.pool)
    var (idle, loaded): ([Tail], [Tail]) = ([], [])
    for _ in 0..<options.runs {
      idle.append(try await read(service, on: reader))
      async let commands = Commands.rate(on: tested.group.loops[0], options.seconds) { number in
        _ = try await service.submit(Varve_Testing_Ledger_V1_EntryPosted(number: number))
      }
      loaded.append(try await read(service, on: reader))
      _ = try await commands
    }
    var table = TextTable(
      .text(""), .number("p50 us"), .number("p99 us"), .number("beside idle"), .text("goal"))
    let ratio = median(zip(loaded, idle).map { $0.p99 / $1.p99 })
    table.append("idle", rounded(median(idle.map(\.p50))), rounded(median(idle.map(\.p99))), "", "")
    table.append(
      "under write load", rounded(median(loaded.map(\.p50))), rounded(median(loaded.map(\.p99))),
      times(ratio),
      verdict("p99 at most \(Self.goal)x", ratio <= Self.goal))
    print(table.text(), terminator: "")
    await reader.shutdown()
    try await engine.close()
    try await tested.close()
    for name in ["reads", "reads-models"] { try LocalFiles().removeTree(directory / name) }
  }

  private struct Tail {
    let p50: Double
    let p99: Double
  }

  private func read(_ service: DomainService<Ledger>, on loop: EventLoop) async throws -> Tail {
    let end = ContinuousClock.now + .seconds(options.seconds)
    var latencies = try await loop.run {
      var latencies: [Double] = []
      var number = 0
      while ContinuousClock.now < end {
        number = (number &* 1_103_515_245 &+ 12345) & 0xffff
        let (before, offset) = (ContinuousClock.now, number)
        let found = try await service.read { tables throws(DatabaseError) in
          try await tables.hasRow("SELECT 1 FROM entries WHERE partition = 0 AND at_offset = ?1", offset)
        }
        precondition(found, "entry \(offset) is missing")
        latencies.append(Double((ContinuousClock.now - before).components.attoseconds) / 1e12)
      }
      return latencies
    }
    latencies.sort()
    return Tail(p50: latencies[latencies.count / 2], p99: latencies[latencies.count * 99 / 100])
  }
}
