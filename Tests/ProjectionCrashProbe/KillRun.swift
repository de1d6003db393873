// The parent's side of one seed: a child gives commands and says what it was answered, and dies; then log and tables
// are opened here, and held to what was said. Several lives on the same data.

import AccountsDomain
import Files
import Foundation
import Log
import Projections
import Runtime
import Wire

struct KillRun {
  private let seed: UInt64
  private let options: Options
  private let random: SeededRandom
  private let directory: String
  private let schema: String
  private let plan: AccountPlan
  private var ledger = AccountLedger()

  /// How a life ends.
  private enum End {
    /// Killed from here after so many answers; at no answer, after so many half milliseconds.
    case killed(answers: Int, halfMilliseconds: Int)
    /// By its own hand, at a call of the log's, or in place of an answer.
    case suicide([String])
  }

  static func runAll(_ options: Options) async {
    for seed in options.seeds {
      let directory = "\(options.directory)/varve-crash-\(getpid())-\(seed)"
      var run = KillRun(seed: seed, options, directory: directory)
      do {
        try await run.run()
        try FileManager.default.removeItem(atPath: directory)
      } catch {
        fail(
          "seed \(seed), data kept in \(directory): \(error)\n"
            + "repeat it with: ops/crash-test projections --store \(options.store) --seed \(seed)")
      }
    }
    print("\(options.count) seeds of killed engines on \(options.store): every law held")
  }

  private init(seed: UInt64, _ options: Options, directory: String) {
    self.seed = seed
    self.options = options
    self.directory = directory
    schema = "c\(getpid())_\(UInt16(truncatingIfNeeded: seed))"
    random = SeededRandom(seed: seed)
    plan = AccountPlan(seed: seed)
  }

  private mutating func run() async throws {
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    let node = try AccountsNode(options, directory: directory, schema: schema)
    for life in 0..<Int(2 + random.next(below: 3)) {
      let end = drawEnd()
      do {
        try live(life, end)
        try await check(node)
      } catch {
        throw Violation("life \(life), ended \(end): \(error)")
      }
    }
    try await node.dropSchemas()
  }

  private func drawEnd() -> End {
    // As often early as late: opening is some forty calls, a life several hundred.
    let call = 1 + random.next(below: 8 << random.next(below: 7))
    switch random.next(below: 8) {
    case 0..<3: return .suicide([random.next(below: 2) == 0 ? "--before" : "--after", String(call)])
    case 3..<5: return .suicide(["--silent", String(1 + random.next(below: 200))])
    case 5: return .killed(answers: 0, halfMilliseconds: Int(random.next(below: 80)))
    default: return .killed(answers: 1 + Int(random.next(below: 400)), halfMilliseconds: 0)
    }
  }

  // MARK: A life

  private mutating func live(_ life: Int, _ end: End) throws {
    let process = Process()
    let pipe = Pipe()
    process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    process.arguments = [
      "command", "--seed", String(seed), "--life", String(life), "--directory", directory, "--store",
      options.store.rawValue, "--postgres", options.postgres, "--schema", schema,
    ]
    var answersUntilKill = 0
    switch end {
    case .suicide(let arguments): process.arguments? += arguments
    case .killed(let answers, _): answersUntilKill = answers
    }
    process.standardOutput = pipe.fileHandleForWriting
    try process.run()
    try pipe.fileHandleForWriting.close()
    if case .killed(answers: 0, let halfMilliseconds) = end {
      // Nothing is waited for: the moment is what is drawn.
      usleep(UInt32(halfMilliseconds * 500))  // lint:allow-sleep
      kill(process.processIdentifier, SIGKILL)
    }
    var answers = 0
    var rest = ""
    while true {
      let bytes = pipe.fileHandleForReading.availableData
      if bytes.isEmpty { break }
      rest += String(decoding: bytes, as: UTF8.self)
      var lines = rest.split(separator: "\n", omittingEmptySubsequences: false)
      // Behind the last line's end: nothing, or the beginning of a line.
      rest = String(lines.removeLast())
      for line in lines {
        try note(line)
        answers += 1
        if answers == answersUntilKill { kill(process.processIdentifier, SIGKILL) }
      }
    }
    process.waitUntilExit()
    let status = process.terminationStatus
    let wasKilled = process.terminationReason == .uncaughtSignal && status == SIGKILL
    if !wasKilled && status != 0 { throw Violation("the process ended with \(status)") }
  }

  /// A line of the child.
  private mutating func note(_ line: Substring) throws {
    let words = line.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
    switch (words.first, words.count) {
    case ("accepted", 5):
      guard let balance = Int64(words[3]), let next = Int64(words[4]) else { fallthrough }
      var reply = Varve_Testing_V1_AccountReply()
      reply.account = words[2]
      reply.balance = balance
      try ledger.note(words[1], .accepted(reply, next: next))
    case ("refused", 2): try ledger.note(words[1], .refused)
    case ("absent", 2): try ledger.note(words[1], .absent)
    default: throw Violation("the process said: \(line)")
    }
  }

  // MARK: After it

  private mutating func check(_ node: AccountsNode) async throws {
    let log = try await node.openLog(LocalFiles(), TopicSettings())
    var checked = ledger
    checked = try await node.withReadModels { models in
      try await checked.check(log, models, node.accounts, plan: plan, pool: node.pool)
      return checked
    }
    ledger = checked
    try await log.close()
  }
}
