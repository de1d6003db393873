// Getting to a server, and the ways of not getting there.

import Foundation
import Peers
import Runtime
import Testing

@testable import Database

@Suite("Connecting to PostgreSQL") struct PostgresConnectTests {
  /// A server that wants a password and TLS, for this suite.
  static let guarded = Result { try PostgresServer(.guarded(password: "op€n se'same")) }
  static let password = "op%E2%82%ACn%20se'same"

  private func connect(
    _ address: String, on loop: EventLoop, _ change: (inout PostgresSettings) -> Void = { _ in }
  ) async throws(DatabaseError) -> PostgresConnection {
    var settings = try PostgresSettings(address)
    change(&settings)
    return try await PostgresConnection.connect(settings, on: loop)
  }

  /// What connecting fails with.
  private func refusal(
    _ address: String, _ change: @escaping @Sendable (inout PostgresSettings) -> Void = { _ in }
  ) async throws -> DatabaseError? {
    try await withLoops { group in
      let loop = group.next()
      return await loop.run {
        await failure { try await connect(address, on: loop, change).close() }
      }
    }
  }

  private func isTLS(_ connection: PostgresConnection) async throws(DatabaseError) -> Bool {
    let rows = try await connection.query("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()", [])
    return rows == [[.integer(1)]]
  }

  @Test func goesOverTCPAndUnixSocketsAndToNames() async throws {
    let server = try PostgresServer.shared.get()
    let addresses = [
      server.address(), server.localAddress, "postgres://varve@localhost:\(server.port)/postgres",
      "hostaddr=127.0.0.1 port=\(server.port) user=varve dbname=postgres",
      // The first of these is not there.
      "postgres://varve@127.0.0.1:1,127.0.0.1:\(server.port)/postgres",
    ]
    try await withLoops { group in
      let loop = group.next()
      for address in addresses {
        try await loop.run { () async throws in
          let connection = try await connect(address, on: loop)
          let rows = try await connection.query("SELECT 1::int8", [])
          #expect(rows == [[.integer(1)]])
          connection.close()
          connection.close()
          #expect(await failure { try await connection.drain() } != nil)
        }
      }
      await loop.run {}
      #expect(loop.statistics.sockets == 0)
    }
  }

  @Test func tellsThatNobodyListens() async throws {
    let error = try await refusal("postgres://varve@127.0.0.1:1/postgres")
    guard case .cannotOpen("postgres://varve@127.0.0.1:1/postgres", let reason)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(reason.contains("refused"))
    let unknown = try await refusal("postgres://varve@nowhere.invalid/postgres")
    guard case .cannotOpen(_, let why)? = unknown, why.hasPrefix("nowhere.invalid: ") else {
      Issue.record("\(String(describing: unknown))")
      return
    }
    let none = try await refusal("postgres:///d?host=/nowhere&user=u")
    guard case .cannotOpen? = none else {
      Issue.record("\(String(describing: none))")
      return
    }
  }

  @Test func tellsThatThereIsNoSuchDatabase() async throws {
    let server = try PostgresServer.shared.get()
    let error = try await refusal("postgres://varve@127.0.0.1:\(server.port)/nonesuch")
    guard case .cannotOpen(_, let reason)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(reason.contains("nonesuch") && reason.hasSuffix("(3D000)"))
  }

  @Test func refusesADatabaseInAnotherEncoding() async throws {
    let server = try PostgresServer.shared.get()
    _ = try server.psql("CREATE DATABASE plain ENCODING 'SQL_ASCII' TEMPLATE template0")
    let error = try await refusal("postgres://varve@127.0.0.1:\(server.port)/plain")
    guard case .cannotOpen(_, let reason)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(reason.contains("SQL_ASCII"))
  }

  @Test func refusesListsThatDoNotMatch() async throws {
    let error = try await refusal("host=a,b port=1,2,3 user=u")
    guard case .cannotOpen(_, "3 values of port do not match 2 hosts")? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test func givesPasswordsAndTLSAsTheServerWants() async throws {
    let server = try Self.guarded.get()
    let trusted = "?sslmode=verify-full&sslrootcert=\(server.certificate)"
    let address = "postgres://varve:\(Self.password)@localhost:\(server.port)/postgres"
    try await withLoops { group in
      let loop = group.next()
      for options in [trusted, "?sslmode=require", ""] {
        try await loop.run { () async throws in
          let connection = try await connect(address + options, on: loop)
          #expect(try await isTLS(connection))
          // Records are larger than what libpq reads at once; what TLS holds back is not forgotten.
          for size in [1, 8191, 8192, 16_384, 16_385, 100_000, 1_000_003] {
            let rows = try await connection.query("SELECT repeat('x', $1::int)", [.integer(Int64(size))])
            #expect(rows == [[.text(String(repeating: "x", count: size))]])
          }
          for _ in 0..<300 { try await connection.execute("SELECT repeat('y', 9000)", []) }
          try await connection.drain()
          connection.close()
        }
      }
    }
    for wrong in [
      "postgres://varve:secret@localhost:\(server.port)/postgres?sslmode=require",
      "postgres://varve:\(Self.password)@localhost:\(server.port)/postgres?sslmode=disable",
      // The certificate is for another name.
      "postgres://varve:\(Self.password)@127.0.0.1:\(server.port)/postgres\(trusted)",
      "postgres://varve@localhost:\(server.port)/postgres?passfile=/nowhere",
    ] {
      let error = try await refusal(wrong)
      guard case .cannotOpen(let target, let reason)? = error else {
        Issue.record("\(String(describing: error))")
        continue
      }
      #expect(!"\(target) \(reason)".contains("secret") && !reason.contains("se'same"))
      if wrong.contains("secret") { #expect(reason.hasSuffix("(28P01)")) }
    }
  }

  @Test func givesUpOnAServerThatSaysNothing() async throws {
    let (silent, time) = (try SilentListener(), ManualTime())
    let dead = try SilentListener()
    try await withLoops(time: time) { group in
      let loop = group.next()
      let address = "postgres://varve@127.0.0.1:\(silent.port),127.0.0.1:\(dead.port)/postgres"
      let task = Task {
        await loop.run {
          await failure { try await connect(address, on: loop) { $0.connectTimeout = .seconds(10) }.close() }
        }
      }
      // Half of the time for the first address, the rest for the second.
      for _ in 0..<2 {
        while loop.statistics.timers == 0 { await Task.yield() }
        let before = loop.statistics.timersFired
        time.advance(by: .seconds(5))
        while loop.statistics.timersFired == before { await Task.yield() }
      }
      let error = await task.value
      guard case .cannotOpen(_, "no answer within the time allowed")? = error else {
        Issue.record("\(String(describing: error))")
        return
      }
      #expect(loop.statistics.sockets == 0)
    }
  }

  @Test func stopsWhenItsTaskIsCancelled() async throws {
    let silent = try SilentListener()
    try await withLoops { group in
      let loop = group.next()
      let task = Task {
        await loop.run {
          await failure { try await connect("postgres://u@127.0.0.1:\(silent.port)/d", on: loop).close() }
        }
      }
      while loop.statistics.sockets == 0 { await Task.yield() }
      task.cancel()
      #expect(await task.value == .cancelled)
    }
  }
}
