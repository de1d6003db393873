// One seed of the crash test with real processes: a child appends and says on a pipe what was acknowledged; it
// is killed at a random moment, and another opens the log and lists what it holds. Several times on one directory.

import Bytes
import Files
import Foundation
import Log
import Records
import Runtime

/// The parent's side.
struct KillRun {
  private let seed: UInt64
  private let random: SeededRandom
  private let directory: String
  private var ledger = Ledger()

  static func runAll(_ options: Options) throws {
    for seed in options.seeds {
      let directory = "\(options.directory)/varve-crash-\(getpid())-\(seed)"
      var run = KillRun(seed: seed, directory: directory)
      do {
        try run.run()
      } catch {
        fail(
          "seed \(seed), log kept in \(directory): \(error)\nrepeat it with: ops/crash-test kill --seed \(seed)"
        )
      }
      try FileManager.default.removeItem(atPath: directory)
    }
    print("\(options.seeds.count) seeds of killed processes: every law held")
  }

  private init(seed: UInt64, directory: String) {
    self.seed = seed
    self.directory = directory
    random = SeededRandom(seed: seed)
  }

  private mutating func run() throws {
    for life in 0..<Int(2 + random.next(below: 3)) {
      try appendAndKill(life)
      try settle(life)
    }
  }

  private mutating func appendAndKill(_ life: Int) throws {
    let child = try start("append", life)
    let answersUntilKill = Int(random.next(below: 400))
    var answers = 0
    var rest = ""
    // Some are killed before they have said anything: while the log is made or recovered.
    if random.next(below: 8) == 0 {
      // Nothing is waited for: the moment is what is drawn.
      for _ in 0..<random.next(below: 40) { usleep(500) }  // lint:allow-sleep
      kill(child.process.processIdentifier, SIGKILL)
    }
    while true {
      let bytes = child.output.availableData
      if bytes.isEmpty { break }
      rest += String(decoding: bytes, as: UTF8.self)
      var lines = rest.split(separator: "\n", omittingEmptySubsequences: false)
      // Behind the last line's end: nothing, or the beginning of a line.
      rest = String(lines.removeLast())
      for line in lines {
        try note(line)
        answers += 1
        if answers == answersUntilKill { kill(child.process.processIdentifier, SIGKILL) }
      }
    }
    child.process.waitUntilExit()
    let status = child.process.terminationStatus
    let wasKilled = child.process.terminationReason == .uncaughtSignal && status == SIGKILL
    if !wasKilled && status != 0 { throw Violation("the appending process ended with \(status)") }
  }

  /// A line of the child: `durable producer/number count first`.
  private mutating func note(_ line: Substring) throws {
    let words = line.split(separator: " ")
    let name = words.count == 4 ? words[1].split(separator: "/") : []
    guard name.count == 2, let number = Int(name[1]), let count = Int(words[2]), let first = Int64(words[3])
    else { throw Violation("the appending process said: \(line)") }
    let append = AppendName(producer: String(name[0]), number: number)
    switch words[0] {
    case "durable": ledger.note(append, count: count, .durable(first))
    case "written": ledger.note(append, count: count, .written(first))
    case "absent": ledger.note(append, count: count, .absent)
    default: throw Violation("the appending process said: \(line)")
    }
  }

  private mutating func settle(_ life: Int) throws {
    let child = try start("list", life)
    let lines = child.output.readDataToEndOfFile()
    child.process.waitUntilExit()
    guard child.process.terminationStatus == 0 else {
      throw Violation("the log did not open in order: \(String(decoding: lines, as: UTF8.self))")
    }
    var found: [StoredRecord] = []
    for line in String(decoding: lines, as: UTF8.self).split(separator: "\n") {
      let words = line.split(separator: " ")
      guard words.count == 2, let offset = Int64(words[0]) else { throw Violation("listed: \(line)") }
      found.append(
        StoredRecord(offset: offset, timestamp: 0, record: Record(value: ByteBuffer(String(words[1])))))
    }
    try ledger.settle(with: found)
  }

  private func start(_ mode: String, _ life: Int) throws -> (process: Process, output: FileHandle) {
    let process = Process()
    let pipe = Pipe()
    process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    process.arguments = [
      mode, "--seed", String(seed), "--life", String(life), "--directory", directory,
    ]
    process.standardOutput = pipe.fileHandleForWriting
    try process.run()
    try pipe.fileHandleForWriting.close()
    return (process, pipe.fileHandleForReading)
  }
}
