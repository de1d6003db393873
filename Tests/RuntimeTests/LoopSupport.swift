// Loops for tests: each test has its own, and waits for their end.

import Bytes
import Glibc

@testable import Runtime

/// Runs `body` with loops of its own and shuts them down after it, so that a leaked task shows as a hang
/// here and not somewhere else.
@discardableResult
func withLoops<Result>(
  _ count: Int = 1, time: any TimeSource = SystemTime(),
  _ body: (EventLoopGroup) async throws -> Result
) async throws -> Result {
  var configuration = EventLoopGroup.Configuration(loops: count)
  configuration.poolThreads = 2
  configuration.name = "test"
  configuration.time = time
  let group = try EventLoopGroup(configuration)
  do {
    let result = try await body(group)
    await group.shutdown()
    return result
  } catch {
    await group.shutdown()
    throw error
  }
}

/// Sends back what it receives until the peer has finished, then finishes too.
@Sendable func echo(_ connection: consuming Connection) async {
  var connection = connection
  do throws(NetworkError) {
    while try await connection.receive() > 0 {
      connection.write(connection.input.split(connection.input.count))
      try await connection.flush()
    }
    try await connection.finishWriting()
  } catch {
    // The connection closes with its owner; the peer's side of the test says what it expected.
    return
  }
}

extension Connection {
  /// Receives until the peer has finished, or `count` bytes are there.
  mutating func receiveAll(_ count: Int = .max) async throws(NetworkError) -> [UInt8] {
    reader.inputBytesMaximum = .max
    while input.count < count, try await receive() > 0 {}
    let bytes = [UInt8](input)
    input.clear()
    return bytes
  }
}

/// Yields to other tasks until `condition` holds.
func waitUntil(_ condition: () -> Bool) async {
  while !condition() { await Task.yield() }
}

/// A path for a socket that no other test uses.
func temporaryPath(_ name: String) -> String {
  "/tmp/varve-\(getpid())-\(SystemRandom().next())-\(name)"
}

/// `count` bytes that follow from `seed`.
func pattern(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
  let random = SeededRandom(seed: seed)
  return [UInt8](unsafeUninitializedCapacity: count) { bytes, initialized in
    // A page of random bytes, numbered and repeated: quick to make, and no page is like another.
    let page = [UInt8](unsafeUninitializedCapacity: 4096) { page, initialized in
      random.fill(UnsafeMutableRawBufferPointer(page))
      initialized = 4096
    }
    for start in stride(from: 0, to: count, by: 4096) {
      let part = UnsafeMutableRawBufferPointer(
        rebasing: UnsafeMutableRawBufferPointer(bytes)[start..<min(start + 4096, count)])
      part.copyMemory(from: UnsafeRawBufferPointer(rebasing: page.withUnsafeBytes { $0 }[..<part.count]))
      if part.count >= 8 { part.storeBytes(of: seed &+ UInt64(start), as: UInt64.self) }
    }
    initialized = count
  }
}

/// The loop that runs the caller.
func onThisLoop() -> EventLoop {
  guard let loop = EventLoop.current else { preconditionFailure("not on a loop") }
  return loop
}

/// Runs `body` on a loop of its own.
func onLoop<Result: Sendable>(
  time: any TimeSource = SystemTime(), _ body: @escaping @Sendable (EventLoop) async throws -> Result
) async throws -> Result {
  try await withLoops(time: time) { group in
    let loop = group.next()
    return try await loop.run { () async throws in try await body(loop) }
  }
}

/// Two connected ends, to be taken once: a tuple cannot hold what cannot be copied.
///
/// `@unchecked Sendable`: made, taken and dropped by one task at a time.
final class Halves: @unchecked Sendable {
  private var left: Connection?
  private var right: Connection?

  init(_ left: consuming Connection, _ right: consuming Connection) {
    self.left = consume left
    self.right = consume right
  }

  /// A TCP connection to ourselves.
  static func connected(on loop: EventLoop) async throws(NetworkError) -> Halves {
    let listener = try Listener(ListeningSocket(.ip(.loopbackV4, port: 0)), on: loop)
    let left = try await loop.connect(to: listener.address)
    return Halves(left, try await listener.accept())
  }

  func drop() {
    left = nil
    right = nil
  }

  func takeLeft() -> Connection { left.take()! }
  func takeRight() -> Connection { right.take()! }
}

/// Runs `body` on a loop with both ends of a TCP connection.
func withPair(
  time: any TimeSource = SystemTime(),
  _ body: @escaping @Sendable (inout Connection, inout Connection) async throws -> Void
) async throws {
  try await onLoop(time: time) { loop in
    let halves = try await Halves.connected(on: loop)
    var left = halves.takeLeft()
    var right = halves.takeRight()
    try await body(&left, &right)
  }
}

extension Halves {
  /// A pair of Unix sockets: quicker than TCP.
  static func connectedInside(on loop: EventLoop) async throws(NetworkError) -> Halves {
    var pair: [Int32] = [0, 0]
    let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    guard socketpair(AF_UNIX, type, 0, &pair) == 0 else { throw .system(.last("socketpair")) }
    let left = try Connection(adopting: pair[0], on: loop)
    return Halves(left, try Connection(adopting: pair[1], on: loop))
  }
}
