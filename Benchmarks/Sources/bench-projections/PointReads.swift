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
  /// Some 6,000 commands a second: the writer is at work all the time, and leaves the reader a core.
  private static let pause = Duration.milliseconds(10)
  private static let entries = 100_000

  init(_ options: Options, _ directory: FilePath) {
    self.options = options
    self.directory = directory
  }

  func run() async throws {
    print(
      "\nPoint reads, one reader, medians of \(options.runs) runs of \(options.seconds) s, in turns.")
    let path = directory / "reads"
    let tested = try await LedgerLog(at: path)
    try await tested.fill(Self.entries)
    let engine = ProjectionEngine(
      .init(readModels: ReadModelDirectory(directory / "reads-models", files: LocalFiles())), log: tested.log,
      pool: tested.group.pool)
    let service = try await engine.open(tested.ledger)
    let reader = try EventLoop.start(name: "reader", pool: tested.group.pool)
    var (idle, paced, full): ([Tail], [Tail], [Tail]) = ([], [], [])
    for _ in 0..<options.runs {
      idle.append(try await read(service, on: reader))
      paced.append(try await read(service, on: reader, besideCallersOf: tested, pause: Self.pause))
      full.append(try await read(service, on: reader, besideCallersOf: tested, pause: nil))
    }
    var table = TextTable(
      .text(""), .number("p50 us"), .number("p99 us"), .number("beside idle"), .text("goal"))
    func add(_ name: String, _ tails: [Tail], hasGoal: Bool = false) {
      let ratio = median(zip(tails, idle).map { $0.p99 / $1.p99 })
      table.append(
        name, rounded(median(tails.map(\.p50))), rounded(median(tails.map(\.p99))), times(ratio),
        hasGoal ? verdict("p99 at most \(Self.goal)x", ratio <= Self.goal) : "")
    }
    add("nobody writes", idle)
    add("64 callers write, 10 ms after each answer", paced, hasGoal: true)
    add("64 callers write as fast as they can, on the same cores", full)
    print(table.text(), terminator: "")
    await reader.shutdown()
    try await engine.close()
    try await tested.close()
    for name in ["reads", "reads-models"] { try LocalFiles().removeTree(directory / name) }
  }

  private func read(
    _ service: DomainService<Ledger>, on loop: EventLoop, besideCallersOf tested: LedgerLog, pause: Duration?
  ) async throws -> Tail {
    async let commands = Commands.rate(on: tested.group.loops[0], options.seconds, pause: pause) { number in
      _ = try await service.submit(Varve_Testing_Ledger_V1_EntryPosted(number: number))
    }
    let tail = try await read(service, on: loop)
    _ = try await commands
    return tail
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
