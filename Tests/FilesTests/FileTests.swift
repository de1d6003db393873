// The handle's own promises: one close, no use after it, no open that makes no sense. Breaking them is a
// programmer error and ends the process, so those tests run in a process of their own.

import Bytes
import Files
import Runtime
import Testing

/// In a process that must end by a broken promise an error must not end it instead.
private func ignoringErrors(_ body: () throws -> Void) { _ = Result(catching: body) }

@Suite("An open file") struct FileTests {
  @Test func isClosedOnceByWhoeverIsLast() throws {
    let files = SimulatedFiles()
    func closes() -> Int { files.faults.record.count { $0.operation == .close } }
    do {
      let file = try files.open("/file", [.write, .create])
      try file.write(ByteBuffer("x"), at: 0)
    }
    #expect(closes() == 1, "going out of scope closes")
    let file = try files.open("/file", .read)
    try file.close()
    #expect(closes() == 2)
    _ = consume file
    #expect(closes() == 2, "a closed file is not closed again")
  }

  @Test func isClosedEvenWhenClosingFails() throws {
    let files = SimulatedFiles()
    let file = try files.open("/file", [.write, .create])
    try files.remove("/file")
    files.faults.add(FaultRule(.fail(.quotaExceeded), on: [.close]))
    #expect(number { () throws(FileError) in try file.close() } == .quotaExceeded)
    _ = consume file
    #expect(files.faults.record.count { $0.operation == .close } == 1)
  }

  @Test func isNotUsedAfterItWasClosed() async {
    await #expect(processExitsWith: .failure) {
      let file = try SimulatedFiles().open("/file", [.write, .create])
      try file.close()
      ignoringErrors { try file.write(ByteBuffer("x"), at: 0) }
    }
  }

  @Test func isNotClosedTwice() async {
    await #expect(processExitsWith: .failure) {
      let file = try SimulatedFiles().open("/file", [.write, .create])
      try file.close()
      ignoringErrors { try file.close() }
    }
  }

  @Test func isNotClosedUnderACall() async {
    await #expect(processExitsWith: .failure) {
      let time = ManualTime()
      let entered = ThreadSemaphore()
      let files = FaultyFiles(wrapping: SimulatedFiles(), random: SeededRandom(seed: 1)) { _ in
        entered.signal()
        // Inside the call for good.
        while true { time.advance(by: .seconds(1)) }
      }
      let file = try files.open("/file", [.write, .create])
      files.faults.add(FaultRule(.slow(.seconds(1)), on: [.sync]))
      _ = try SystemThread.start(name: "sync") {
        do { try file.sync() } catch { print(error) }
      }
      entered.wait()
      ignoringErrors { try file.close() }
    }
  }

  @Test func isNotCutShortWhileMapped() async {
    await #expect(processExitsWith: .failure) {
      let files = SimulatedFiles()
      let file = try files.open("/file", [.read, .write, .create])
      try file.write(ByteBuffer("0123456789"), at: 0)
      let mapping = try file.map(at: 2, length: 8)
      ignoringErrors { try file.truncate(to: 9) }
      print(mapping.count)
    }
  }

  @Test func mayBeCutOnceTheMappingIsGone() throws {
    let files = SimulatedFiles()
    let file = try files.open("/file", [.read, .write, .create])
    try file.write(ByteBuffer("0123456789"), at: 0)
    do {
      let mapping = try file.map(at: 2, length: 5)
      #expect(mapping.count == 5)
      try file.truncate(to: 7)
    }
    try file.truncate(to: 0)
    #expect(try file.status().bytes == 0)
  }

  @Test(arguments: [
    OpenOptions.create, [.read, .create], [.read, .truncate], [.read, .append], [.write, .exclusive],
    [.write, .directory], [.directory], [],
  ])
  func optionsMustGoTogether(_ options: OpenOptions) async {
    let bits = options.rawValue
    await #expect(processExitsWith: .failure) { [bits = bits as UInt16] in
      ignoringErrors { _ = try SimulatedFiles().open("/", OpenOptions(rawValue: bits)) }
    }
  }

  @Test func appendsOnlyWhatWasOpenedForIt() async {
    await #expect(processExitsWith: .failure) {
      let file = try SimulatedFiles().open("/file", [.write, .create])
      ignoringErrors { try file.append(ByteBuffer("x").readable) }
    }
    await #expect(processExitsWith: .failure) {
      let file = try SimulatedFiles().open("/file", [.write, .create, .append])
      ignoringErrors { try file.write(ByteBuffer("x"), at: 0) }
    }
  }

  @Test func copiesBetweenFileSystems() throws {
    let (left, right) = (SimulatedFiles(), SimulatedFiles())
    try left.put("0123456789", at: "/file")
    let target = try right.open("/file", [.read, .write, .create])
    #expect(try left.open("/file", .read).copy(at: 2, length: 100, to: target, at: 1) == 8)
    #expect(try target.text(at: 0, count: 99) == "\u{0}23456789")
    // The same when the kernel cannot copy between two files of its own.
    left.faults.add(FaultRule(.fail(.crossDevice), on: [.copy]))
    let beside = try left.open("/beside", [.read, .write, .create])
    #expect(try left.open("/file", .read).copy(at: 2, length: 3, to: beside, at: 0) == 3)
    #expect(try beside.text(at: 0, count: 99) == "234")
  }

  @Test func theSimulatedDiskWantsAlignedMemoryForDirectAccess() throws {
    // Stricter than some kernels, so that what passes here passes on all.
    let files = SimulatedFiles()
    let file = try files.open("/file", [.read, .write, .create, .direct])
    let buffer = AlignedBuffer(bytes: 1024)
    try buffer.withBytes { try file.write($0, at: 512) }
    #expect(
      number { () throws(FileError) in
        try buffer.withBytes { bytes throws(FileError) in
          try file.write(UnsafeRawBufferPointer(rebasing: bytes[8..<520]), at: 0)
        }
      } == .invalid)
  }
}

@Suite("Names of files") struct FilePathTests {
  @Test(arguments: [
    ("/a/b", "/a/b", "b", "/a"), ("/a//b/", "/a/b", "b", "/a"), ("a", "a", "a", "."),
    ("a/b", "a/b", "b", "a"),
    ("/", "/", "", "/"), ("//", "/", "", "/"), ("/a", "/a", "a", "/"), ("", "", "", "."),
    ("./a/../b", "./a/../b", "b", "./a/.."),
  ])
  func pathsComeApart(_ text: String, _ string: String, _ name: String, _ parent: String) {
    let path = FilePath(text)
    #expect(path.string == string && path.name == name && path.parent.string == parent)
  }

  @Test func pathsGoTogether() {
    #expect(FilePath("/") / "a" / "b" == "/a/b")
    #expect(FilePath("a").appending("b/") == "a/b")
    #expect(FilePath("") / "a" == "a")
    #expect(["/b", "/a/c", "/a"].sorted() == ["/a", "/a/c", "/b"] as [FilePath])
  }

  @Test(arguments: [
    (
      FileError.failed(.write, path: "/data/0.log", offset: 4096, length: 512, .noSpace),
      "pwrite /data/0.log, 512 bytes at 4096: ENOSPC (No space left on device)"
    ),
    (
      .failed(.rename, path: "/a", offset: nil, length: nil, .notFound),
      "rename /a: ENOENT (No such file or directory)"
    ),
    (
      .failed(.truncate, path: "/a", offset: nil, length: 5, .invalid),
      "ftruncate /a, 5 bytes: EINVAL (Invalid argument)"
    ),
    (
      .unexpectedEnd(path: "/a", offset: 8, wanted: 4, got: 2), "/a ends early: wanted 4 bytes at 8, got 2"
    ),
    (
      .locked(
        path: "/lock", holder: LockHolder(processID: 7, host: "h", started: .init(nanoseconds: 5_000_000))),
      "/lock is locked by process 7 on h, which took it at 1970-01-01T00:00:00.005000Z"
    ),
    (.locked(path: "/lock", holder: nil), "/lock is locked by a process that did not say who it is"),
    (
      .notRun(.sync, path: "/a", .saturated(queued: 9)),
      "fsync /a: not begun, 9 operations wait for a thread"
    ),
  ])
  func errorsSayWhatAnOperatorNeeds(_ error: FileError, _ text: String) {
    #expect(error.description == text)
  }

  @Test(arguments: [
    "", "pid=1", "pid=1\nhost=a", "pid=0\nhost=a\nstarted=1\n", "pid=-1\nhost=a\nstarted=1\n",
    "pid=x\nhost=a\nstarted=1\n", "pid=1\nhost=\nstarted=1\n", "pid=1\nhost=a\nstarted=\n",
    "pid=1\npid=2\nhost=a\nstarted=1\n", "no equals sign", "pid=99999999999\nhost=a\nstarted=1\n",
    "pid=1\nhost=a\nstarted=9999999999999999\n", String(repeating: "x=", count: 600),
  ])
  func aLockFileThatSaysNothingNamesNobody(_ text: String) {
    #expect(LockHolder(parsing: ByteBuffer(text)) == nil)
  }

  @Test func aLockFileNamesItsHolderInOneTry() throws {
    #expect(LockHolder(parsing: ByteBuffer([0xff, 0xfe])) == nil)
    let files = SimulatedFiles()
    let odd = LockHolder(
      processID: .max, host: "a=b\nc" + String(repeating: "h", count: 400), started: .init(nanoseconds: 0))
    try FileLock(files, at: "/lock", as: odd).keep { _ in
      let found = try #require(LockHolder(parsing: files.contents(of: "/lock", bytesMaximum: 1024)))
      #expect(found.processID == .max && found.host.hasPrefix("a=b_chh") && found.host.count == 255)
    }
    let current = LockHolder.current(time: SystemTime())
    #expect(current.processID > 0 && !current.host.isEmpty)
  }

  @Test func anotherProcessKeepsItsLockUntilItDies() throws {
    let files = SimulatedFiles()
    let other = LockHolder(processID: 9, host: "h", started: .init(nanoseconds: 1_000_000))
    let mine = LockHolder(processID: 10, host: "h", started: .init(nanoseconds: 2_000_000))
    try files.lockElsewhere("/lock", by: other)
    #expect(throws: FileError.locked(path: "/lock", holder: other)) {
      _ = try FileLock(files, at: "/lock", as: mine)
    }
    try files.put("half a te", at: "/lock")
    #expect(throws: FileError.locked(path: "/lock", holder: nil)) {
      _ = try FileLock(files, at: "/lock", as: mine)
    }
    try files.unlockElsewhere("/lock")
    try FileLock(files, at: "/lock", as: mine).release()
    try files.lockElsewhere("/lock", by: other)
    let afterCrash = files.afterCrash(.everything)
    try FileLock(afterCrash, at: "/lock", as: mine).release()
  }
}

extension FileLock {
  /// Holds the lock while `body` runs.
  fileprivate consuming func keep(_ body: (borrowing FileLock) throws -> Void) throws {
    try body(self)
    try release()
  }
}
