// The rules by which calls fail, on the simulated disk and in front of the real one, and that the loops of
// `File` get through what a kernel may do.

import Bytes
import Files
import Runtime
import Testing

/// A file system with a fault plan in front.
enum FaultSubject: String, CaseIterable {
  case simulated, wrapped

  func withDirectory<Result>(
    capacityBytes: Int? = nil, time: ManualTime = ManualTime(),
    _ body: (any FileSystem, FaultPlan, FilePath) throws -> Result
  ) throws -> Result {
    switch self {
    case .simulated:
      let files = SimulatedFiles(
        seed: 3, capacityBytes: capacityBytes ?? SimulatedFiles.capacityBytesUsual, time: time)
      try files.createDirectories("/base")
      return try body(files, files.faults, "/base")
    case .wrapped:
      return try withLocalDirectory { directory in
        let files = FaultyFiles(
          wrapping: LocalFiles(), random: SeededRandom(seed: 3), capacityBytes: capacityBytes,
          delay: { time.advance(by: $0) })
        return try body(files, files.faults, directory)
      }
    }
  }
}

@Suite("Faults by rule") struct FaultTests {
  private let bytes = ByteBuffer((0..<20_000).map { UInt8(truncatingIfNeeded: $0 &* 31 / 7) })

  @Test(arguments: FaultSubject.allCases) func theNthCallFailsAndSaysWhere(_ subject: FaultSubject) throws {
    try subject.withDirectory { files, faults, base in
      let file = try files.open(base / "file", [.read, .write, .create])
      faults.add(FaultRule(.fail(.inputOutput), on: [.write], of: .suffix("file"), at: .call(3)))
      try file.write(runs((1, 10)), at: 0)
      try file.write(runs((2, 10)), at: 10)
      #expect(
        throws: FileError.failed(.write, path: base / "file", offset: 20, length: 10, .inputOutput)
      ) { try file.write(runs((3, 10)), at: 20) }
      try file.write(runs((4, 10)), at: 20)
      #expect(try files.contents(of: base / "file", bytesMaximum: 99) == runs((1, 10), (2, 10), (4, 10)))
    }
  }

  @Test(arguments: FaultSubject.allCases) func everyKindOfCallCanFail(_ subject: FaultSubject) throws {
    try subject.withDirectory { files, faults, base in
      try files.put("x", at: base / "file")
      let file = try files.open(base / "file", [.read, .write])
      let appender = try files.open(base / "file", [.write, .append])
      var buffer = ByteBuffer()
      var memory = [UInt8](repeating: 0, count: 8)
      let calls: [(FileOperation, () throws(FileError) -> Void)] = [
        (.open, { () throws(FileError) in _ = try files.open(base / "file", .read) }),
        (.read, { () throws(FileError) in try file.read(into: &buffer, count: 1, at: 0) }),
        (
          .readCached,
          { () throws(FileError) in
            var span = memory.mutableSpan
            try span.withUnsafeMutableBytes { bytes throws(FileError) in
              _ = try file.readCached(into: bytes, at: 0)
            }
          }
        ),
        (.write, { () throws(FileError) in try file.write(ByteBuffer("y"), at: 0) }),
        (.append, { () throws(FileError) in try appender.append(ByteBuffer("y").readable) }),
        (.syncData, { () throws(FileError) in try file.syncData() }),
        (.sync, { () throws(FileError) in try file.sync() }),
        (.allocate, { () throws(FileError) in try file.allocate(.reserve, at: 0, length: 1) }),
        (.truncate, { () throws(FileError) in try file.truncate(to: 0) }),
        (.status, { () throws(FileError) in _ = try file.status() }),
        (.status, { () throws(FileError) in _ = try files.status(of: base) }),
        (.rename, { () throws(FileError) in try files.rename(base / "file", to: base / "new") }),
        (.link, { () throws(FileError) in try files.link(base / "file", to: base / "new") }),
        (.remove, { () throws(FileError) in try files.remove(base / "file") }),
        (.createDirectory, { () throws(FileError) in try files.createDirectory(base / "new") }),
        (.removeDirectory, { () throws(FileError) in try files.removeDirectory(base) }),
        (.list, { () throws(FileError) in _ = try files.list(base) }),
        (.space, { () throws(FileError) in _ = try files.space(at: base) }),
        (.copy, { () throws(FileError) in try file.copy(at: 0, length: 1, to: file, at: 5) }),
        (.writeBack, { () throws(FileError) in try file.startWriteBack(at: 0, length: 1) }),
        (.advise, { () throws(FileError) in try file.advise(.willNeed) }),
        (.map, { () throws(FileError) in _ = try file.map(at: 0, length: 1) }),
      ]
      for (operation, call) in calls {
        faults.removeAll()
        faults.add(FaultRule(.fail(.accessDenied), on: [operation]))
        #expect(number(of: call) == .accessDenied, "\(operation)")
      }
      faults.removeAll()
      #expect(try files.text(of: base / "file") == "x", "a call that failed did nothing")
      faults.add(FaultRule(.fail(.inputOutput), on: [.close], of: .path(base / "file")))
      #expect(
        throws: FileError.failed(.close, path: base / "file", offset: nil, length: nil, .inputOutput)
      ) { try file.close() }
      faults.add(FaultRule(.fail(.wouldBlock), on: [.lock]))
      faults.add(FaultRule(.fail(.notFound), on: [.open], of: .containing("lock")))
      #expect(throws: FileError.self) {
        _ = try FileLock(files, at: base / "lock", as: .current(time: ManualTime()))
      }
    }
  }

  @Test(arguments: FaultSubject.allCases) func patternsChooseTheFiles(_ subject: FaultSubject) throws {
    try subject.withDirectory { files, faults, base in
      try files.createDirectories(base / "in/deep")
      let paths = ["a.log", "a.idx", "in/a.log", "in/deep/a.log", "inside"]
      let cases: [(PathPattern, [String])] = [
        (.any, paths),
        (.path(base / "a.log"), ["a.log"]),
        (.inside(base / "in"), ["in/a.log", "in/deep/a.log"]),
        (.suffix(".idx"), ["a.idx"]),
        (.containing("deep/a"), ["in/deep/a.log"]),
        (.containing("nowhere"), []),
      ]
      for (pattern, struck) in cases {
        faults.removeAll()
        faults.add(FaultRule(.fail(.readOnly), on: [.open], of: pattern))
        let failed = paths.filter { path in
          number { () throws(FileError) in try files.put("", at: base / path) } == .readOnly
        }
        #expect(failed == struck, "\(pattern)")
      }
    }
  }

  @Test(arguments: FaultSubject.allCases)
  func shortAndInterruptedCallsAreGoneThrough(_ subject: FaultSubject) throws {
    try subject.withDirectory { files, faults, base in
      faults.add(FaultRule(.shortRandomly, at: .probability(0.7)))
      faults.add(
        FaultRule(
          .fail(.interrupted), on: [.read, .write, .append, .syncData, .sync, .truncate, .allocate, .copy],
          at: .probability(0.4)))
      let file = try files.open(base / "file", [.read, .write, .create])
      try file.write(bytes, at: 0)
      #expect(try files.contents(of: base / "file", bytesMaximum: 1 << 20) == bytes)
      let appender = try files.open(base / "appended", [.write, .create, .append])
      try appender.append(bytes.readable)
      #expect(try files.contents(of: base / "appended", bytesMaximum: 1 << 20) == bytes)
      let gathered = try files.open(base / "gathered", [.read, .write, .create])
      try bytes.withReadableBytes { all in
        try gathered.write(
          gathering: stride(from: 0, to: all.count, by: 999).map {
            UnsafeRawBufferPointer(rebasing: all[$0..<min($0 + 999, all.count)])
          }, at: 0)
      }
      var scattered = [UInt8](repeating: 0, count: 20_000)
      let got = try scattered.withUnsafeMutableBytes { all in
        try gathered.read(
          scattering: stride(from: 0, to: all.count, by: 777).map {
            UnsafeMutableRawBufferPointer(rebasing: all[$0..<min($0 + 777, all.count)])
          }, at: 0)
      }
      #expect(got == 20_000 && ByteBuffer(scattered) == bytes)
      let target = try files.open(base / "target", [.read, .write, .create])
      #expect(try file.copy(at: 0, length: 30_000, to: target, at: 0) == 20_000)
      try target.sync()
      #expect(try files.contents(of: base / "target", bytesMaximum: 1 << 20) == bytes)
      try files.replace(atomically: base / "file", with: runs((9, 5000)))
      #expect(try files.contents(of: base / "file", bytesMaximum: 1 << 20) == runs((9, 5000)))
      #expect(faults.record.contains { $0.fault == .interrupted })
    }
  }

  @Test(arguments: FaultSubject.allCases) func endlessTroubleEndsInAnError(_ subject: FaultSubject) throws {
    try subject.withDirectory { files, faults, base in
      let file = try files.open(base / "file", [.read, .write, .create])
      faults.add(FaultRule(.fail(.interrupted), on: [.write]))
      #expect(number { () throws(FileError) in try file.write(runs((1, 1)), at: 0) } == .interrupted)
      faults.removeAll()
      faults.add(FaultRule(.short(bytes: 0), on: [.write]))
      #expect(throws: FileError.noProgress(.write, path: base / "file", offset: 7, length: 3)) {
        try file.write(runs((1, 3)), at: 7)
      }
    }
  }

  @Test(arguments: FaultSubject.allCases) func aBadSectorIsReadUpTo(_ subject: FaultSubject) throws {
    try subject.withDirectory { files, faults, base in
      let file = try files.open(base / "file", [.read, .write, .create])
      try file.write(bytes, at: 0)
      faults.add(FaultRule(.unreadable(4096..<4608), of: .path(base / "file")))
      var buffer = ByteBuffer()
      #expect(throws: FileError.failed(.read, path: base / "file", offset: 4096, length: 5904, .inputOutput))
      {
        try file.read(into: &buffer, count: 10_000, at: 0)
      }
      try file.read(exactly: 4096, into: &buffer, at: 0)
      try file.read(exactly: 1000, into: &buffer, at: 4608)
      #expect(buffer.slice(from: 0, count: 4096) == bytes.slice(from: 0, count: 4096))
      #expect(buffer.slice(from: 4096, count: 1000) == bytes.slice(from: 4608, count: 1000))
      #expect(number { () throws(FileError) in _ = try file.map(at: 0, length: 5000) } == .inputOutput)
      let mapping = try file.map(at: 0, length: 4096)
      #expect(ByteBuffer(copying: mapping.bytes) == bytes.slice(from: 0, count: 4096))
    }
  }

  @Test(arguments: FaultSubject.allCases) func bitsFlipWhereverTheyAreRead(_ subject: FaultSubject) throws {
    try subject.withDirectory { files, faults, base in
      let file = try files.open(base / "file", [.read, .write, .create])
      try file.write(runs((0, 100)), at: 0)
      faults.add(FaultRule(.flippedBits(40..<42, mask: 0x81), of: .suffix("file")))
      let expected = runs((0, 40), (0x81, 2), (0, 58))
      #expect(try files.contents(of: base / "file", bytesMaximum: 100) == expected)
      var memory = [UInt8](repeating: 1, count: 60)
      let got = try memory.withUnsafeMutableBytes { bytes in
        try file.read(
          scattering: [
            UnsafeMutableRawBufferPointer(rebasing: bytes[0..<11]),
            UnsafeMutableRawBufferPointer(rebasing: bytes[11..<60]),
          ], at: 30)
      }
      #expect(got == 60 && ByteBuffer(memory) == expected.slice(from: 30, count: 60))
      let mapping = try file.map(at: 20, length: 30)
      #expect(ByteBuffer(copying: mapping.bytes) == expected.slice(from: 20, count: 30))
      let target = try files.open(base / "target", [.read, .write, .create])
      #expect(try file.copy(at: 0, length: 100, to: target, at: 0) == 100)
      #expect(try files.contents(of: base / "target", bytesMaximum: 100) == expected)
      faults.removeAll()
      #expect(try files.contents(of: base / "file", bytesMaximum: 100) == runs((0, 100)))
    }
  }

  @Test(arguments: FaultSubject.allCases) func slowCallsPassTheInjectedTime(_ subject: FaultSubject) throws {
    let time = ManualTime()
    try subject.withDirectory(time: time) { files, faults, base in
      let file = try files.open(base / "file", [.read, .write, .create])
      let before = time.monotonic
      faults.add(FaultRule(.slow(.milliseconds(5)), on: [.syncData]))
      faults.add(FaultRule(.slow(.milliseconds(2)), at: .call(2)))
      try file.write(runs((1, 1)), at: 0)
      try file.syncData()
      try file.syncData()
      #expect(time.monotonic.since(before) == .milliseconds(12))
    }
  }

  @Test(arguments: FaultSubject.allCases) func aColdCacheHasNothing(_ subject: FaultSubject) throws {
    try subject.withDirectory { files, faults, base in
      try files.put("x", at: base / "file")
      let file = try files.open(base / "file", .read)
      faults.add(FaultRule(.notCached, of: .suffix("file")))
      var memory = [UInt8](repeating: 0, count: 4)
      #expect(try memory.withUnsafeMutableBytes { try file.readCached(into: $0, at: 0) } == nil)
      #expect(try file.text(at: 0, count: 4) == "x")
    }
  }

  @Test(arguments: FaultSubject.allCases) func momentsAndRemovalOfRules(_ subject: FaultSubject) throws {
    try subject.withDirectory { files, faults, base in
      func failures(_ moment: FaultMoment) -> [Int] {
        let rule = faults.add(FaultRule(.fail(.busy), on: [.createDirectory], at: moment))
        defer { faults.remove(rule) }
        return (1...6).filter { _ in
          number { () throws(FileError) in try files.createDirectory(base) } == .busy
        }
      }
      #expect(failures(.always) == [1, 2, 3, 4, 5, 6])
      #expect(failures(.call(2)) == [2])
      #expect(failures(.calls(from: 3, count: 2)) == [3, 4])
      #expect(failures(.probability(0)) == [])
      #expect(failures(.probability(1)) == [1, 2, 3, 4, 5, 6])
      #expect(number { () throws(FileError) in try files.createDirectory(base) } == .exists)
    }
  }

  @Test func chanceFollowsTheSeed() throws {
    func struck(_ seed: UInt64) throws -> [Bool] {
      let files = SimulatedFiles(seed: seed)
      files.faults.add(FaultRule(.fail(.inputOutput), on: [.list], at: .probability(0.3)))
      return (0..<200).map { _ in number { () throws(FileError) in _ = try files.list("/") } != nil }
    }
    #expect(try struck(1) == struck(1))
    #expect(try struck(1) != struck(2))
    #expect((30...90).contains(try struck(1).count { $0 }))
  }

  @Test(arguments: FaultSubject.allCases) func theRecordSaysWhatWasAsked(_ subject: FaultSubject) throws {
    try subject.withDirectory { files, faults, base in
      let before = (calls: faults.calls, changes: faults.changes)
      faults.add(FaultRule(.fail(.noSpace), on: [.write], at: .call(2)))
      let file = try files.open(base / "file", [.read, .write, .create])
      try file.write(runs((1, 8)), at: 4)
      #expect(throws: FileError.self) { try file.write(runs((1, 8)), at: 12) }
      _ = try file.status()
      #expect(faults.calls == before.calls + 4 && faults.changes == before.changes + 3)
      let lines = faults.transcript(last: 4).split(separator: "\n")
      let (call, change) = (before.calls, before.changes)
      #expect(
        lines == [
          "#\(call + 1) (change \(change + 1)) open \(base)/file",
          "#\(call + 2) (change \(change + 2)) pwrite \(base)/file, 8 bytes at 4",
          "#\(call + 3) (change \(change + 3)) pwrite \(base)/file, 8 bytes at 12 → ENOSPC by rule",
          "#\(call + 4) stat \(base)/file",
        ])
      for _ in 0..<2 * FaultPlan.recordedCallsMaximum { _ = try file.status() }
      #expect(faults.record.count <= 2 * FaultPlan.recordedCallsMaximum)
      #expect(faults.record.last?.number == faults.calls)
    }
  }

  @Test func aWrappedProcessCanBeStopped() throws {
    try FaultSubject.wrapped.withDirectory { files, faults, base in
      let file = try files.open(base / "file", [.read, .write, .create])
      try file.write(runs((1, 3)), at: 0)
      faults.turnOff()
      #expect(number { () throws(FileError) in try file.write(runs((2, 3)), at: 0) } == .noDevice)
      #expect(try LocalFiles().contents(of: base / "file", bytesMaximum: 3) == runs((1, 3)))
    }
  }
}
