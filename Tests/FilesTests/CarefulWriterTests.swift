// What the simulated disk is for: writers that forget one step lose data at some crash point, and the
// operations of this layer lose none at any. Each writer replaces a file that holds `old` by one that holds
// `new`, and says when it is done; after a crash the file must hold one of the two, and `new` once it said so.

import Bytes
import Files
import Testing

private let old = runs((1, 3000))
private let new = runs((2, 9000))

/// A way of replacing a file.
private struct Writer: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let replace: @Sendable (SimulatedFiles) throws -> Void

  static let careless: [Writer] = [
    Writer(testDescription: "over the old bytes, then sync") { files in
      let file = try files.open("/data/file", [.write, .truncate])
      try file.write(new, at: 0)
      try file.sync()
    },
    Writer(testDescription: "over the old bytes, without sync") { files in
      let file = try files.open("/data/file", .write)
      try file.write(new, at: 0)
    },
    Writer(testDescription: "rename without syncing the file") { files in
      try files.put(String(repeating: "\u{2}", count: 9000), at: "/data/new")
      try files.renameDurably("/data/new", to: "/data/file")
    },
    Writer(testDescription: "rename without syncing the directory") { files in
      let file = try files.open("/data/new", [.write, .create])
      try file.write(new, at: 0)
      try file.sync()
      try files.rename("/data/new", to: "/data/file")
    },
    Writer(testDescription: "trying a failed sync again") { files in
      let file = try files.open("/data/new", [.write, .create])
      try file.write(new, at: 0)
      files.faults.add(FaultRule(.fail(.inputOutput), on: [.sync], at: .call(1)))
      do {
        try file.sync()
      } catch {
        try file.sync()
      }
      try files.renameDurably("/data/new", to: "/data/file")
    },
    Writer(testDescription: "remove first, then rename") { files in
      let file = try files.open("/data/new", [.write, .create])
      try file.write(new, at: 0)
      try file.sync()
      try files.removeDurably("/data/file")
      try files.renameDurably("/data/new", to: "/data/file")
    },
  ]

  static let careful: [Writer] = [
    Writer(testDescription: "replace(atomically:)") { files in
      try files.replace(atomically: "/data/file", with: new)
    },
    Writer(testDescription: "sync and renameDurably, between directories") { files in
      try files.createDirectories("/staging/area")
      let file = try files.open("/staging/area/new", [.write, .create, .exclusive])
      try file.write(new, at: 0)
      try file.syncData()
      try file.close()
      try files.renameDurably("/staging/area/new", to: "/data/file")
    },
  ]
}

@Suite("Writers under crashes") struct CarefulWriterTests {
  private func disk(_ model: CrashModel) throws -> SimulatedFiles {
    let files = SimulatedFiles(model: model)
    try files.createDirectories("/data")
    try files.replace(atomically: "/data/file", with: old)
    return files
  }

  /// What is wrong after crashes at every point; empty when nothing is.
  private func damage(_ writer: Writer, _ model: CrashModel) throws -> [String] {
    var damage: [String] = []
    for run in CrashRuns(of: try disk(model)) {
      var isDone = false
      try run.attempt {
        try writer.replace(run.files)
        isDone = true
      }
      for survivor in run.survivors(random: 12) {
        if try !survivor.files.exists("/data/file") {
          damage.append("the file is gone: \(survivor)")
          continue
        }
        let bytes = try survivor.files.contents(of: "/data/file", bytesMaximum: 1 << 20)
        if bytes != new && (isDone || bytes != old) { damage.append("\(bytes), done \(isDone): \(survivor)") }
      }
    }
    return damage
  }

  @Test(arguments: Writer.careless) private func carelessOnesAreCaught(_ writer: Writer) throws {
    #expect(try !damage(writer, .hostile).isEmpty)
  }

  @Test(arguments: Writer.careful, [CrashModel.hostile, .tornAnywhere, .journaled])
  private func carefulOnesLoseNothing(_ writer: Writer, _ model: CrashModel) throws {
    let damage = try damage(writer, model)
    #expect(damage.isEmpty, "\(damage.first ?? "")")
  }

  @Test func carefulOnesEitherWorkOrSayWhyUnderAnyOneFault() throws {
    for operation in FileOperation.allCases {
      for call in 1...4 {
        let files = try disk(.hostile)
        files.faults.add(FaultRule(.fail(.inputOutput), on: [operation], at: .call(call)))
        var failure: FileError?
        do throws(FileError) {
          try files.replace(atomically: "/data/file", with: new)
        } catch {
          failure = error
        }
        files.faults.removeAll()
        for survival in [Survival.nothing, .everything] + (0..<6).map({ .random(seed: $0) }) {
          let bytes = try files.afterCrash(survival).contents(of: "/data/file", bytesMaximum: 1 << 20)
          #expect(
            bytes == new || (failure != nil && bytes == old),
            "\(operation) call \(call), \(survival): \(bytes), \(failure?.description ?? "no error")")
        }
        if let failure { #expect(failure.number == .inputOutput, "\(failure)") }
        #expect(try files.names(in: "/data") == ["file"] || operation == .remove)
      }
    }
  }

  @Test func theRunsCutOneCallLaterEachUntilNoneIsLeft() throws {
    let start = try disk(.hostile)
    var cuts: [Int] = []
    for run in CrashRuns(of: start) {
      var calls = 0
      try run.attempt {
        for index in 0..<5 {
          try run.files.put("x", at: FilePath("/data/\(index)"))
          calls += 1
        }
      }
      // Opening with create, and writing: two changes a file.
      #expect(calls == run.changes / 2 || !run.wasCut)
      #expect(run.wasCut == (run.changes < 10))
      cuts.append(run.changes)
    }
    #expect(cuts == Array(0...10))
    #expect(try start.names(in: "/data") == ["file"], "the start stays as it was")
    #expect(Array(CrashRuns(of: start, every: 4).prefix(3)).count == 1, "work that changes nothing runs once")
  }

  @Test func aFailureThatIsNotTheCrashIsThrown() throws {
    let run = try #require(CrashRuns(of: disk(.hostile)).first { _ in true })
    #expect(throws: FileError.self) {
      try run.attempt { _ = try run.files.open("/missing", .read) }
    }
  }

  @Test func aRunWithoutPowerAnswersNothing() throws {
    let files = try disk(.hostile)
    let file = try files.open("/data/file", [.read, .write])
    files.faults.turnOff(afterChanges: 1)
    try file.write(runs((3, 1)), at: 0)
    #expect(number { () throws(FileError) in try file.sync() } == .noDevice)
    #expect(number { () throws(FileError) in _ = try file.text(at: 0, count: 1) } == .noDevice)
    #expect(number { () throws(FileError) in _ = try files.list("/") } == .noDevice)
    #expect(files.faults.isOff)
    try file.close()
  }
}

@Suite("A small log under crashes") struct SmallLogTests {
  /// Appends numbered records and counts those it may call durable.
  private func append(_ count: Int, syncing: Bool, to files: SimulatedFiles, durable: inout Int) throws {
    let file = try files.open("/log", [.write, .create, .append])
    try files.syncDirectory("/")
    for index in 0..<count {
      try file.append(runs((UInt8(index + 1), 300)).readable)
      if syncing { try file.syncData() }
      durable = index + 1
    }
  }

  /// How many whole records are at the front.
  private func recover(_ files: SimulatedFiles) throws -> Int {
    guard try files.exists("/log") else { return 0 }
    let bytes = try files.contents(of: "/log", bytesMaximum: 1 << 20)
    var count = 0
    while (count + 1) * 300 <= bytes.count,
      bytes.slice(from: count * 300, count: 300) == runs((UInt8(count + 1), 300))
    { count += 1 }
    return count
  }

  @Test(arguments: [CrashModel.hostile, .tornAnywhere, .journaled])
  func syncedRecordsAreThere(_ model: CrashModel) throws {
    for run in CrashRuns(of: SimulatedFiles(model: model)) {
      var durable = 0
      try run.attempt { try append(8, syncing: true, to: run.files, durable: &durable) }
      for survivor in run.survivors() {
        let found = try recover(survivor.files)
        #expect(found >= durable, "\(found) of \(durable): \(survivor)")
      }
    }
  }

  @Test func unsyncedOnesAreMissed() throws {
    var lost = 0
    for run in CrashRuns(of: SimulatedFiles()) {
      var durable = 0
      try run.attempt { try append(8, syncing: false, to: run.files, durable: &durable) }
      for survivor in run.survivors() where try recover(survivor.files) < durable { lost += 1 }
    }
    #expect(lost > 0)
  }
}
