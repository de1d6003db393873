// A disk that is full: a real small one where the machine lets tests mount, the simulated one, and the
// wrapper's limit. Each takes what fits, says ENOSPC, keeps what was there and goes on once room is made.

import Bytes
import Files
import Peers
import Runtime
import Testing

@Suite("A full disk") struct FullDiskTests {
  private static let capacity = 256 << 10

  private func check(_ files: any FileSystem, _ base: FilePath) throws {
    try files.replace(atomically: base / "important", with: runs((1, 20_000)))
    let file = try files.open(base / "filler", [.read, .write, .create])
    var written = 0
    var failure: FileError?
    do throws(FileError) {
      while written <= Self.capacity {
        try file.write(runs((2, 10_000)), at: written)
        written += 10_000
      }
    } catch {
      failure = error
    }
    #expect(failure?.isOutOfSpace == true, "\(failure?.description ?? "no error")")
    #expect(written >= 100_000 && written < Self.capacity)
    let size = try file.status().bytes
    #expect(size >= written && size < written + 10_000, "what fits of the last write is there")
    #expect(try files.contents(of: base / "filler", bytesMaximum: 1 << 20) == runs((2, size)))

    #expect(
      number { () throws(FileError) in
        try files.replace(atomically: base / "important", with: runs((3, 40_000)))
      } == .noSpace)
    #expect(try files.contents(of: base / "important", bytesMaximum: 1 << 20) == runs((1, 20_000)))
    #expect(try files.names(in: base) == ["filler", "important"], "nothing is left behind")

    try file.close()
    try files.remove(base / "filler")
    try files.replace(atomically: base / "important", with: runs((3, 40_000)))
    #expect(try files.contents(of: base / "important", bytesMaximum: 1 << 20) == runs((3, 40_000)))
  }

  @Test(.enabled(if: SmallDisk.isPossible, "needs root and the right to mount"))
  func aRealOneSaysSo() throws {
    try SmallDisk.withMounted(bytes: Self.capacity) { disk in
      let path = FilePath(disk)
      try check(LocalFiles(), path)
      let file = try LocalFiles().open(path / "reserved", [.write, .create])
      #expect(
        number { () throws(FileError) in try file.allocate(.reserve, at: 0, length: 1 << 20) } == .noSpace)
    }
  }

  @Test func aSimulatedOneSaysSo() throws {
    let files = SimulatedFiles(capacityBytes: Self.capacity)
    try files.createDirectory("/base")
    try check(files, "/base")
    let file = try files.open("/base/reserved", [.write, .create])
    #expect(
      number { () throws(FileError) in try file.allocate(.reserve, at: 0, length: 1 << 20) } == .noSpace)
    #expect(try files.space(at: "/").totalBytes == UInt64(Self.capacity))
  }

  @Test func theWrapperSaysSo() throws {
    try withLocalDirectory { directory in
      let files = FaultyFiles(
        wrapping: LocalFiles(), random: SeededRandom(seed: 1), capacityBytes: Self.capacity)
      try check(files, directory)
    }
  }

  @Test func aRemovedFileKeepsItsRoomWhileItIsOpen() throws {
    let files = SimulatedFiles(capacityBytes: 40_960)
    func free() throws -> UInt64 { try files.space(at: "/").freeBytes }
    let file = try files.open("/file", [.write, .create])
    try file.write(runs((1, 40_960)), at: 0)
    #expect(try free() == 0)
    try file.write(runs((2, 40_960)), at: 0)
    #expect(number { () throws(FileError) in try file.write(runs((2, 1)), at: 40_960) } == .noSpace)
    try files.remove("/file")
    #expect(try free() == 0)
    try file.allocate(.punchHole, at: 0, length: 8192)
    #expect(try free() == 8192)
    try file.close()
    #expect(try free() == 40_960)
  }
}
