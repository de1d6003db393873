// Files for tasks: what is cached is read at once, everything else on the pool, and refusals are errors.

import Bytes
import Files
import Runtime
import Testing

@Suite("Files for tasks") struct AsyncFileTests {
  private func withPool(
    threads: Int = 2, queueLimit: Int = 64, _ body: (SimulatedFiles, AsyncFiles) async throws -> Void
  ) async throws {
    let simulated = SimulatedFiles()
    let pool = try BlockingPool(name: "files", threads: threads, queueLimit: queueLimit)
    try await body(simulated, AsyncFiles(simulated, pool: pool))
    await pool.shutdown()
  }

  @Test func cachedReadsDoNotGoToThePool() async throws {
    try await withPool { simulated, files in
      try simulated.put("0123456789", at: "/file")
      let file = try await files.open("/file", [.read, .write])
      let before = files.pool.statistics.completed
      var buffer = ByteBuffer("kept ")
      #expect(try await file.read(into: &buffer, count: 4, at: 3) == 4)
      #expect(try await file.read(into: &buffer, count: 4, at: 10) == 0, "the end is known without the pool")
      #expect(buffer == ByteBuffer("kept 3456"))
      #expect(files.pool.statistics.completed == before)
      simulated.faults.add(FaultRule(.notCached))
      #expect(try await file.read(into: &buffer, count: 3, at: 7) == 3)
      #expect(buffer == ByteBuffer("kept 3456789"))
      #expect(files.pool.statistics.completed == before + 1)
    }
  }

  @Test func whatIsHalfCachedIsReadToTheEndOnThePool() async throws {
    try await withPool { simulated, files in
      try simulated.put("0123456789", at: "/file")
      let file = try await files.open("/file", .read)
      simulated.faults.add(FaultRule(.short(bytes: 4), on: [.readCached]))
      var buffer = ByteBuffer()
      #expect(try await file.read(into: &buffer, count: 20, at: 0) == 10)
      #expect(buffer == ByteBuffer("0123456789"))
      try await file.read(exactly: 8, into: &buffer, at: 2)
      #expect(buffer == ByteBuffer("012345678923456789"))
      await #expect(throws: FileError.unexpectedEnd(path: "/file", offset: 5, wanted: 9, got: 5)) {
        var short = ByteBuffer("before")
        defer { #expect(short == ByteBuffer("before")) }
        try await file.read(exactly: 9, into: &short, at: 5)
      }
    }
  }

  @Test func largeReadsGoToThePoolAtOnce() async throws {
    try await withPool { simulated, files in
      try simulated.replace(atomically: "/file", with: runs((7, 100_000)))
      let file = try await files.open("/file", .read)
      var buffer = ByteBuffer()
      #expect(try await file.read(into: &buffer, count: 200_000, at: 0) == 100_000)
      #expect(buffer == runs((7, 100_000)))
      #expect(!simulated.faults.record.contains { $0.operation == .readCached })
    }
  }

  @Test func writesAreDurableWhenTheySaySo() async throws {
    try await withPool { simulated, files in
      try await files.createDirectories("/a/b")
      let file = try await files.open("/a/b/file", [.read, .write, .create])
      try simulated.syncDirectory("/a/b")
      try await file.writeDurably(ByteBuffer("durable"), at: 0)
      try await file.write(ByteBuffer("lost"), at: 7)
      #expect(try simulated.afterCrash(.nothing).text(of: "/a/b/file") == "durable")
      try await file.truncate(to: 7)
      try await file.allocate(.reserve, at: 7, length: 1)
      try await file.syncData()
      try await file.sync()
      #expect(try await file.status().bytes == 8)
      try await file.close()
      try await files.replace(atomically: "/a/other", with: ByteBuffer("whole"))
      try await files.renameDurably("/a/other", to: "/a/renamed")
      try await files.removeDurably("/a/b/file")
      #expect(try await files.list("/a").map(\.name) == ["b", "renamed"])
      #expect(try await files.contents(of: "/a/renamed", bytesMaximum: 9) == ByteBuffer("whole"))
      #expect(try await files.status(of: "/a/renamed").bytes == 5)
    }
  }

  @Test func errorsComeBackAndTheBufferWithThem() async throws {
    try await withPool { simulated, files in
      try simulated.put("0123456789", at: "/file")
      let file = try await files.open("/file", .read)
      simulated.faults.add(FaultRule(.notCached))
      simulated.faults.add(FaultRule(.fail(.inputOutput), on: [.read]))
      var buffer = ByteBuffer("before")
      do throws(FileError) {
        try await file.read(into: &buffer, count: 4, at: 0)
        Issue.record("the read must fail")
      } catch {
        #expect(error == .failed(.read, path: "/file", offset: 0, length: 4, .inputOutput))
      }
      #expect(buffer == ByteBuffer("before"))
      await #expect(throws: FileError.failed(.open, path: "/no", offset: nil, length: nil, .notFound)) {
        _ = try await files.open("/no", .read)
      }
    }
  }

  @Test func aStoppedPoolDoesNothing() async throws {
    try await withPool { simulated, files in
      try simulated.put("x", at: "/file")
      let file = try await files.open("/file", [.read, .write])
      await files.pool.shutdown()
      await #expect(throws: FileError.notRun(.write, path: "/file", .shutDown)) {
        try await file.write(ByteBuffer("y"), at: 0)
      }
      #expect(try simulated.text(of: "/file") == "x")
      var buffer = ByteBuffer()
      #expect(try await file.read(into: &buffer, count: 1, at: 0) == 1, "what is cached needs no pool")
    }
  }

  @Test func aFullPoolRefuses() async throws {
    try await withPool(threads: 1, queueLimit: 0) { simulated, files in
      try simulated.put("x", at: "/file")
      let file = try await files.open("/file", [.read, .write])
      let (busy, free) = (ThreadSemaphore(), ThreadSemaphore())
      async let blocked: Void = file.perform(.write) { _ throws(FileError) in
        busy.signal()
        free.wait()
      }
      await Task.detached { busy.wait() }.value
      await #expect(throws: FileError.notRun(.syncData, path: "/file", .saturated(queued: 0))) {
        try await file.syncData()
      }
      free.signal()
      try await blocked
    }
  }

  @Test func tasksAndThreadsShareAFile() async throws {
    try await withPool(threads: 4, queueLimit: 1000) { simulated, files in
      try await withLocalDirectoryAsync { directory in
        for (system, path) in [
          (simulated as any FileSystem, FilePath("/shared")), (LocalFiles(), directory / "shared"),
        ] {
          let files = AsyncFiles(system, pool: files.pool)
          let file = try await files.open(path, [.read, .write, .create])
          try await withThrowingTaskGroup(of: Void.self) { group in
            for index in 0..<32 {
              group.addTask {
                let piece = runs((UInt8(index + 1), 1000))
                for round in 0..<4 {
                  try await file.write(piece, at: (index * 4 + round) * 1000)
                  var back = ByteBuffer()
                  try await file.read(exactly: 1000, into: &back, at: (index * 4 + round) * 1000)
                  #expect(back == piece)
                }
              }
            }
            try await group.waitForAll()
          }
          #expect(try await file.status().bytes == 128_000)
          try await file.close()
        }
      }
    }
  }
}

/// Runs `body` with a fresh directory of this machine.
private func withLocalDirectoryAsync(_ body: (FilePath) async throws -> Void) async throws {
  let files = LocalFiles()
  let directory = try files.createTemporaryDirectory(in: temporaryRoot, prefix: "varve-files-")
  do {
    try await body(directory)
  } catch {
    try files.removeTree(directory)
    throw error
  }
  try files.removeTree(directory)
}
