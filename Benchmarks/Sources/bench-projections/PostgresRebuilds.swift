// Rebuilding tables in PostgreSQL, beside C that inserts the same rows through a pipeline of libpq.

import CProjectionPeer
import Database
import Files
import Log
import Measure
import Peers
import Projections
import Runtime

/// Rebuilds into a server of our own.
struct PostgresRebuilds {
  let options: Options
  let directory: FilePath

  private static let goal = 0.8
  private static let insert = """
    INSERT INTO peer_entries (partition, at_offset, account, cents, memo, time) VALUES ($1, $2, $3, $4, $5, $6)
    """
  private static let table = """
    SET client_min_messages = warning;
    DROP TABLE IF EXISTS peer_entries;
    CREATE TABLE peer_entries (
      partition BIGINT NOT NULL, at_offset BIGINT NOT NULL, account TEXT COLLATE "C" NOT NULL, cents BIGINT NOT NULL,
      memo TEXT COLLATE "C" NOT NULL, time BIGINT NOT NULL,
      PRIMARY KEY (partition, at_offset)
    )
    """

  init(_ options: Options, _ directory: FilePath) {
    self.options = options
    self.directory = directory
  }

  func run() async throws {
    let rows = options.eventsForPostgres
    print(
      "\nRebuild of \(grouped(Double(rows))) events into PostgreSQL, medians of \(options.runs) runs, in turns."
    )
    let server = try PostgresServer()
    let path = directory / "postgres"
    let tested = try await LedgerLog(at: path)
    try await tested.fill(rows)
    var ours = RowSeries(name: "varve: read, decode, apply")
    var peer = RowSeries(name: "C: libpq pipeline")
    let loop = try EventLoop.start(name: "rebuild", pool: tested.group.pool)
    for run in 0..<options.runs {
      var settings = try PostgresSettings(server.address())
      settings.schema = "ours_\(run)"
      let store = try await Store.openPostgres(settings, on: loop)
      ours.loads.append(
        try await RowLoad {
          _ = try await Replay(tested.ledger, from: LocalEventSource(tested.log)).run(into: store)
        })
      try await store.close()
      try await Store.dropPostgres(settings, on: loop)
      var load = projection_load()
      let outcome = projection_peer_postgres(
        server.address(), Self.table, Self.insert, Int64(rows), Int64(Rebuilds.rowsPerTransaction), &load)
      guard outcome == 0 else { throw BenchmarkFailure(String(cString: projection_peer_error())) }
      peer.loads.append(RowLoad(load))
    }
    RowSeries.show(rows, ours, peer, goal: Self.goal)
    await loop.shutdown()
    try await tested.close()
    try LocalFiles().removeTree(path)
    withExtendedLifetime(server) {}
  }
}
