// What a simulated power cut may and may not do. Each rule is checked over many seeds, and where the model
// promises that something bad can happen the tests also look for it: a model that is too kind finds no bugs.

import Bytes
import Files
import Testing

private let seeds: [Survival] = [.nothing, .everything] + (0..<300).map { .random(seed: $0) }

@Suite("A simulated crash: bytes") struct CrashByteTests {
  /// A disk with one durable file of eight sectors of ones, whose second to seventh sectors are then
  /// overwritten with twos and not synced.
  private func overwritten(_ model: CrashModel) throws -> SimulatedFiles {
    let files = SimulatedFiles(model: model)
    try files.replace(atomically: "/file", with: runs((1, 4096)))
    let file = try files.open("/file", .write)
    try file.write(runs((2, 3072)), at: 512)
    return files
  }

  @Test(arguments: [CrashModel.hostile, .tornAnywhere, .journaled])
  func whatWasSyncedSurvives(_ model: CrashModel) throws {
    let files = SimulatedFiles(model: model)
    let file = try files.open("/file", [.read, .write, .create])
    try files.syncDirectory("/")
    try file.write(runs((1, 10_000)), at: 0)
    try file.allocate(.punchHole, at: 100, length: 200)
    try file.truncate(to: 9000)
    try file.allocate(.reserve, at: 9000, length: 1000)
    try file.syncData()
    for survival in seeds {
      let bytes = try files.afterCrash(survival).contents(of: "/file", bytesMaximum: 1 << 20)
      #expect(bytes == runs((1, 100), (0, 200), (1, 8700), (0, 1000)), "\(survival)")
    }
  }

  @Test func everySectorIsOldOrNewAndEachMayBeEither() throws {
    let files = try overwritten(.hostile)
    var seen: Set<String> = []
    for survival in seeds {
      let bytes = try files.afterCrash(survival).contents(of: "/file", bytesMaximum: 1 << 20)
      #expect(bytes.count == 4096)
      var sectors = ""
      for sector in 0..<8 {
        let slice = bytes.slice(from: sector * 512, count: 512)
        #expect(slice == runs((1, 512)) || slice == runs((2, 512)), "\(survival): sector \(sector) is torn")
        sectors += "\(slice[0])"
      }
      seen.insert(sectors)
    }
    #expect(seen.contains("11111111") && seen.contains("12222221"))
    #expect(seen.contains("12221111"), "the head of a write alone")
    #expect(seen.contains("11112221"), "its tail alone")
    #expect(seen.contains("12212221"), "all but one sector")
    #expect(seen.contains("11121111"), "one sector alone")
    #expect(seen.allSatisfy { $0.hasPrefix("1") && $0.hasSuffix("1") })
    #expect(seen.count > 20)
  }

  @Test func tearsAnywhereWhenToldTo() throws {
    let files = try overwritten(.tornAnywhere)
    let tears = try seeds.count { survival in
      let bytes = try files.afterCrash(survival).contents(of: "/file", bytesMaximum: 1 << 20)
      let firstNew = (0..<4096).first { bytes[$0] == 2 }
      return firstNew.map { $0 % 512 != 0 } ?? false
    }
    #expect(tears > 20)
  }

  @Test func aSectorNeverShowsALaterWriteWithoutTheEarlierOne() throws {
    let files = SimulatedFiles()
    try files.replace(atomically: "/file", with: runs((0, 512)))
    let file = try files.open("/file", .write)
    try file.write(runs((1, 100)), at: 0)
    try file.write(runs((2, 100)), at: 200)
    try file.write(runs((3, 100)), at: 50)
    var seen: Set<[UInt8]> = []
    for survival in seeds {
      let bytes = try files.afterCrash(survival).contents(of: "/file", bytesMaximum: 1 << 20)
      seen.insert([bytes[0], bytes[50], bytes[200]])
    }
    #expect(seen == [[0, 0, 0], [1, 1, 0], [1, 1, 2], [1, 3, 2]])
  }

  @Test func laterWritesMaySurviveWithoutEarlierOnes() throws {
    let files = SimulatedFiles()
    try files.replace(atomically: "/file", with: runs((0, 8192)))
    let file = try files.open("/file", .write)
    try file.write(runs((1, 512)), at: 0)
    try file.write(runs((1, 512)), at: 4096)
    var seen: Set<[UInt8]> = []
    for survival in seeds {
      let bytes = try files.afterCrash(survival).contents(of: "/file", bytesMaximum: 1 << 20)
      seen.insert([bytes[0], bytes[4096]])
    }
    #expect(seen == [[0, 0], [1, 0], [0, 1], [1, 1]])
  }

  @Test func sizesAndBytesAreLostApart() throws {
    func outcomes(_ model: CrashModel) throws -> (short: Int, zeroTail: Int, whole: Int) {
      let files = SimulatedFiles(model: model)
      try files.replace(atomically: "/file", with: runs((1, 4096)))
      let file = try files.open("/file", .write)
      try file.write(runs((2, 4096)), at: 4096)
      var outcomes = (short: 0, zeroTail: 0, whole: 0)
      for survival in seeds {
        let bytes = try files.afterCrash(survival).contents(of: "/file", bytesMaximum: 1 << 20)
        #expect(bytes.slice(from: 0, count: 4096) == runs((1, 4096)))
        if bytes.count == 4096 {
          outcomes.short += 1
        } else if bytes == runs((1, 4096), (2, 4096)) {
          outcomes.whole += 1
        } else {
          outcomes.zeroTail += 1
        }
      }
      return outcomes
    }
    let hostile = try outcomes(.hostile)
    #expect(hostile.short > 10 && hostile.zeroTail > 10 && hostile.whole > 10)
    let journaled = try outcomes(.journaled)
    #expect(journaled.short > 10 && journaled.zeroTail == 0 && journaled.whole > 10)
  }

  @Test func whatATruncationCutOffDoesNotComeBackInsideANewSize() throws {
    let files = SimulatedFiles()
    try files.replace(atomically: "/file", with: runs((1, 8192)))
    let file = try files.open("/file", .write)
    try file.truncate(to: 0)
    try file.write(runs((2, 4096)), at: 0)
    for survival in seeds {
      let bytes = try files.afterCrash(survival).contents(of: "/file", bytesMaximum: 1 << 20)
      let values = Set([UInt8](bytes))
      // Either the cut was lost, and with it what came after, or the old bytes are gone.
      #expect(
        bytes == runs((1, 8192)) || (!values.contains(1) && bytes.count <= 4096), "\(survival): \(values)")
    }
  }

  @Test func aCrashLeavesTheDiskItCameFromAsItWas() throws {
    let files = try overwritten(.hostile)
    let before = try files.contents(of: "/file", bytesMaximum: 1 << 20)
    let first = try files.afterCrash(.random(seed: 7)).contents(of: "/file", bytesMaximum: 1 << 20)
    let second = try files.afterCrash(.random(seed: 7)).contents(of: "/file", bytesMaximum: 1 << 20)
    #expect(first == second, "one seed, one outcome")
    #expect(try files.contents(of: "/file", bytesMaximum: 1 << 20) == before)
    let survivor = files.afterCrash(.nothing)
    try survivor.put("changed", at: "/file")
    #expect(try files.contents(of: "/file", bytesMaximum: 1 << 20) == before)
    let copy = files.copy()
    try copy.put("changed", at: "/file")
    #expect(try files.contents(of: "/file", bytesMaximum: 1 << 20) == before)
    #expect(
      try files.copy().afterCrash(.nothing).text(of: "/file") == String(repeating: "\u{1}", count: 4096))
  }
}

@Suite("A simulated crash: names") struct CrashNameTests {
  /// The names in the root that crashes leave, one string a kind of outcome.
  private func outcomes(
    _ model: CrashModel, in directory: FilePath = "/", prepare: (SimulatedFiles) throws -> Void
  ) throws -> Set<String> {
    let files = SimulatedFiles(model: model)
    try prepare(files)
    return Set(
      try seeds.map { survival in
        let survivor = files.afterCrash(survival)
        return try survivor.list(directory).map { entry in
          let path = directory / entry.name
          let inside =
            entry.kind == .directory
            ? try survivor.names(in: path).joined(separator: ",") : try survivor.text(of: path)
          return "\(entry.name)=\(inside)"
        }.joined(separator: " ")
      })
  }

  private func durable(_ text: String, at path: FilePath, on files: SimulatedFiles) throws {
    try files.replace(atomically: path, with: ByteBuffer(text))
  }

  @Test(arguments: [CrashModel.hostile, .journaled])
  func aNewFileNeedsItsDirectorySynced(_ model: CrashModel) throws {
    let unsynced = try outcomes(model) { files in
      let file = try files.open("/file", [.write, .create])
      try file.write(ByteBuffer("x"), at: 0)
      try file.sync()
    }
    #expect(unsynced == ["", "file=x"])
    let synced = try outcomes(model) { files in
      let file = try files.open("/file", [.write, .create])
      try file.write(ByteBuffer("x"), at: 0)
      try file.sync()
      try files.syncDirectory("/")
    }
    #expect(synced == ["file=x"])
  }

  @Test func aSyncedNameMayHoldNothingYet() throws {
    let seen = try outcomes(.hostile) { files in
      let file = try files.open("/file", [.write, .create])
      try file.write(ByteBuffer("x"), at: 0)
      try files.syncDirectory("/")
    }
    #expect(seen == ["file=", "file=x", "file=\0"])
  }

  @Test(arguments: [CrashModel.hostile, .journaled])
  func aRenameHappensOrDoesNot(_ model: CrashModel) throws {
    let seen = try outcomes(model) { files in
      try durable("old", at: "/file", on: files)
      try durable("new", at: "/other", on: files)
      try files.rename("/other", to: "/file")
    }
    #expect(seen == ["file=old other=new", "file=new"])
  }

  @Test func aMoveBetweenDirectoriesMayTear() throws {
    func seen(_ model: CrashModel, sync: [FilePath]) throws -> Set<String> {
      try outcomes(model) { files in
        try files.createDirectories("/a")
        try files.createDirectories("/b")
        try durable("x", at: "/a/file", on: files)
        try files.rename("/a/file", to: "/b/file")
        for path in sync { try files.syncDirectory(path) }
      }
    }
    #expect(try seen(.hostile, sync: []) == ["a=file b=", "a= b=file", "a=file b=file", "a= b="])
    #expect(try seen(.hostile, sync: ["/b"]) == ["a= b=file", "a=file b=file"])
    #expect(try seen(.hostile, sync: ["/b", "/a"]) == ["a= b=file"])
    #expect(try seen(.journaled, sync: []) == ["a=file b=", "a= b=file"])
    #expect(try seen(.journaled, sync: ["/b"]) == ["a= b=file"])
  }

  @Test func movesOfDirectoriesDoNotTear() throws {
    let seen = try outcomes(.hostile) { files in
      try files.createDirectories("/a/child")
      try files.createDirectories("/b")
      try files.rename("/a/child", to: "/b/child")
    }
    #expect(seen == ["a=child b=", "a= b=child"])
  }

  @Test func removedNamesComeBackUnlessSynced() throws {
    #expect(
      try outcomes(.hostile) { files in
        try durable("x", at: "/file", on: files)
        try files.remove("/file")
      } == ["", "file=x"])
    #expect(
      try outcomes(.hostile) { files in
        try durable("x", at: "/file", on: files)
        try files.removeDurably("/file")
      } == [""])
    #expect(
      try outcomes(.hostile) { files in
        try files.createDirectories("/directory")
        try files.removeDirectory("/directory")
        try files.createDirectory("/other")
      } == ["directory=", "other=", "", "directory= other="])
  }

  @Test func aJournalKeepsTheOrderOfNames() throws {
    func seen(_ model: CrashModel) throws -> Set<String> {
      try outcomes(model) { files in
        for name in ["a", "b", "c"] { _ = try files.open(FilePath("/" + name), [.write, .create]) }
      }
    }
    #expect(try seen(.journaled) == ["", "a=", "a= b=", "a= b= c="])
    #expect(
      try seen(.hostile) == [
        "", "a=", "b=", "c=", "a= b=", "a= c=", "b= c=", "a= b= c=",
      ])
  }

  @Test func aJournalKeepsWhatWasBeforeASyncElsewhere() throws {
    func seen(_ model: CrashModel) throws -> Set<String> {
      try outcomes(model) { files in
        try files.createDirectories("/a")
        _ = try files.open("/file", [.write, .create])
        _ = try files.open("/a/file", [.write, .create])
        try files.syncDirectory("/a")
      }
    }
    #expect(try seen(.journaled) == ["a=file file="])
    #expect(try seen(.hostile) == ["a=file file=", "a=file"])
  }

  @Test func makingDirectoriesIsDurableAtEveryLevel() throws {
    let files = SimulatedFiles()
    try files.createDirectories("/a/b/c/d")
    for survival in seeds {
      #expect(try files.afterCrash(survival).status(of: "/a/b/c/d").kind == .directory, "\(survival)")
    }
    let careless = SimulatedFiles()
    for path in ["/a", "/a/b"] as [FilePath] { try careless.createDirectory(path) }
    let kept = try seeds.count { try careless.afterCrash($0).exists("/a/b") }
    #expect(kept > 10 && kept < seeds.count - 10)
  }

  @Test func aDeadProcessLeavesNoDirectoryUnsyncedForTheNext() throws {
    for run in CrashRuns(of: SimulatedFiles()) {
      try run.attempt { try run.files.createDirectories("/a/b/c") }
      // The process died and the kernel lives: the next process finds some of the directories there.
      let next = run.files.copy()
      try next.createDirectories("/a/b/c")
      #expect(try next.afterCrash(.nothing).exists("/a/b/c"), "\(run)")
    }
  }

  @Test func aSurvivorCountsItsLinksAndRoom() throws {
    let files = SimulatedFiles()
    try durable("x", at: "/one", on: files)
    try files.link("/one", to: "/two")
    try files.syncDirectory("/")
    try files.remove("/two")
    for survival in seeds {
      let survivor = files.afterCrash(survival)
      let names = try survivor.names(in: "/")
      #expect(try survivor.status(of: "/one").links == names.count, "\(survival)")
      let room = try survivor.space(at: "/")
      #expect(room.totalBytes - room.freeBytes == 4096, "\(survival)")
    }
  }
}
