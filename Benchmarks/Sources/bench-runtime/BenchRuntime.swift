// What the runtime costs: echoing over loopback beside a C epoll loop of the same shape, suspending a task
// and waking it, and what an idle connection keeps.

import Bytes
import CEchoPeer
import Glibc
import Measure
@_spi(Measure) import Runtime

@main
struct BenchRuntime {
  static let serverCore: Int32 = 0
  static let loadCore: Int32 = EventLoopGroup.coreCount > 1 ? 1 : 0

  static func main() throws {
    let group = try EventLoopGroup(.init(loops: 1))
    let loop = group.loops[0]
    // All parts, or those named: echo, wait, idle.
    let parts = CommandLine.arguments.dropFirst()
    func wants(_ part: String) -> Bool { parts.isEmpty || parts.contains(part) }
    if wants("echo") { try echoing(group, loop) }
    if wants("wait") { suspending(loop) }
    if wants("idle") { try idling(group) }
  }

  // MARK: Echo

  static func echoing(_ group: EventLoopGroup, _ loop: EventLoop) throws {
    let (requests, connections, runs) = (50_000, Int32(64), 7)
    let clock = onLoop(loop) { _ in
      echo_bind_to(serverCore)
      return echo_thread_clock()
    }
    let server = try SocketServer(listeningAt: .ip(.loopbackV4, port: 0), on: group) { connection in
      var connection = connection
      do throws(NetworkError) {
        while try await connection.receive() > 0 {
          connection.output.append(connection.input)
          connection.input.clear()
          try await connection.flush()
        }
      } catch {
        print("echo: \(error)")
      }
    }
    guard let peer = echo_peer_start(serverCore) else { preconditionFailure("no peer") }
    let port = server.address.port ?? 0
    func measure(_ port: UInt16, _ clock: clockid_t) -> Double {
      let before = echo_clock_nanoseconds(clock)
      let result = echo_load(port, connections, requests, loadCore)
      precondition(result == 0, "a wrong answer")
      return Double(echo_clock_nanoseconds(clock) - before) / Double(requests)
    }
    _ = measure(port, clock)
    _ = measure(echo_peer_port(peer), echo_peer_clock(peer))
    var (ours, theirs): ([Double], [Double]) = ([], [])
    let allocationsBefore = echo_allocations()
    for _ in 0..<runs {
      ours.append(measure(port, clock))
      theirs.append(measure(echo_peer_port(peer), echo_peer_clock(peer)))
    }
    let allocations = echo_allocations() - allocationsBefore
    Comparison("echo 1 KiB, 64 connections, CPU", ours: ours, peer: theirs)
      .report(peerName: "C epoll loop", goal: "time 1.1x")
    let each = Double(allocations) / Double(requests * runs)
    print("  allocations of the whole process: \(allocations), \(each) a request (connecting included)")
    print("  loop: \(loop.statistics)")
  }

  // MARK: Suspension

  static func suspending(_ loop: EventLoop) {
    let (tasks, rounds) = (200, 5_000)
    for (name, hasDeadline) in [("wait and resume", false), ("the same with a deadline", true)] {
      var figures: [Double] = []
      var allocations: UInt64 = 0
      for _ in 0..<7 {
        let result = waits(loop, tasks, rounds, hasDeadline)
        figures.append(result.nanoseconds)
        allocations = result.allocations
      }
      print(
        "\(name): \(median(figures)) ns, \(allocations) allocations in \(tasks * rounds)   goal: 250 ns, 0")
    }
  }

  static func waits(
    _ loop: EventLoop, _ tasks: Int, _ rounds: Int, _ hasDeadline: Bool
  ) -> (nanoseconds: Double, allocations: UInt64) {
    let events = Locked<[UInt64]>([])
    let done = ThreadSemaphore()
    for _ in 0..<tasks {
      loop.spawn {
        var pair: [Int32] = [0, 0]
        precondition(echo_socket_pair(&pair) == 0, "no socket pair")
        defer { close(pair[1]) }
        do throws(NetworkError) {
          let connection = try Connection(measuring: pair[0], on: loop)
          let deadline = hasDeadline ? loop.deadline(in: .seconds(60)) : nil
          events.withLock { $0.append(connection.reader.eventData) }
          for _ in 0..<rounds { try await connection.reader.waitReadable(until: deadline) }
        } catch {
          preconditionFailure("\(error)")
        }
        done.signal()
      }
    }
    while events.withLock({ $0.count }) < tasks { usleep(1000) }
    usleep(10_000)
    let driver = Driver(events: events.withLock { $0 }, rounds: rounds)
    loop.post { driver.start($0) }
    withExtendedLifetime(driver) { for _ in 0..<tasks { done.wait() } }
    return (Double(driver.nanoseconds) / Double(tasks * (rounds - 1)), driver.allocations)
  }

  /// Makes every connection readable, round after round, with as little as can be between the rounds.
  ///
  /// `@unchecked Sendable`: touched by the loop's thread, and by the caller once every task is done.
  final class Driver: @unchecked Sendable {
    private let events: [UInt64]
    private var left: Int
    private var step: @Sendable (EventLoop) -> Void = { _ in }
    var nanoseconds: UInt64 = 0
    var allocations: UInt64 = 0

    init(events: [UInt64], rounds: Int) {
      self.events = events
      left = rounds
      step = { [self] loop in
        for event in self.events { loop.pretendReadable(event) }
        self.left -= 1
        if self.left > 0 {
          loop.post(self.step)
        } else {
          // The last round's tasks have yet to run, and are left out of the figures.
          nanoseconds = threadCPUNanoseconds() - nanoseconds
          allocations = echo_allocations() - allocations
          step = { _ in }
        }
      }
    }

    func start(_ loop: EventLoop) {
      nanoseconds = threadCPUNanoseconds()
      allocations = echo_allocations()
      step(loop)
    }
  }

  // MARK: Idle connections

  static func idling(_ group: EventLoopGroup) throws {
    let count = 4_000
    let server = try SocketServer(listeningAt: .unix(path: "@varve-bench-\(getpid())"), on: group) {
      connection in
      var connection = connection
      do throws(NetworkError) {
        while try await connection.receive() > 0 { connection.input.clear() }
      } catch {
        print("idle: \(error)")
      }
    }
    let before = echo_heap_bytes()
    let clients = try onLoop(group.loops[0]) { _ in [Int32]() } + connectMany(server.address, count)
    while server.statistics.open < count { usleep(1000) }
    usleep(100_000)
    let each = (echo_heap_bytes() - before) / UInt64(count)
    print("idle connection: \(each) bytes of heap   goal: about 1 KiB")
    for client in clients { close(client) }
  }

  static func connectMany(_ address: SocketAddress, _ count: Int) throws -> [Int32] {
    guard case .unix(let path) = address else { preconditionFailure("a Unix socket") }
    return (0..<count).map { _ in
      let client = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
      var name = sockaddr_un()
      name.sun_family = sa_family_t(AF_UNIX)
      withUnsafeMutableBytes(of: &name.sun_path) { room in
        for (index, byte) in path.utf8.enumerated() { room[index] = index == 0 ? 0 : byte }
      }
      let length = socklen_t(MemoryLayout<sa_family_t>.size + path.utf8.count)
      let result = withUnsafePointer(to: &name) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(client, $0, length) }
      }
      precondition(result == 0, "connect failed")
      return client
    }
  }

  /// Runs `body` on the loop's thread and waits for it.
  static func onLoop<Result: Sendable>(
    _ loop: EventLoop, _ body: @escaping @Sendable (EventLoop) -> Result
  ) -> Result {
    let result = Locked<Result?>(nil)
    let done = ThreadSemaphore()
    loop.post { loop in
      let value = body(loop)
      result.withLock { $0 = value }
      done.signal()
    }
    done.wait()
    guard let value = result.withLock({ $0 }) else { preconditionFailure("set before the signal") }
    return value
  }
}
