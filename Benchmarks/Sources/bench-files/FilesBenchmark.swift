// What the files layer costs over the bare calls of libc, in the same run and on the same disk: the handle's
// use count, the seam's indirection and the loop. Small cached reads and writes show it most; a sync or a
// megabyte hides it. Files are made in the directory given as the first argument, or the temporary one.

import Files
import Glibc
import Measure

@main
enum FilesBenchmark {
  static func main() throws {
    let parent = FilePath(CommandLine.arguments.dropFirst().first ?? "/tmp")
    let files = LocalFiles()
    let directory = try files.createTemporaryDirectory(in: parent, prefix: "bench-files-")
    defer {
      do {
        try files.removeTree(directory)
      } catch {
        print("left behind: \(error)")
      }
    }
    try measure(files, directory)
  }

  private static func measure(_ files: LocalFiles, _ directory: FilePath) throws {
    let file = try files.open(directory / "ours", [.read, .write, .create])
    let raw = Glibc.open((directory / "peer").string, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard raw >= 0 else {
      throw FileError.failed(.open, path: directory, offset: nil, length: nil, .inputOutput)
    }
    defer { Glibc.close(raw) }

    var megabyte = AlignedBuffer(bytes: 1 << 20)
    megabyte.withMutableBytes { _ = $0.initializeMemory(as: UInt8.self, repeating: 0x5a) }
    // Both files are written once beforehand, so that no run allocates blocks.
    for index in 0..<64 {
      try megabyte.withBytes { try file.write($0, at: index << 20) }
      check(megabyte.withBytes { pwrite(raw, $0.baseAddress, $0.count, index << 20) } == 1 << 20)
    }
    try file.sync()
    check(fsync(raw) == 0)

    let small = 1024
    compare("pwrite 1 KiB (CPU)", 20_000, wall: false, goal: "time <= 1.05x") {
      try megabyte.withBytes {
        let bytes = UnsafeRawBufferPointer(rebasing: $0[..<small])
        for index in 0..<20_000 { try file.write(bytes, at: (index & 0xfff) * small) }
      }
    } peer: {
      megabyte.withBytes {
        for index in 0..<20_000 {
          check(pwrite(raw, $0.baseAddress, small, (index & 0xfff) * small) == small)
        }
      }
    }
    var target = AlignedBuffer(bytes: 1 << 20)
    compare("pread 1 KiB, cached (CPU)", 20_000, wall: false, goal: "time <= 1.10x") {
      try target.withMutableBytes {
        let bytes = UnsafeMutableRawBufferPointer(rebasing: $0[..<small])
        for index in 0..<20_000 { keep(try file.read(into: bytes, at: (index & 0xfff) * small)) }
      }
    } peer: {
      target.withMutableBytes {
        for index in 0..<20_000 {
          check(pread(raw, $0.baseAddress, small, (index & 0xfff) * small) == small)
        }
      }
    }
    // preadv2 with RWF_NOWAIT (8), which Swift's view of libc leaves out.
    typealias ReadNoWait = @convention(c) (Int32, UnsafePointer<iovec>, Int32, Int, Int32) -> Int
    let readNoWait = unsafeBitCast(dlsym(nil, "preadv2"), to: ReadNoWait.self)
    compare("readCached 1 KiB (CPU)", 20_000, wall: false, goal: "time <= 1.10x") {
      try target.withMutableBytes {
        let bytes = UnsafeMutableRawBufferPointer(rebasing: $0[..<small])
        for index in 0..<20_000 { keep(try file.readCached(into: bytes, at: (index & 0xfff) * small)) }
      }
    } peer: {
      target.withMutableBytes {
        var piece = iovec(iov_base: $0.baseAddress, iov_len: small)
        for index in 0..<20_000 {
          check(readNoWait(raw, &piece, 1, (index & 0xfff) * small, 8) == small)
        }
      }
    }
    compare("pwrite 1 KiB + fdatasync (wall)", 400, wall: true, goal: "time <= 1.05x") {
      try megabyte.withBytes {
        let bytes = UnsafeRawBufferPointer(rebasing: $0[..<small])
        for index in 0..<400 {
          try file.write(bytes, at: index * small)
          try file.syncData()
        }
      }
    } peer: {
      megabyte.withBytes {
        for index in 0..<400 {
          check(pwrite(raw, $0.baseAddress, small, index * small) == small && fdatasync(raw) == 0)
        }
      }
    }
    compare("write 64 x 1 MiB, cached (wall)", 64, wall: true, goal: "time <= 1.02x") {
      for index in 0..<64 { try megabyte.withBytes { try file.write($0, at: index << 20) } }
    } peer: {
      for index in 0..<64 {
        check(megabyte.withBytes { pwrite(raw, $0.baseAddress, $0.count, index << 20) } == 1 << 20)
      }
    }
    compare("read 64 x 1 MiB, cached (wall)", 64, wall: true, goal: "time <= 1.02x") {
      for index in 0..<64 { keep(try target.withMutableBytes { try file.read(into: $0, at: index << 20) }) }
    } peer: {
      for index in 0..<64 {
        check(target.withMutableBytes { pread(raw, $0.baseAddress, $0.count, index << 20) } == 1 << 20)
      }
    }
    try file.close()
  }

  /// Runs both turn and turn about and prints the line; `wall` counts waiting too.
  private static func compare(
    _ name: String, _ operations: Int, wall: Bool, goal: String, ours: () throws -> Void,
    peer: () throws -> Void
  ) {
    func time(_ body: () throws -> Void) -> Double {
      let before = wall ? wallNanoseconds() : threadCPUNanoseconds()
      do {
        try body()
      } catch {
        print("\(name): \(error)")
        exit(1)
      }
      return Double((wall ? wallNanoseconds() : threadCPUNanoseconds()) - before) / Double(operations)
    }
    _ = (time(ours), time(peer))
    var (mine, theirs): ([Double], [Double]) = ([], [])
    for _ in 0..<15 {
      mine.append(time(ours))
      theirs.append(time(peer))
    }
    Comparison(name, ours: mine, peer: theirs).report(peerName: "libc", goal: goal)
  }

  private static func wallNanoseconds() -> UInt64 {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    return UInt64(now.tv_sec) * 1_000_000_000 + UInt64(now.tv_nsec)
  }

  /// The peer's calls must do what ours do.
  private static func check(_ holds: Bool) {
    if !holds {
      perror("peer")
      exit(1)
    }
  }
}
