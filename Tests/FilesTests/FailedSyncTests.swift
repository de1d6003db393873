// A sync that fails on the simulated disk does what the kernel's does: it forgets which pages were dirty, so
// that the next sync succeeds with nothing saved.

import Bytes
import Files
import Testing

@Suite("A sync that fails") struct FailedSyncTests {
  /// A disk whose durable file `/file` holds eight sectors of ones, open for writing.
  private func start() throws -> (SimulatedFiles, File) {
    let files = SimulatedFiles(seed: 5)
    try files.replace(atomically: "/file", with: runs((1, 4096)))
    return (files, try files.open("/file", [.read, .write]))
  }

  private func failNextSync(_ files: SimulatedFiles, _ error: ErrorNumber = .inputOutput) {
    files.faults.removeAll()
    files.faults.add(FaultRule(.fail(error), on: [.syncData, .sync], at: .call(1)))
  }

  @Test func theNextOneSucceedsAndTheBytesAreNotThere() throws {
    let (files, file) = try start()
    try file.write(runs((2, 4096)), at: 0)
    failNextSync(files)
    #expect(number { () throws(FileError) in try file.syncData() } == .inputOutput)
    try file.syncData()
    #expect(try files.contents(of: "/file", bytesMaximum: 4096) == runs((2, 4096)), "the cache has them")
    let kept = try files.afterCrash(.everything).contents(of: "/file", bytesMaximum: 4096)
    #expect(kept != runs((2, 4096)))
  }

  @Test func writingThePagesAgainMakesThemDurable() throws {
    let (files, file) = try start()
    try file.write(runs((2, 4096)), at: 0)
    failNextSync(files)
    #expect(throws: FileError.self) { try file.sync() }
    // One byte makes its whole page dirty again.
    try file.write(runs((3, 1)), at: 1000)
    try file.sync()
    let kept = try files.afterCrash(.nothing).contents(of: "/file", bytesMaximum: 4096)
    #expect(kept == runs((2, 1000), (3, 1), (2, 3095)))
  }

  @Test func everyOtherDescriptorHearsOfItOnce() throws {
    let (files, file) = try start()
    let other = try files.open("/file", [.read, .write])
    try file.write(runs((2, 10)), at: 0)
    failNextSync(files, .noSpace)
    #expect(number { () throws(FileError) in try file.sync() } == .noSpace)
    #expect(number { () throws(FileError) in try other.sync() } == .noSpace)
    try other.sync()
    try file.sync()
    let later = try files.open("/file", .write)
    try later.sync()
  }

  @Test func sizesStayDirtySoTheRetrySavesALengthOfZeros() throws {
    var lengths: Set<Int> = []
    for seed in 0..<40 as Range<UInt64> {
      let files = SimulatedFiles(seed: seed)
      try files.replace(atomically: "/file", with: runs((1, 512)))
      let file = try files.open("/file", .write)
      try file.write(runs((2, 4096)), at: 512)
      failNextSync(files)
      #expect(throws: FileError.self) { try file.sync() }
      try file.sync()
      let kept = try files.afterCrash(.nothing).contents(of: "/file", bytesMaximum: 1 << 20)
      #expect(kept.count == 4608)
      lengths.insert([UInt8](kept).count { $0 == 2 })
    }
    #expect(lengths.contains(0) && lengths.count > 2, "what the failed sync still wrote differs")
  }

  @Test func anInterruptedSyncIsJustRepeated() throws {
    let (files, file) = try start()
    try file.write(runs((2, 4096)), at: 0)
    failNextSync(files, .interrupted)
    try file.syncData()
    #expect(try files.afterCrash(.nothing).contents(of: "/file", bytesMaximum: 4096) == runs((2, 4096)))
  }

  @Test func namesAreForgottenToo() throws {
    let files = SimulatedFiles(seed: 1)
    var kept = 0
    for index in 0..<20 {
      let path = FilePath("/file\(index)")
      _ = try files.open(path, [.write, .create])
      failNextSync(files)
      #expect(number { () throws(FileError) in try files.syncDirectory("/") } == .inputOutput)
      try files.syncDirectory("/")
      #expect(try files.exists(path))
      if try files.afterCrash(.everything).exists(path) { kept += 1 }
    }
    #expect(kept > 0 && kept < 20)
  }
}
