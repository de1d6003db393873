// Commands through the whole write path, beside what binds it: the log's durable appends with as many callers, and
// SQLite's rows in transactions of a thousand.

import Bytes
import CProjectionPeer
import CommandLine
import Database
import Files
import Log
import Measure
import Projections
import Records
import Runtime
import Wire

/// Commands of 64 callers, each of whom waits for its answer.
struct Commands {
  let options: Options
  let directory: FilePath

  static let callers = 64
  /// More than one batch takes: what the write path does when callers do not have to be waited for.
  private static let manyCallers = 1024
  private static let rowsPerTransaction = 1000
  private static let goal = 0.8

  init(_ options: Options, _ directory: FilePath) {
    self.options = options
    self.directory = directory
  }

  func run() async throws {
    print(
      "\nCommands of \(Self.callers) callers: decided, appended durably, applied, answered; medians of "
        + "\(options.runs) runs of \(options.seconds) s, in turns.")
    let path = directory / "commands"
    let tested = try await LedgerLog(at: path)
    let engine = ProjectionEngine(
      .init(readModels: ReadModelDirectory(directory / "commands-models", files: LocalFiles())),
      log: tested.log,
      pool: tested.group.pool)
    let service = try await engine.open(tested.ledger)
    let bare = try await LedgerLog(at: directory / "appends")
    var (commands, many, appends, rows): ([Double], [Double], [Double], [Double]) = ([], [], [], [])
    for run in 0..<options.runs {
      commands.append(
        try await Self.rate(on: tested.group.loops[0], options.seconds) { number in
          _ = try await service.submit(Varve_Testing_Ledger_V1_EntryPosted(number: number))
        })
      many.append(
        try await Self.rate(on: tested.group.loops[0], options.seconds, callers: Self.manyCallers) { number in
          _ = try await service.submit(Varve_Testing_Ledger_V1_EntryPosted(number: number))
        })
      let partition = try bare.partition
      appends.append(
        try await Self.rate(on: bare.group.loops[0], options.seconds) { number in
          let entry = Varve_Testing_Ledger_V1_EntryPosted(number: number)
          _ = try await partition.append(
            Record(key: ByteBuffer(entry.account), value: try entry.serializedBytes()))
        })
      rows.append(try rowsASecond(run))
    }
    show(commands, many, appends, rows)
    try await engine.close()
    try await tested.close()
    try await bare.close()
    for name in ["commands", "commands-models", "appends"] { try LocalFiles().removeTree(directory / name) }
  }

  /// How often a second the callers get their answers.
  ///
  /// - Parameter pause: what each waits between an answer and its next call.
  static func rate(
    on loop: EventLoop, _ seconds: Double, callers: Int = callers, pause: Duration? = nil,
    _ call: @escaping @Sendable (Int64) async throws -> Void
  ) async throws -> Double {
    let (began, end) = (ContinuousClock.now, ContinuousClock.now + .seconds(seconds))
    let count = try await loop.run {
      try await withThrowingTaskGroup(of: Int64.self) { tasks in
        for caller in 0..<callers {
          tasks.addTask(executorPreference: loop) {
            var number: Int64 = 0
            while ContinuousClock.now < end {
              try await call(number * Int64(callers) + Int64(caller))
              number += 1
              if let pause { try await loop.sleep(for: pause) }
            }
            return number
          }
        }
        return try await tasks.reduce(0, +)
      }
    }
    let took = (ContinuousClock.now - began).components
    return Double(count) / (Double(took.seconds) + Double(took.attoseconds) / 1e18)
  }

  private func rowsASecond(_ run: Int) throws -> Double {
    let file = directory / "commands-peer-\(run).sqlite"
    var load = projection_load()
    let outcome = projection_peer_sqlite(
      file.string, Ledger.table, Ledger.insert.description, Int64(options.events),
      Int64(Self.rowsPerTransaction),
      &load)
    guard outcome == 0 else { throw BenchmarkFailure(String(cString: projection_peer_error())) }
    try LocalFiles().remove(file)
    return Double(options.events) / load.seconds
  }

  private func show(_ commands: [Double], _ many: [Double], _ appends: [Double], _ rows: [Double]) {
    var table = TextTable(.text(""), .number("a second"), .number("ours beside it"), .text("goal"))
    table.append("varve: commands, 64 callers", grouped(median(commands)), "", "")
    table.append("varve: commands, 1,024 callers", grouped(median(many)), "", "")
    let bound = zip(appends, rows).map { min($0, $1) }
    let ratio = median(zip(commands, bound).map { $0 / $1 })
    let logBinds = median(appends) < median(rows)
    func add(_ name: String, _ rates: [Double], binds: Bool) {
      table.append(
        name, grouped(median(rates)), times(median(zip(commands, rates).map { $0 / $1 })),
        binds ? verdict("\(Self.goal)x", ratio >= Self.goal) : "")
    }
    add("the log's durable appends, 64 callers", appends, binds: logBinds)
    add("C: SQLite rows, 1,000 a transaction", rows, binds: !logBinds)
    print(table.text(), terminator: "")
  }
}
