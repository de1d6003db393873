// What TLS costs: the CPU time of answering with a file, beside OpenSSL used the plain way in the same run, and
// the memory that an idle connection keeps.

import CEchoPeer
import CTLSPeer
import Glibc
import Measure
import Runtime
import TLS

@main
struct BenchTLS {
  static let serverCore: Int32 = 0
  static let loadCore: Int32 = EventLoopGroup.coreCount > 1 ? 1 : 0

  static func main() throws {
    let folder = ".build-bench-tls-\(getpid())"
    let made = system(
      """
      mkdir -p \(folder) && cd \(folder) && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
      -days 2 -subj /CN=localhost -keyout key.pem -out certificate.pem 2>log \
      && head -c 1024 /dev/urandom >1K && head -c 65536 /dev/urandom >64K && head -c 1048576 /dev/urandom >1M
      """)
    precondition(made == 0, "no certificate could be made")
    defer { _ = system("rm -rf \(folder)") }
    let identity = TLSIdentity(
      certificateFile: "\(folder)/certificate.pem", keyFile: "\(folder)/key.pem")
    let context = try TLSServerContext(TLSServerConfiguration(identities: [identity]))
    let group = try EventLoopGroup(.init(loops: 1))
    try idling(group, context)
    for (name, bytes, requests) in [("1K", 1 << 10, 20_000), ("64K", 64 << 10, 3_000), ("1M", 1 << 20, 300)] {
      try answering(group, context, identity, file: "\(folder)/\(name)", bytes: bytes, requests: requests)
    }
  }

  // MARK: Files

  static func answering(
    _ group: EventLoopGroup, _ context: TLSServerContext, _ identity: TLSIdentity, file: String, bytes: Int,
    requests: Int
  ) throws {
    let runs = 5
    let descriptor = open(file, O_RDONLY)
    precondition(descriptor >= 0, "no file")
    let clock = onLoop(group.loops[0]) { _ in
      echo_bind_to(serverCore)
      return echo_thread_clock()
    }
    let server = try SocketServer(listeningAt: .ip(.loopbackV4, port: 0), on: group) { connection in
      do throws(NetworkError) {
        var transport = try await Transport.accept(connection, context)
        while try await transport.receive() > 0 {
          for _ in 0..<transport.input.count {
            try await transport.send(FileRange(descriptor: descriptor, offset: 0, count: bytes))
          }
          transport.input.clear()
        }
      } catch {
        if error != .closed { print("file: \(error)") }
      }
    }
    guard
      let peer = tls_peer_start(identity.certificateFile, identity.keyFile, file, serverCore)
    else { preconditionFailure("no peer") }
    let port = server.address.port ?? 0
    func measure(_ port: UInt16, _ clock: clockid_t) -> Double {
      let before = echo_clock_nanoseconds(clock)
      let result = tls_load(port, requests, bytes, loadCore)
      precondition(result == 0, "an answer is missing")
      return Double(echo_clock_nanoseconds(clock) - before) / Double(requests)
    }
    _ = measure(port, clock)
    _ = measure(tls_peer_port(peer), tls_peer_clock(peer))
    var (ours, theirs): ([Double], [Double]) = ([], [])
    let allocationsBefore = echo_allocations()
    for _ in 0..<runs { ours.append(measure(port, clock)) }
    let allocations = Double(echo_allocations() - allocationsBefore) / Double(requests * runs)
    for _ in 0..<runs { theirs.append(measure(tls_peer_port(peer), tls_peer_clock(peer))) }
    Comparison("a file of \(bytes >> 10) KiB by TLS 1.3, CPU", ours: ours, peer: theirs)
      .report(peerName: "OpenSSL on a blocking socket", goal: "time 1.0x")
    print("  \(allocations) allocations an answer, those of the client included")
  }

  // MARK: Idle connections

  /// Python's client, so that its memory is not counted.
  static let idleClient = """
    import select, socket, ssl, sys
    context = ssl.create_default_context(); context.check_hostname = False; context.verify_mode = ssl.CERT_NONE
    held = []
    for _ in range(int(sys.argv[2])):
        tls = context.wrap_socket(socket.create_connection(("127.0.0.1", int(sys.argv[1]))))
        tls.sendall(b"?"); tls.recv(100); held.append(tls)
    print("ready", flush=True)
    # Until nobody reads what it prints any more.
    end = select.poll(); end.register(1, 0); end.poll()
    """

  static func idling(_ group: EventLoopGroup, _ context: TLSServerContext) throws {
    let server = try SocketServer(listeningAt: .ip(.loopbackV4, port: 0), on: group) { connection in
      do throws(NetworkError) {
        var transport = try await Transport.accept(connection, context)
        while try await transport.receive() > 0 {
          transport.write(transport.input.split(transport.input.count))
          try await transport.flush()
        }
      } catch {
        if error != .closed { print("idle: \(error)") }
      }
    }
    func heap(holding count: Int) -> (heap: UInt64, resident: UInt64) {
      guard let client = popen("python3 -c '\(idleClient)' \(server.address.port ?? 0) \(count)", "r") else {
        preconditionFailure("no client")
      }
      defer { pclose(client) }
      var line = [CChar](repeating: 0, count: 16)
      precondition(fgets(&line, 16, client) != nil, "the client failed")
      return (echo_heap_bytes(), residentBytes())
    }
    let count = 800
    // What the first connections set up once is not counted.
    let before = heap(holding: 100)
    let after = heap(holding: count)
    while server.statistics.open > 0 { usleep(1000) }
    let each = Int(after.heap - before.heap) / (count - 100)
    print("idle TLS connection: \(each) bytes of heap   goal: 32 KiB")
    print("  resident: \((Int(after.resident) - Int(before.resident)) / (count - 100)) bytes")
  }

  static func residentBytes() -> UInt64 {
    guard let file = fopen("/proc/self/statm", "r") else { return 0 }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 128)
    guard fgets(&line, 128, file) != nil else { return 0 }
    let fields = String(decoding: line.map { UInt8(bitPattern: $0) }, as: UTF8.self).split(separator: " ")
    return (UInt64(fields[1]) ?? 0) * 4096
  }

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
