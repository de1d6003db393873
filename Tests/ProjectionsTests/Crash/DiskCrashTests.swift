// Power cuts under the log, with real tables beside it: random commands, a random call, a random part of what was not
// synced. The tables may lose their newest commits too; they never lead.

import AccountsDomain
import Database
import Files
import Foundation
import Log
import Peers
import Runtime
import Testing

@testable import Projections

@Suite("Power cuts under the engine") struct DiskCrashTests {
  @Test("whatever a power cut leaves of the log, what was acknowledged is there once, and the tables follow")
  func randomCrashes() async throws {
    for _ in 0..<6 {
      let seed = UInt64.random(in: 1..<1 << 32)
      do {
        try await CrashedDisk(seed: seed).runLives()
      } catch {
        Issue.record("CrashedDisk(seed: \(seed)): \(error)")
      }
    }
  }

  @Test("a power cut at any call leaves what was acknowledged")
  func anyCall() async throws {
    let seed = UInt64.random(in: 1..<1 << 32)
    let whole = try await CrashedDisk(seed: seed).countChanges()
    #expect(whole > 40)
    // All of them on request; a random part each time otherwise.
    let isEvery = ProcessInfo.processInfo.environment["VARVE_EVERY_CALL"] == "1"
    let calls = isEvery ? Array(0..<whole) : (0..<6).map { _ in Int.random(in: 0..<whole) }
    for call in calls {
      do {
        try await CrashedDisk(seed: seed).run(cutAfter: call)
      } catch {
        Issue.record("CrashedDisk(seed: \(seed)).run(cutAfter: \(call)): \(error)")
      }
    }
  }
}

/// A log on a simulated disk, and tables in a file, that live through power cuts.
private struct CrashedDisk {
  private let plan: AccountPlan
  private let random: SeededRandom
  private let model: CrashModel
  private let folder: TemporaryFolder
  private let pool: BlockingPool
  private let domain: Accounts

  init(seed: UInt64) throws {
    plan = AccountPlan(seed: seed)
    random = SeededRandom(seed: seed)
    model = [.hostile, .tornAnywhere, .journaled][Int(random.next(below: 3))]
    folder = try TemporaryFolder()
    pool = try BlockingPool(name: "test", threads: 2, queueLimit: 64)
    domain = Accounts(topic: try TopicName("accounts"))
  }

  /// Several lives on the same data, each cut at a random call.
  func runLives() async throws {
    var files = SimulatedFiles(seed: plan.seed, model: model)
    let ledger = Locked(AccountLedger())
    for life in 0..<3 {
      files.faults.turnOff(afterChanges: Int(random.next(below: 8 << random.next(below: 6))))
      try await live(life, on: files, callers: 1 + Int(random.next(below: 4)), commands: 25, ledger)
      files = files.afterCrash(.random(seed: random.next()))
      if random.next(below: 3) == 0 { try takeBackTables() }
      try await check(files, ledger)
      try keepTables()
    }
  }

  /// How many calls that change the disk one life makes.
  func countChanges() async throws -> Int {
    let files = SimulatedFiles(seed: plan.seed, model: model)
    try await live(0, on: files, callers: 2, commands: 8, Locked(AccountLedger()))
    return files.faults.changes
  }

  /// One life, cut at a call, and what different crashes leave of it.
  func run(cutAfter call: Int) async throws {
    let files = SimulatedFiles(seed: plan.seed, model: model)
    let ledger = Locked(AccountLedger())
    files.faults.turnOff(afterChanges: call)
    try await live(0, on: files, callers: 2, commands: 8, ledger)
    try keepTables()
    for survival in [Survival.nothing, .everything, .random(seed: random.next())] {
      try takeBackTables()
      do {
        try await check(files.afterCrash(survival), Locked(ledger.withLock { $0 }))
      } catch {
        throw Violation("\(survival): \(error)\n\(files.faults.transcript())")
      }
    }
  }

  // MARK: Lives

  private func openLog(_ files: SimulatedFiles) async throws -> EventLog {
    let log = try await EventLog.open(
      EventLog.Configuration(path: "/data/log"), files: files, pool: pool)
    if !log.topics.contains(where: { $0.name == domain.topic }) {
      var settings = TopicSettings()
      settings.segmentBytes = 8192
      settings.recordBytesMaximum = 1024
      settings.batchBytesMaximum = 4096
      settings.preallocation = TopicSettings.Preallocation.allCases[Int(random.next(below: 3))]
      do {
        try await log.createTopic(domain.topic, settings)
      } catch {
        try await closeAnyway(log, files)
        throw error
      }
    }
    return log
  }

  private func closeAnyway(_ log: EventLog, _ files: SimulatedFiles) async throws {
    do { try await log.close() } catch { try expectCut(error, files) }
  }

  /// While the power is on nothing may fail.
  private func expectCut(_ error: any Error, _ files: SimulatedFiles) throws {
    if !files.faults.isOff { throw error }
  }

  private func live(
    _ life: Int, on files: SimulatedFiles, callers: Int, commands: Int, _ ledger: Locked<AccountLedger>
  ) async throws {
    let log: EventLog
    do { log = try await openLog(files) } catch { return try expectCut(error, files) }
    let engine = ProjectionEngine(ProjectionEngine.Configuration(readModels: directory), log: log, pool: pool)
    do {
      let accounts = try await engine.open(domain)
      try await withThrowingTaskGroup(of: EngineError?.self) { group in
        for index in 0..<callers {
          let caller = AccountCaller(plan, life: life, index: index) { id, fate in
            try ledger.withLock { ledger throws(Violation) in try ledger.note(id, fate) }
          }
          group.addTask {
            if let error = try await caller.open(accounts) { return error }
            return try await caller.run(accounts, commands: commands)
          }
        }
        for try await error in group { if let error { try expectCut(error, files) } }
      }
    } catch let error as Violation {
      throw error
    } catch {
      try expectCut(error, files)
    }
    try await engine.close()
    try await closeAnyway(log, files)
  }

  private func check(_ files: SimulatedFiles, _ ledger: Locked<AccountLedger>) async throws {
    let log = try await openLog(files)
    var checked = ledger.withLock { $0 }
    do {
      try await checked.check(log, directory, domain, plan: plan, pool: pool)
    } catch {
      try await log.close()
      throw error
    }
    ledger.withLock { $0 = checked }
    try await log.close()
  }

  // MARK: Tables

  private var directory: ReadModelDirectory {
    ReadModelDirectory(FilePath(folder.path("projections")), files: LocalFiles())
  }

  /// Keeps a copy of the tables as they are now.
  private func keepTables() throws {
    try replace("kept", by: "projections")
  }

  /// Gives the tables back as they were kept, or none: as if their disk had lost what came after.
  private func takeBackTables() throws {
    try replace("projections", by: "kept")
  }

  private func replace(_ target: String, by source: String) throws {
    let files = FileManager.default
    if files.fileExists(atPath: folder.path(target)) { try files.removeItem(at: folder.url(target)) }
    if files.fileExists(atPath: folder.path(source)) {
      try files.copyItem(at: folder.url(source), to: folder.url(target))
    }
  }
}
