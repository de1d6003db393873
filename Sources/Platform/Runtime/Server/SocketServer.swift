// A server of connections: it listens on every loop, starts one task for each connection, keeps to its
// caps, and drains. What is said on a connection is the handler's business. Accepting is here; draining is
// SocketServer+Drain.swift.

import Glibc

/// Accepts connections and runs a handler for each.
public final class SocketServer: Sendable {
  /// What one connection's task does. The connection closes when the handler lets go of it.
  public typealias Handler = @Sendable (consuming Connection) async -> Void

  /// How many connections there may be.
  public struct Limits: Sendable {
    /// Open connections in all. At the cap nothing is accepted: more wait in the kernel's backlog.
    public var connectionsMaximum = 16_384
    /// Open connections from one internet address. One more is closed at once.
    public var connectionsPerAddressMaximum = 4_096

    /// The defaults.
    public init() {}
  }

  /// What a server has done so far.
  public struct Statistics: Hashable, Sendable {
    /// Connections open now.
    public var open = 0
    /// Connections given to the handler.
    public var accepted: UInt64 = 0
    /// Connections closed at once because their address had too many.
    public var refused: UInt64 = 0
    /// Why accepting ended before it was told to, if it did.
    public var failure: NetworkError?
  }

  /// One open connection.
  struct Entry {
    var task: Task<Void, Never>
    var loop: EventLoop
    /// Set once its task has begun.
    var descriptor: (number: Int32, generation: UInt32)?
  }

  struct State {
    var connections: [UInt64: Entry] = [:]
    var perAddress: [IPAddress: Int] = [:]
    var nextNumber: UInt64 = 0
    var statistics = Statistics()
    var isDraining = false
    var isPatienceOver = false
    var sockets: [ListeningSocket] = []
    var acceptors: [Task<Void, Never>] = []
    /// Those who wait for the last connection to end.
    var drainWaiters: [Waiter<Void>] = []
  }

  /// Where it listens, with the ports that the kernel chose, in the order in which it was told.
  public let addresses: [SocketAddress]

  let group: EventLoopGroup
  let state = Locked(State())
  private let limits: Limits
  private let places: Gate
  private let handler: Handler

  /// Starts listening.
  ///
  /// An internet address gets one socket a loop and the kernel spreads connections over them; a Unix socket
  /// is accepted from by the first loop, which deals the connections out.
  ///
  /// - Parameters:
  ///   - addresses: where to listen, one at least; port 0 lets the kernel choose.
  ///   - group: the loops that serve.
  ///   - options: how to listen.
  ///   - limits: how many connections there may be.
  ///   - handler: what each connection's task does.
  public init(
    listeningAt addresses: [SocketAddress], on group: EventLoopGroup,
    options: ListeningSocket.Options = .init(), limits: Limits = Limits(), handler: @escaping Handler
  ) throws(NetworkError) {
    precondition(limits.connectionsMaximum > 0 && limits.connectionsPerAddressMaximum > 0, "a server serves")
    precondition(!addresses.isEmpty, "a server listens somewhere")
    var sockets: [[ListeningSocket]] = []
    for address in addresses {
      sockets.append(try Self.listen(at: address, options, count: group.loops.count))
    }
    self.addresses = sockets.map { $0[0].address }
    self.group = group
    self.limits = limits
    self.handler = handler
    places = Gate(places: limits.connectionsMaximum)
    state.withLock { state in
      for shared in sockets {
        state.sockets += shared
        for (socket, loop) in zip(shared, group.loops) {
          let dealsOut = shared.count < group.loops.count
          state.acceptors.append(loop.spawn { await self.accept(from: socket, on: loop, dealsOut: dealsOut) })
        }
      }
    }
  }

  /// Starts listening at one address.
  public convenience init(
    listeningAt address: SocketAddress, on group: EventLoopGroup,
    options: ListeningSocket.Options = .init(), limits: Limits = Limits(), handler: @escaping Handler
  ) throws(NetworkError) {
    try self.init(listeningAt: [address], on: group, options: options, limits: limits, handler: handler)
  }

  /// The first of the addresses.
  public var address: SocketAddress { addresses[0] }

  private static func listen(
    at address: SocketAddress, _ options: ListeningSocket.Options, count: Int
  ) throws(NetworkError) -> [ListeningSocket] {
    guard case .ip(let ip, _) = address, count > 1 else { return [try ListeningSocket(address, options)] }
    // Sharing would also let a second server of ours in by mistake, unseen: first bind alone, then shared.
    let actual = try ListeningSocket(address, options).address
    var shared = options
    shared.sharesPort = true
    var sockets: [ListeningSocket] = []
    for _ in 0..<count {
      sockets.append(try ListeningSocket(.ip(ip, port: actual.port ?? 0), shared))
    }
    return sockets
  }

  /// What the server has done so far.
  public var statistics: Statistics {
    state.withLock { state in
      var statistics = state.statistics
      statistics.open = state.connections.count
      return statistics
    }
  }

  // MARK: Accepting

  private func accept(from socket: ListeningSocket, on loop: EventLoop, dealsOut: Bool) async {
    do throws(NetworkError) {
      let listener = try Listener(socket, on: loop)
      while true {
        try await listener.ready()
        // A place is taken only when somebody is at the door: a loop without callers keeps none from
        // the others.
        do throws(CancellationError) { try await places.enter() } catch { throw .cancelled }
        var admitted = false
        defer { if !admitted { places.leave() } }
        if let (descriptor, peer) = try await listener.take() {
          admitted = serve(descriptor, peer, on: dealsOut ? group.next() : loop)
        }
      }
    } catch {
      if error != .cancelled { state.withLock { $0.statistics.failure = error } }
    }
  }

  /// Starts the connection's task; false when the connection was turned away.
  private func serve(_ descriptor: Int32, _ peer: SocketAddress, on loop: EventLoop) -> Bool {
    let began = state.withLock { state in
      if let ip = peer.ip, state.perAddress[ip, default: 0] >= limits.connectionsPerAddressMaximum {
        state.statistics.refused += 1
        return false
      }
      state.nextNumber += 1
      let number = state.nextNumber
      // The task enters its descriptor and its end under the lock held here, so after this.
      let task = loop.spawnUnlessEnded { await self.handle(descriptor, peer, number, on: loop) }
      guard let task else { return false }
      state.connections[number] = Entry(task: task, loop: loop)
      state.statistics.accepted += 1
      if let ip = peer.ip { state.perAddress[ip, default: 0] += 1 }
      return true
    }
    if !began { close(descriptor) }
    return began
  }

  private func handle(_ descriptor: Int32, _ peer: SocketAddress, _ number: UInt64, on loop: EventLoop) async
  {
    do throws(NetworkError) {
      let connection = try Connection(adopting: descriptor, on: loop)
      let stream = connection.reader.stream
      let isDraining = state.withLock { state in
        state.connections[number]?.descriptor = (descriptor, stream.generation)
        return state.isDraining
      }
      if isDraining { loop.drain(descriptor, generation: stream.generation) }
      await handler(connection)
    } catch {
      // Watching the descriptor failed, for want of memory: the connection is closed, and the cause shows.
      state.withLock { $0.statistics.failure = error }
    }
    let waiters = state.withLock { state in
      state.connections[number] = nil
      if let ip = peer.ip, let count = state.perAddress[ip] {
        state.perAddress[ip] = count > 1 ? count - 1 : nil
      }
      defer { if state.connections.isEmpty { state.drainWaiters.removeAll() } }
      return state.connections.isEmpty ? state.drainWaiters : []
    }
    places.leave()
    for waiter in waiters { waiter.resume() }
  }
}
