// Tables on a server that dies, cuts connections off, and says no, at chosen steps of a command.

import AccountsDomain
import Bytes
import Database
import Foundation
import Log
import Peers
import Runtime
import Testing

@testable import Projections

@Suite("Tables on a server that fails", .serialized) struct PostgresFailureTests {
  /// Where the server strikes: triggers, so that nothing in the engine has to be made for it.
  enum Moment: CaseIterable {
    /// While the command's changes are written, before its events are appended.
    case beforeAppend
    /// While the transaction commits, when the events are durable.
    case afterAppend

    /// Has `function` called at the moment.
    func trigger(calling function: String) -> String {
      switch self {
      case .beforeAppend:
        "CREATE TRIGGER strike AFTER INSERT ON accounts FOR EACH ROW EXECUTE FUNCTION \(function)()"
      // Deferred to the commit.
      case .afterAppend:
        """
        CREATE CONSTRAINT TRIGGER strike AFTER INSERT ON accounts DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION \(function)()
        """
      }
    }
  }

  /// The schema of the accounts' tables.
  private func schema(_ fixture: EngineFixture) async throws -> String {
    let current = try await fixture.withReadModels { try await $0.current(of: fixture.domain.name) }
    let number = try #require(current).number
    return "\(try #require(fixture.postgresSettings().schema))_\(fixture.domain.name)_\(number)"
  }

  // MARK: Dying

  @Test("a server that is killed and started again under load loses no command and does none twice")
  func killed() async throws {
    let server = try PostgresServer()
    let fixture = try EngineFixture(.postgres, server: server)
    let plan = AccountPlan(seed: UInt64.random(in: 1..<1 << 32))
    let ledger = Locked(AccountLedger())
    try await fixture.withAccounts { accounts, log in
      try await withThrowingTaskGroup(of: Void.self) { group in
        for index in 0..<6 {
          let caller = AccountCaller(plan, life: 0, index: index, isPatient: true) { id, fate in
            try ledger.withLock { ledger throws(Violation) in try ledger.note(id, fate) }
          }
          group.addTask {
            _ = try await caller.open(accounts)
            _ = try await caller.run(accounts, commands: 60)
          }
        }
        for round in 1...3 {
          // Somewhere among the first 300 of some 400 answers.
          while ledger.withLock({ $0.fates.count }) < 70 * round { await Task.yield() }
          try server.kill()
          try server.restart()
        }
        try await group.waitForAll()
      }
      var told = ledger.withLock { $0 }
      let model = try told.settle(with: log, fixture.topic, plan: plan)
      try await told.check(accounts, model, fixture.topic, plan: plan)
    }
    #expect(try await fixture.verify().holds, "seed \(plan.seed)")
  }

  @Test(
    "a connection that the server ends fails a command before its append with certainty, and after it not at all",
    arguments: Moment.allCases)
  func terminated(_ moment: Moment) async throws {
    let server = try StruckServer.shared.get()
    let fixture = try EngineFixture(.postgres, server: server)
    try await fixture.withAccounts { accounts, log in
      try await accounts.submit(.open("a", balance: 1))
      let schema = try await schema(fixture)
      let key = Int32.random(in: 1...Int32.max)
      _ = try server.psql(
        """
        SET search_path TO \(schema);
        CREATE FUNCTION wait() RETURNS trigger AS $$
        BEGIN PERFORM pg_advisory_xact_lock_shared(\(key)); RETURN NULL; END $$ LANGUAGE plpgsql;
        \(moment.trigger(calling: "\(schema).wait"))
        """)
      let holder = try await AdvisoryLock(key, server, fixture.pool)
      async let outcome = Result.of { () async throws(CommandError<AccountRefusal>) in
        try await accounts.submit(.open("b", balance: 2), id: ByteBuffer("b"))
      }
      let waiting = """
        SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objid = \(key) AND NOT granted
        """
      while try server.psql(waiting).isEmpty { await Task.yield() }
      #expect(try server.psql("SELECT pg_terminate_backend(pid) FROM (\(waiting)) AS waiting") == "t")
      try await holder.release()
      let answer = await outcome
      switch moment {
      case .beforeAppend:
        guard case .failure(.unavailable(.database(.disconnected), isCertain: true)) = answer else {
          Issue.record("answered \(answer)")
          return
        }
        #expect(try log.events(of: fixture.topic).count == 1)
      case .afterAppend: #expect(try answer.get().position.next == 2)
      }
      while accounts.refusal != nil { await Task.yield() }
      let again = try await accounts.submit(.open("b", balance: 2), id: ByteBuffer("b"))
      #expect(again.isRepeated == (moment == .afterAppend))
      #expect(try log.events(of: fixture.topic).count == 2)
      #expect(try await accounts.balances(atLeast: again.position) == ["a": 1, "b": 2])
    }
    #expect(try await fixture.verify().holds)
  }

  @Test("a server that has become a standby stops no projection at an event: all goes on when it is promoted")
  func standby() async throws {
    let server = try PostgresServer()
    let fixture = try EngineFixture(.postgres, server: server)
    try await fixture.withEngine { engine, log in
      let accounts = try await engine.open(fixture.domain)
      let totals = try await engine.follow(MoveTotals(topic: fixture.topic))
      try await accounts.submit(.open("a", balance: 100))
      try await accounts.submit(.open("b", balance: 0))
      try server.stop(.fast)
      try server.startAsStandby()
      var refusal: EngineError?
      while refusal == nil {
        do throws(CommandError<AccountRefusal>) {
          try await accounts.submit(.move(from: "a", to: "b", cents: 7))
        } catch {
          guard case .unavailable(.database(let cause), isCertain: true) = error else { throw error }
          // First that the connection is lost, then what the standby says.
          if case .storage = cause { refusal = .database(cause) }
          await Task.yield()
        }
      }
      #expect(try log.events(of: fixture.topic).count == 2)
      try server.promote()
      while accounts.refusal != nil { await Task.yield() }
      let done = try await accounts.submit(.move(from: "a", to: "b", cents: 7))
      #expect(try await totals.totals(atLeast: done.position) == ["a": 7])
      let setbacks = engine.standings.compactMap(\.setback)
      #expect(setbacks.isEmpty)
    }
    #expect(try await fixture.verify().holds)
  }

  // MARK: Saying no

  /// What a server says that has nothing to do with what was asked: one of each kind.
  static let complaints = [
    // Serialization failure, cancelled, out of memory.
    "40001", "57014", "53200",
  ]

  @Test(
    "a complaint that passes is no command's fault: it is done once, and the projection goes on",
    arguments: complaints, Moment.allCases)
  func struck(_ state: String, _ moment: Moment) async throws {
    let server = try StruckServer.shared.get()
    let fixture = try EngineFixture(.postgres, server: server)
    try await fixture.withAccounts { accounts, log in
      try await accounts.submit(.open("a", balance: 1))
      let schema = try await schema(fixture)
      try strike(state, times: 2, moment.trigger(calling: "\(schema).strike"), in: schema, server)
      var answer: Accepted<Varve_Testing_V1_AccountReply>?
      while answer == nil {
        do throws(CommandError<AccountRefusal>) {
          answer = try await accounts.submit(.open("b", balance: 2), id: ByteBuffer("b"))
        } catch {
          guard case .unavailable(.database, isCertain: true) = error, moment == .beforeAppend else {
            throw error
          }
          await Task.yield()
        }
      }
      let position = try #require(answer).position
      #expect(position.next == 2)
      #expect(try await accounts.balances(atLeast: position) == ["a": 1, "b": 2])
      #expect(try log.events(of: fixture.topic).count == 2)
    }
    #expect(try await fixture.verify().holds)
  }

  @Test("a complaint that passes does not stop a follower at an event", arguments: complaints)
  func struckFollower(_ state: String) async throws {
    let server = try StruckServer.shared.get()
    let fixture = try EngineFixture(.postgres, server: server)
    try await fixture.withEngine { engine, _ in
      let accounts = try await engine.open(fixture.domain)
      let totals = try await engine.follow(MoveTotals(topic: fixture.topic))
      let schema = "\(try #require(fixture.postgresSettings().schema))_move_totals_1"
      try strike(
        state, times: 2,
        "CREATE TRIGGER strike AFTER INSERT ON totals FOR EACH ROW EXECUTE FUNCTION \(schema).strike()",
        in: schema, server)
      try await accounts.submit(.open("a", balance: 100))
      try await accounts.submit(.open("b", balance: 0))
      try await accounts.submit(.move(from: "a", to: "b", cents: 7))
      while try server.psql("SELECT is_called FROM \(schema).strikes") == "f" { await Task.yield() }
      // An event that comes after must not make it pass over the one that failed.
      let last = try await accounts.submit(.move(from: "a", to: "b", cents: 5))
      #expect(try await totals.totals(atLeast: last.position) == ["a": 12])
    }
  }

  /// Has the server complain so often.
  private func strike(
    _ state: String, times: Int, _ trigger: String, in schema: String, _ server: PostgresServer
  ) throws {
    // A sequence keeps counting when its transaction is given up.
    _ = try server.psql(
      """
      SET search_path TO \(schema);
      CREATE SEQUENCE strikes;
      CREATE FUNCTION strike() RETURNS trigger AS $$
      BEGIN
        IF nextval('\(schema).strikes') <= \(times) THEN
          RAISE EXCEPTION 'struck' USING ERRCODE = '\(state)';
        END IF;
        RETURN NULL;
      END $$ LANGUAGE plpgsql;
      \(trigger)
      """)
  }
}

extension Result where Failure == CommandError<AccountRefusal> {
  fileprivate static func of(_ body: () async throws(Failure) -> Success) async -> Self {
    do throws(Failure) { return .success(try await body()) } catch { return .failure(error) }
  }
}

/// A server that those tests share which need many connections to it, or do it harm.
enum StruckServer {
  static let shared = Result { try PostgresServer() }
}

/// An advisory lock that a session of the server holds.
private final class AdvisoryLock {
  private let store: Store
  private let held: Task<Void, any Error>
  private let end: AsyncStream<Void>.Continuation
  private let loop: EventLoop

  init(_ key: Int32, _ server: PostgresServer, _ pool: BlockingPool) async throws {
    var settings = try PostgresSettings(server.address())
    settings.schema = "public"
    let loop = try EventLoop.start(name: "holder", pool: pool)
    let store = try await Store.openPostgres(settings, on: loop)
    let (start, started) = AsyncStream.makeStream(of: Void.self)
    let (ended, end) = AsyncStream.makeStream(of: Void.self)
    held = Task {
      try await store.read { tables throws(DatabaseError) in
        try await tables.stream(dynamic: "SELECT 1 FROM pg_advisory_xact_lock(\(key)) AS held") {
          _ throws(DatabaseError) in
        }
        started.finish()
        for await _ in ended {}
      }
    }
    self.store = store
    self.end = end
    self.loop = loop
    for await _ in start {}
  }

  func release() async throws {
    end.finish()
    try await held.value
    try await store.close()
    await loop.shutdown()
  }
}
