import Bytes
import Glibc
import Testing

@testable import Runtime

@Suite("Sending files") struct FileSendTests {
  /// A file that is gone when the test ends.
  final class TemporaryFile: Sendable {
    let descriptor: Int32
    init(_ bytes: [UInt8]) {
      let path = temporaryPath("file")
      descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
      precondition(descriptor >= 0 && unlink(path) == 0)
      var written = 0
      while written < bytes.count {
        let count = bytes[written...].withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        precondition(count > 0)
        written += count
      }
    }
    deinit { close(descriptor) }
  }

  @Test(arguments: [0, 1, 4096, 16 << 10, (16 << 10) + 1, 64 << 10, 5 << 20], [true, false])
  func sendsHeadAndBodyInOrder(_ count: Int, isCold: Bool) async throws {
    let bytes = pattern(count)
    let file = TemporaryFile([9, 9, 9] + bytes + [8])
    if isCold {
      fsync(file.descriptor)
      posix_fadvise(file.descriptor, 0, 0, POSIX_FADV_DONTNEED)
    }
    try await withLoops { group in
      let received = try await group.next().run { () async throws -> [UInt8] in
        let halves = try await Halves.connected(on: onThisLoop())
        async let received = Self.receive(halves)
        try await Self.send(halves, FileRange(descriptor: file.descriptor, offset: 3, count: count))
        return try await received
      }
      #expect(received == Array("head ".utf8) + bytes + Array(" tail".utf8))
    }
  }

  private static func receive(_ halves: Halves) async throws(NetworkError) -> [UInt8] {
    var right = halves.takeRight()
    return try await right.receiveAll()
  }

  private static func send(_ halves: Halves, _ range: FileRange) async throws(NetworkError) {
    var left = halves.takeLeft()
    left.output.append("head ")
    try await left.send(range)
    left.output.append(" tail")
    try await left.finishWriting()
  }

  @Test(arguments: [100, 100_000]) func reportsAFileThatIsTooShort(_ size: Int) async throws {
    let file = TemporaryFile(pattern(size))
    try await withPair { left, _ in
      await #expect(throws: NetworkError.fileTruncated(bytesMissing: 50)) {
        try await left.send(FileRange(descriptor: file.descriptor, offset: 0, count: size + 50))
      }
    }
  }

  @Test func reportsAFileThatShrinksWhileItIsSent() async throws {
    let size = 24 << 20
    let file = TemporaryFile(pattern(size))
    try await onLoop { loop in
      let halves = try await Halves.connected(on: loop)
      let stream = Locked<SocketStream?>(nil)
      async let outcome = Self.sendReporting(
        halves, FileRange(descriptor: file.descriptor, offset: 0, count: size), stream)
      // Wait until the socket is full and most of the file unsent.
      while true {
        if let stream = stream.withLock({ $0 }),
          loop.core.pointee.descriptors[stream.descriptor].pointee.writing.waiter != nil
        {
          break
        }
        await loop.yield()
      }
      #expect(ftruncate(file.descriptor, 16 << 20) == 0)
      var right = halves.takeRight()
      var received = 0
      while true {
        let count = try await right.receive()
        if count == 0 { break }
        received += count
        right.input.clear()
      }
      #expect(await outcome == .fileTruncated(bytesMissing: size - (16 << 20)))
      #expect(received == 16 << 20)
    }
  }

  private static func sendReporting(
    _ halves: Halves, _ range: FileRange, _ stream: Locked<SocketStream?>
  ) async -> NetworkError? {
    var left = halves.takeLeft()
    let socket = left.writer.stream
    stream.withLock { $0 = socket }
    defer { stream.withLock { $0 = nil } }
    do throws(NetworkError) { try await left.send(range) } catch { return error }
    return nil
  }

  @Test func reportsADescriptorThatIsNoFile() async throws {
    try await withPair { left, _ in
      await #expect(throws: NetworkError.system(SystemError(code: EBADF, operation: "pread"))) {
        try await left.send(FileRange(descriptor: 9_999, offset: 0, count: 10))
      }
      await #expect(throws: NetworkError.system(SystemError(code: EBADF, operation: "sendfile"))) {
        try await left.send(FileRange(descriptor: 9_999, offset: 0, count: 100_000))
      }
    }
  }
}
