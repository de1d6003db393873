// A log that fails in the middle of what is done for several callers at once.

import AccountsDomain
import Bytes
import Database
import Files
import Log
import Runtime
import Testing

@testable import Projections

@Suite("A log that fails") struct LogFailureTests {
  @Test(
    "every caller is answered when one half of a batch is done and the log fails under the other",
    .timeLimit(.minutes(1)), arguments: [1, 2, 3])
  func halves(_ appends: Int) async throws {
    let faulty = FaultyFiles(wrapping: LocalFiles(), random: SeededRandom(seed: 1))
    let fixture = try EngineFixture(files: faulty)
    let log = try await fixture.openLog()
    let engine = ProjectionEngine(
      ProjectionEngine.Configuration(readModels: fixture.directory), log: log, pool: fixture.pool)
    let accounts = try await engine.open(fixture.domain)
    // So many batches are written, and then none.
    faulty.faults.add(
      FaultRule(
        .fail(.inputOutput), on: [.syncData], of: .containing("accounts"),
        at: .calls(from: appends + 1, count: .max)))
    let done = Locked<[String: Bool]>([:])
    let holding = try await HeldLoop(accounts.tables.loop)
    let asked = Locked(0)
    await withTaskGroup(of: Void.self) { group in
      for number in 0..<16 {
        group.addTask {
          let name = number == 15 ? "renamed" : "a\(number)"
          asked.withLock { $0 += 1 }
          do throws(CommandError<AccountRefusal>) {
            // The last makes the batch one that is halved, until it is alone.
            let command = number == 15 ? AccountCommand.rename(name) : .open(name, balance: 1)
            try await accounts.submit(command, id: ByteBuffer(name))
            done.withLock { $0[name] = true }
          } catch {
            done.withLock { $0[name] = false }
          }
        }
      }
      while asked.withLock({ $0 }) < 16 { await Task.yield() }
      // The last of them may still be on the way; most times they wait together.
      for _ in 0..<100 { await Task.yield() }
      holding.release()
    }
    let answers = done.withLock { $0 }
    #expect(answers.count == 16 && answers["renamed"] == false)
    #expect(answers.values.contains(true))
    try await engine.close()
    try await log.close()
    faulty.faults.removeAll()
    // What was accepted is there; what failed may be.
    try await fixture.withAccounts { accounts, log in
      let balances = try await accounts.balances()
      for (name, isDone) in answers where isDone { #expect(balances[name] == 1) }
      #expect(try log.events(of: fixture.topic).count == balances.count)
    }
    #expect(try await fixture.verify().holds)
  }
}

/// A loop that is kept from its work.
private final class HeldLoop: Sendable {
  private let gate = ThreadSemaphore()

  /// Returns when the loop does nothing else.
  init(_ loop: EventLoop) async throws {
    let (start, started) = AsyncStream.makeStream(of: Void.self)
    let gate = gate
    loop.spawn {
      started.finish()
      gate.wait()
    }
    for await _ in start {}
  }

  func release() { gate.signal() }
}
