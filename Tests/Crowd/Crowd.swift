// A crowd of idle clients in a process of its own, so that what a server's process needs for them can be told from
// what they need themselves: each connects, asks once, and then stays. Parents hold it by CrowdProcess.

import Bytes
import Glibc
import Runtime
import TLS

/// What a crowd cannot do.
public struct CrowdFailure: Error, CustomStringConvertible {
  /// What happened.
  public let description: String
  /// A failure that says `description`.
  public init(_ description: String) { self.description = description }
}

/// How the clients of a crowd speak.
public enum CrowdManner: String, Sendable, CaseIterable {
  /// HTTP/1.1.
  case plain
  /// HTTP/1.1 over TLS.
  case tls
  /// HTTP/2 without TLS.
  case http2
}

/// The crowd's own side.
public enum Crowd {
  /// Descriptors that are for something else than clients.
  private static let sparedDescriptors = 64
  /// Clients of one address, well under what a server lets in from one.
  private static let clientsPerAddress = 2_500
  /// Handshakes of TLS at the same time.
  private static let handshakesAtOnce = 16

  /// Allows this process as many descriptors as the system lets it have.
  ///
  /// - Returns: how many clients that is room for.
  @discardableResult public static func raiseDescriptorLimit() throws -> Int {
    var limit = rlimit()
    let kind = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    guard getrlimit(kind, &limit) == 0 else { throw CrowdFailure("getrlimit: errno \(errno)") }
    limit.rlim_cur = limit.rlim_max
    guard setrlimit(kind, &limit) == 0 else { throw CrowdFailure("setrlimit: errno \(errno)") }
    return Int(clamping: limit.rlim_cur) - sparedDescriptors
  }

  /// Connects `count` clients to a port of this machine, or as many as there may be, says `held N`, and stays until
  /// standard input ends.
  ///
  /// - Parameters:
  ///   - path: what each asks for once; the answer has to end with `hello`.
  ///   - authority: the certificate to trust, for TLS.
  public static func hold(
    _ count: Int, port: UInt16, manner: CrowdManner, path: String = "/hello", authority: String? = nil
  ) async throws {
    let possible = min(count, try raiseDescriptorLimit())
    switch manner {
    case .plain, .http2:
      let request = manner == .plain ? plainRequest(path) : http2Request(path)
      var held: [Int32] = []
      for number in 0..<possible {
        let descriptor = try connect(port, from: UInt8(1 + number / clientsPerAddress))
        held.append(descriptor)
        try ask(request, on: descriptor)
      }
      stay(possible)
      for descriptor in held { close(descriptor) }
    case .tls:
      guard let authority else { throw CrowdFailure("TLS needs somebody to trust") }
      try await holdSecurely(possible, port: port, path, authority)
    }
  }

  private static func stay(_ count: Int) {
    print("held \(count)")
    fflush(nil)
    while readLine() != nil {}
  }

  // MARK: Without TLS

  private static func plainRequest(_ path: String) -> [UInt8] {
    Array("GET \(path) HTTP/1.1\r\nHost: crowd\r\n\r\n".utf8)
  }

  /// A preface, SETTINGS, and HEADERS of one stream that ends with them.
  private static func http2Request(_ path: String) -> [UInt8] {
    // GET and http by the static table; the path and the authority as literals that are not indexed.
    let fields: [UInt8] =
      [0x82, 0x86, 0x04, UInt8(path.utf8.count)] + Array(path.utf8) + [0x01, 5] + Array("crowd".utf8)
    return Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) + [0, 0, 0, 4, 0, 0, 0, 0, 0]
      + [0, 0, UInt8(fields.count), 1, 5, 0, 0, 0, 1] + fields
  }

  /// A blocking connection from 127.0.0.`host`.
  public static func connect(_ port: UInt16, from host: UInt8) throws -> Int32 {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw CrowdFailure("socket: errno \(errno)") }
    func fail(_ operation: String) -> CrowdFailure {
      defer { close(descriptor) }
      return CrowdFailure("\(operation): errno \(errno)")
    }
    // The port is chosen when connecting, so that each address has all of them.
    var isLate: Int32 = 1
    guard setsockopt(descriptor, Int32(IPPROTO_IP), 24, &isLate, 4) == 0 else { throw fail("setsockopt") }
    func with(_ host: UInt8, _ port: UInt16, _ call: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
      var address = sockaddr_in()
      address.sin_family = sa_family_t(AF_INET)
      address.sin_port = port.bigEndian
      address.sin_addr.s_addr = (0x7f00_0000 | UInt32(host)).bigEndian
      return withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          call($0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
      }
    }
    guard with(host, 0, { bind(descriptor, $0, $1) }) == 0 else { throw fail("bind") }
    guard with(1, port, { Glibc.connect(descriptor, $0, $1) }) == 0 else { throw fail("connect") }
    return descriptor
  }

  /// Asks, and waits for the answer.
  private static func ask(_ request: [UInt8], on descriptor: Int32) throws {
    guard send(descriptor, request, request.count, Int32(MSG_NOSIGNAL)) == request.count else {
      throw CrowdFailure("send: errno \(errno)")
    }
    var answer: [UInt8] = []
    while !answer.suffix(64).containsHello {
      let piece = [UInt8](unsafeUninitializedCapacity: 4096) { room, count in
        count = max(0, recv(descriptor, room.baseAddress, room.count, 0))
      }
      if piece.isEmpty { throw CrowdFailure("a client was sent away: errno \(errno)") }
      answer += piece
    }
  }

  // MARK: With TLS

  private static func holdSecurely(
    _ count: Int, port: UInt16, _ path: String, _ authority: String
  ) async throws {
    let context = try TLSClientContext(TLSClientConfiguration(trust: .authorities(file: authority)))
    let crowd = SecureCrowd(count, port, path, context)
    let group = try EventLoopGroup(EventLoopGroup.Configuration(loops: 1))
    let loop = group.loops[0]
    for _ in 0..<handshakesAtOnce { crowd.admitNext(on: loop) }
    while crowd.arrived < count {
      if let error = crowd.failure { throw error }
      usleep(1000)  // lint:allow-sleep: a process of its own that waits for its clients to be there
    }
    stay(count)
    // The clients have no end of their own.
    exit(0)
  }
}

/// Clients that speak TLS, on one loop; each lets the next in when it has arrived.
private final class SecureCrowd: Sendable {
  private struct State {
    var left: Int
    var arrived = 0
    var failure: NetworkError?
  }

  private let state: Locked<State>
  private let port: UInt16
  private let request: String
  private let context: TLSClientContext

  init(_ count: Int, _ port: UInt16, _ path: String, _ context: TLSClientContext) {
    state = Locked(State(left: count))
    self.port = port
    self.context = context
    request = "GET \(path) HTTP/1.1\r\nHost: crowd\r\n\r\n"
  }

  var arrived: Int { state.withLock { $0.arrived } }
  var failure: NetworkError? { state.withLock { $0.failure } }

  func admitNext(on loop: EventLoop) {
    let isAny = state.withLock { state in
      state.left -= 1
      return state.left >= 0
    }
    guard isAny else { return }
    _ = loop.spawn {
      do throws(NetworkError) {
        try await self.stay(on: loop)
        throw .closed
      } catch {
        self.state.withLock { $0.failure = error }
      }
    }
  }

  /// Returns when the server has closed.
  private func stay(on loop: EventLoop) async throws(NetworkError) {
    let connection = try await loop.connect(to: .ip(.loopbackV4, port: port))
    var transport = try await Transport.connect(connection, context, host: "localhost")
    transport.output.append(request)
    try await transport.flush()
    while !transport.input.withReadableBytes({ Array($0.suffix(64))[...].containsHello }) {
      if try await transport.receive() == 0 { throw .closed }
    }
    transport.input.clear()
    state.withLock { $0.arrived += 1 }
    admitNext(on: loop)
    while try await transport.receive() > 0 { transport.input.clear() }
  }
}

extension ArraySlice<UInt8> {
  /// Whether the word that answers end with is here.
  fileprivate var containsHello: Bool {
    guard count >= 5 else { return false }
    return (startIndex...(endIndex - 5)).contains { self[$0..<$0 + 5].elementsEqual("hello".utf8) }
  }
}
