// Rebuilding tables from a log, beside C that inserts the same rows by prepared statements in transactions as large.

import CProjectionPeer
import CommandLine
import Database
import Files
import Log
import Measure
import Projections
import Runtime

/// What a rebuild of ours or a peer's inserts took.
struct RowLoad {
  let seconds: Double
  let processorSeconds: Double

  init(_ load: projection_load) {
    seconds = load.seconds
    processorSeconds = load.processor_seconds
  }

  /// Measures `body`.
  init(_ body: () async throws -> Void) async throws {
    let (wall, processor) = (ContinuousClock.now, processCPUNanoseconds())
    try await body()
    let took = (ContinuousClock.now - wall).components
    seconds = Double(took.seconds) + Double(took.attoseconds) / 1e18
    processorSeconds = Double(processCPUNanoseconds() - processor) / 1e9
  }
}

/// Several of them.
struct RowSeries {
  let name: String
  var loads: [RowLoad] = []

  func rate(_ rows: Int) -> Double { median(loads.map { Double(rows) / $0.seconds }) }
  func processorNanoseconds(_ rows: Int) -> Double {
    median(loads.map { $0.processorSeconds * 1e9 / Double(rows) })
  }

  /// How many rows of ours are made in the time that a row of the peer's takes.
  static func ratio(_ ours: RowSeries, _ peer: RowSeries) -> Double {
    median(zip(ours.loads, peer.loads).map { $1.seconds / $0.seconds })
  }

  static func show(_ rows: Int, _ ours: RowSeries, _ peer: RowSeries, goal: Double) {
    var table = TextTable(
      .text(""), .number("rows/s"), .number("CPU ns a row"), .number("ours beside it"), .text("goal"))
    table.append(ours.name, grouped(ours.rate(rows)), grouped(ours.processorNanoseconds(rows)), "", "")
    let ratio = ratio(ours, peer)
    table.append(
      peer.name, grouped(peer.rate(rows)), grouped(peer.processorNanoseconds(rows)), times(ratio),
      verdict("\(goal)x", ratio >= goal))
    print(table.text(), terminator: "")
  }
}

/// Rebuilds into SQLite.
struct Rebuilds {
  let options: Options
  let directory: FilePath

  /// As many as the engine takes.
  static let rowsPerTransaction = 16_384
  private static let goal = 0.85

  init(_ options: Options, _ directory: FilePath) {
    self.options = options
    self.directory = directory
  }

  func run() async throws {
    print(
      "\nRebuild of \(grouped(Double(options.events))) events into SQLite, medians of \(options.runs) runs, in turns."
    )
    let path = directory / "rebuild"
    let tested = try await LedgerLog(at: path)
    try await tested.fill(options.events)
    var ours = RowSeries(name: "varve: read, decode, apply")
    var peer = RowSeries(name: "C: prepared inserts")
    for run in 0..<options.runs {
      let models = ReadModelDirectory(directory / "models-\(run)", files: LocalFiles())
      ours.loads.append(try await Self.rebuild(tested, models))
      let file = directory / "peer-\(run).sqlite"
      var load = projection_load()
      let outcome = projection_peer_sqlite(
        file.string, Ledger.table, Ledger.insert.description, Int64(options.events),
        Int64(Self.rowsPerTransaction), &load)
      guard outcome == 0 else { throw BenchmarkFailure(String(cString: projection_peer_error())) }
      peer.loads.append(RowLoad(load))
      try LocalFiles().removeTree(models.path)
      try LocalFiles().remove(file)
    }
    RowSeries.show(options.events, ours, peer, goal: Self.goal)
    try await tested.close()
    try LocalFiles().removeTree(path)
  }

  /// What a rebuild of the whole log takes, from the log's directory as `varve replay` reads it.
  static func rebuild(
    _ tested: LedgerLog, _ models: ReadModelDirectory,
    progress: @escaping @Sendable (ReplayProgress) -> Void = { _ in }
  ) async throws -> RowLoad {
    let loop = try EventLoop.start(name: "rebuild", pool: tested.group.pool)
    let load = try await RowLoad {
      _ = try await models.rebuild(
        tested.ledger, from: LocalEventSource(tested.log), on: loop, progress: progress)
    }
    await loop.shutdown()
    return load
  }
}
