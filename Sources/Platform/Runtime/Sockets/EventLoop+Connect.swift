// Connecting: to one address, to the first of several that answers, or to a name.

import CLinux
import Glibc

extension EventLoop {
  /// How long to wait before asking a Unix socket with a full backlog again: the kernel gives no event.
  static let fullBacklogPause = Duration.milliseconds(5)

  /// Connects to `address`. On the loop only; the connection stays on it.
  public func connect(
    to address: SocketAddress, until deadline: MonotonicInstant? = nil
  ) async throws(NetworkError) -> Connection {
    precondition(isCurrent, "connect on the loop that the connection will live on")
    let socket = try Self.makeSocket(for: address)
    while true {
      let descriptor = socket.descriptor
      if address.withKernelForm({ Glibc.connect(descriptor, $0, $1) }) == 0 {
        return try Connection(adopting: socket.release(), on: self)
      }
      switch errno {
      case EINPROGRESS, EINTR:
        return try await finishConnecting(socket.release(), address, until: deadline)
      case EAGAIN where address.family == AF_UNIX:
        try await pause(until: deadline)
      default:
        throw .unreachable(address, .last("connect"))
      }
    }
  }

  private static func makeSocket(for address: SocketAddress) throws(NetworkError) -> Socket {
    do throws(SystemError) {
      let socket = try Socket(family: address.family)
      try socket.setNoDelay(address)
      return socket
    } catch {
      throw .system(error)
    }
  }

  private func finishConnecting(
    _ descriptor: Int32, _ address: SocketAddress, until deadline: MonotonicInstant?
  ) async throws(NetworkError) -> Connection {
    let connection = try Connection(adopting: descriptor, on: self, ready: [])
    try await connection.reader.stream.ready(.write, until: deadline)
    var code: Int32 = 0
    var length = socklen_t(MemoryLayout<Int32>.size)
    guard getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &length) == 0 else {
      throw .system(.last("getsockopt"))
    }
    guard code == 0 else { throw .unreachable(address, SystemError(code: code, operation: "connect")) }
    return connection
  }

  private func pause(until deadline: MonotonicInstant?) async throws(NetworkError) {
    if let deadline, deadline <= now { throw .timedOut }
    do {
      let next = self.deadline(in: Self.fullBacklogPause)
      try await sleep(until: deadline.map { min($0, next) } ?? next)
    } catch {
      throw .cancelled
    }
  }

  /// Connects to the first of `addresses` that answers. Each gets an equal share of the time that is left,
  /// so that one that swallows packets does not use it all up.
  public func connect(
    toFirstOf addresses: [SocketAddress], until deadline: MonotonicInstant? = nil
  ) async throws(NetworkError) -> Connection {
    precondition(!addresses.isEmpty, "there is an address to connect to")
    var last = NetworkError.timedOut
    for (index, address) in addresses.enumerated() {
      let share = deadline.map { deadline in
        now.advanced(by: deadline.since(now) / (addresses.count - index))
      }
      do throws(NetworkError) {
        return try await connect(to: address, until: share)
      } catch {
        if error == .cancelled { throw error }
        last = error
      }
    }
    throw last
  }

  /// Connects to a host by name or address.
  public func connect(
    toHost host: String, port: UInt16, until deadline: MonotonicInstant? = nil
  ) async throws(NetworkError) -> Connection {
    try await connect(toFirstOf: resolve(host, port: port), until: deadline)
  }

  /// The addresses of a host, in the order in which the system would try them.
  public func resolve(_ host: String, port: UInt16) async throws(NetworkError) -> [SocketAddress] {
    if let address = IPAddress(host) { return [.ip(address, port: port)] }
    return try await pool.perform(
      whenFull: .wait, refusal: { $0 == .cancelled ? NetworkError.cancelled : NetworkError.pool($0) }
    ) { () throws(NetworkError) in
      try Self.lookUp(host, port: port)
    }
  }

  private static func lookUp(_ host: String, port: UInt16) throws(NetworkError) -> [SocketAddress] {
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var list: UnsafeMutablePointer<addrinfo>?
    let result = getaddrinfo(host, nil, &hints, &list)
    guard result == 0 else {
      let reason =
        result == EAI_SYSTEM
        ? SystemError.last("getaddrinfo").description : String(cString: gai_strerror(result))
      throw .unknownHost(host, reason: reason)
    }
    defer { freeaddrinfo(list) }
    var addresses: [SocketAddress] = []
    var entry = list
    while let current = entry {
      var storage = sockaddr_storage()
      let length = min(Int(current.pointee.ai_addrlen), MemoryLayout<sockaddr_storage>.size)
      memcpy(&storage, current.pointee.ai_addr, length)
      if case .ip(let ip, _)? = SocketAddress(storage, length: current.pointee.ai_addrlen) {
        addresses.append(.ip(ip, port: port))
      }
      entry = current.pointee.ai_next
    }
    guard !addresses.isEmpty else { throw .unknownHost(host, reason: "no internet address") }
    return addresses
  }
}
