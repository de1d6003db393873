// Sinks against the operating system: files that are moved away, pipes without a reader, full disks.

import Glibc
import Peers
import Runtime
import Testing

@testable import Telemetry

/// The whole of a file.
func contents(of path: String) throws -> String {
  let file = open(path, O_RDONLY | O_CLOEXEC)
  try #require(file >= 0, "\(path) cannot be read: errno \(errno)")
  defer { close(file) }
  var bytes: [UInt8] = []
  while true {
    let part = [UInt8](unsafeUninitializedCapacity: 1 << 16) {
      $1 = max(0, read(file, $0.baseAddress, $0.count))
    }
    if part.isEmpty { return String(decoding: bytes, as: UTF8.self) }
    bytes += part
  }
}

@Suite("Log sinks") struct SinkTests {
  private func write(_ text: String, to sink: some LogSink) throws -> Int {
    var text = text
    return try text.withUTF8 { try sink.write(UnsafeRawBufferPointer($0)) }
  }

  @Test func aFileIsAppendedToAndReopenedInPlace() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/log"
    let sink = try FileSink(path: path)
    let descriptor = sink.descriptor
    #expect(try write("one\n", to: sink) == 4)
    #expect(rename(path, path + ".1") == 0)
    #expect(try write("two\n", to: sink) == 4)
    try sink.reopen()
    #expect(sink.descriptor == descriptor)
    #expect(try write("three\n", to: sink) == 6)
    #expect(try contents(of: path + ".1") == "one\ntwo\n")
    #expect(try contents(of: path) == "three\n")
    #expect(try write("four\n", to: FileSink(path: path)) == 5)
    #expect(try contents(of: path) == "three\nfour\n")
    #expect(!sink.isTerminal)
  }

  @Test func aLogFileIsNotForEveryone() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/log"
    _ = try FileSink(path: path)
    var status = stat()
    #expect(stat(path, &status) == 0 && status.st_mode & 0o027 == 0)
  }

  @Test func aFileThatCannotBeOpenedIsAnErrorThatNamesIt() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/none/log"
    #expect(throws: LogSinkError.cannotOpen(path: path, errno: ENOENT)) { try FileSink(path: path) }
  }

  @Test func aFailedReopenKeepsTheOldFile() throws {
    let folder = try TemporaryFolder()
    let inner = folder.path + "/inner"
    #expect(mkdir(inner, 0o700) == 0)
    let sink = try FileSink(path: inner + "/log")
    #expect(rename(inner + "/log", folder.path + "/moved") == 0 && rmdir(inner) == 0)
    #expect(throws: LogSinkError.cannotOpen(path: inner + "/log", errno: ENOENT)) { try sink.reopen() }
    #expect(try write("kept\n", to: sink) == 5)
    #expect(try contents(of: folder.path + "/moved") == "kept\n")
  }

  @Test func aFullDiskIsAnError() throws {
    let sink = try FileSink(path: "/dev/full")
    #expect(throws: LogSinkError.cannotWrite(errno: ENOSPC)) { try write("x", to: sink) }
  }

  @Test func aPipeWithoutAReaderIsAnErrorAndNotADeath() throws {
    var ends: [Int32] = [-1, -1]
    try #require(pipe(&ends) == 0)
    close(ends[0])
    // The pipeline's writer runs with SIGPIPE blocked, as every thread of the house.
    let pipeline = try LogPipeline(sink: DescriptorSink(ends[1]))
    pipeline.logger("net").info("lost")
    #expect(pipeline.flush(within: .seconds(60)))
    #expect(pipeline.counts.lastError == .cannotWrite(errno: EPIPE))
    close(ends[1])
  }

  @Test func aNonBlockingDescriptorIsWaitedFor() throws {
    var ends: [Int32] = [-1, -1]
    try #require(pipe(&ends) == 0)
    #expect(fcntl(ends[1], F_SETFL, O_NONBLOCK) == 0)
    let sink = DescriptorSink(ends[1])
    let pipeline = try LogPipeline(sink: sink)
    let log = pipeline.logger("net")
    // Twice what a pipe holds.
    for number in 0..<2000 { log.info("a line long enough to fill the pipe", ["number": .int(number)]) }
    let reading = ends[0]
    let received = Locked<[UInt8]>([])
    let reader = try SystemThread.start(name: "reader") {
      while true {
        let part = [UInt8](unsafeUninitializedCapacity: 4096) {
          $1 = max(0, read(reading, $0.baseAddress, $0.count))
        }
        if part.isEmpty { return }
        received.withLock { $0 += part }
      }
    }
    #expect(pipeline.flush(within: .seconds(60)))
    close(ends[1])
    reader.join()
    close(ends[0])
    let lines = String(decoding: received.withLock { $0 }, as: UTF8.self).split(separator: "\n")
    #expect(lines.count == 2000 && lines.last?.hasSuffix("number=1999") == true)
  }

  @Test func aTerminalIsColouredUnlessToldOtherwise() throws {
    // What posix_openpt, unlockpt and ptsname do, by hand: they are not in Swift's Glibc.
    let terminal = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
    var number: UInt32 = 0
    var unlocked: Int32 = 0
    let setLock: UInt = 0x4004_5431
    let getNumber: UInt = 0x8004_5430
    try #require(ioctl(terminal, setLock, &unlocked) == 0 && ioctl(terminal, getNumber, &number) == 0)
    let name = "/dev/pts/\(number)"
    let side = open(name, O_RDWR | O_NOCTTY)
    defer {
      close(side)
      close(terminal)
    }
    for (colour, coloured) in [(LogPipeline.Colour.onTerminal, true), (.never, false)] {
      let pipeline = try LogPipeline(sink: DescriptorSink(side), colour: colour)
      pipeline.logger("net").info("seen")
      #expect(pipeline.close(within: .seconds(60)))
      var bytes = [UInt8](repeating: 0, count: 1024)
      let count = read(terminal, &bytes, bytes.count)
      #expect(
        String(decoding: bytes.prefix(max(0, count)), as: UTF8.self).contains("\u{1b}[32minfo") == coloured)
    }
  }
}
