// The process that dies: several callers give commands, and each answer is said in a line.

import AccountsDomain
import Bytes
import Files
import Glibc
import Log
import Projections
import Runtime
import Synchronization
import Wire

enum ChildProcess {
  /// How many commands each caller gives, if the process lives that long.
  private static let commands = 150

  static func run(_ options: Options) async throws {
    let random = SeededRandom(seed: options.seed &* 1000 &+ UInt64(options.life))
    let node = try AccountsNode(options, directory: options.directory, schema: options.schema)
    let log = try await node.openLog(DeadlyFiles(options.death), settings(random))
    let callers = Int(1 + random.next(below: 8))
    let said = Answers(dyingAt: options.silent)
    try await node.withReadModels { models in
      let engine = ProjectionEngine(
        ProjectionEngine.Configuration(readModels: models), log: log, pool: node.pool)
      let accounts = try await engine.open(node.accounts)
      if let refusal = accounts.refusal { throw refusal }
      try await withThrowingTaskGroup(of: Void.self) { group in
        for index in 0..<callers {
          let caller = AccountCaller(AccountPlan(seed: options.seed), life: options.life, index: index) {
            try said.say($0, $1)
          }
          group.addTask {
            if let error = try await caller.open(accounts) { throw error }
            if let error = try await caller.run(accounts, commands: commands) { throw error }
          }
        }
        try await group.waitForAll()
      }
      try await engine.close()
    }
    try await log.close()
  }

  private static func settings(_ random: SeededRandom) -> TopicSettings {
    var settings = TopicSettings()
    // Small, so that segments roll and batches do not hold every command that waits.
    settings.segmentBytes = (16 << 10) << Int(random.next(below: 4))
    settings.batchBytesMaximum = 4096 << Int(random.next(below: 3))
    settings.recordBytesMaximum = 2048
    settings.flushBytes = 16 << 10
    settings.preallocation = TopicSettings.Preallocation.allCases[Int(random.next(below: 3))]
    return settings
  }
}

/// Says answers on standard output.
private final class Answers: Sendable {
  private let count = Atomic(0)
  private let last: Int?

  init(dyingAt last: Int?) { self.last = last }

  func say(_ id: String, _ fate: AccountLedger.Fate) throws {
    let line: String
    switch fate {
    case .accepted(let reply, let next): line = "accepted \(id) \(reply.account) \(reply.balance) \(next)\n"
    case .refused: line = "refused \(id)\n"
    case .absent: line = "absent \(id)\n"
    case .unknown: return
    }
    if fate.isAccepted, count.add(1, ordering: .relaxed).newValue == last { die() }
    // One call, and shorter than a pipe writes at once: a line is there whole or not at all.
    let bytes = ByteBuffer(line)
    let written = bytes.withReadableBytes { Glibc.write(1, $0.baseAddress, $0.count) }
    guard written == bytes.count else { throw Violation("the parent is gone") }
  }
}
