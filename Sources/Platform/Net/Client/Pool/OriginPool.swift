// The connections of one loop to one origin, and who waits for them. First come, first served; over HTTP/2
// requests share a connection as far as the server allows.

import HTTP
import HTTP2
import Runtime
import Telemetry

/// Connections to one origin.
///
/// `@unchecked Sendable`: used on its loop only.
final class OriginPool: @unchecked Sendable {
  let origin: Origin
  let loop: EventLoop
  let settings: ClientSettings
  private let owner: LoopClient

  private var http1: [ObjectIdentifier: HTTP1ClientConnection] = [:]
  /// Those without a request; the last one used is at the end, and is used first.
  private var idle: ContiguousArray<HTTP1ClientConnection> = []
  private var http2: ContiguousArray<(connection: HTTP2ClientConnection, madeAt: MonotonicInstant)> = []
  private var attempts = 0
  private var waiters: ContiguousArray<LoopSignal> = []
  private var isShutDown = false
  /// Whether this origin speaks HTTP/2, for all that is known: then one connection is enough to begin with.
  private var maySpeakHTTP2: Bool

  init(_ origin: Origin, _ owner: LoopClient) {
    self.origin = origin
    self.owner = owner
    loop = owner.loop
    settings = owner.settings
    maySpeakHTTP2 =
      switch settings.configuration.version {
      case .negotiated: origin.scheme == .https
      case .http11: false
      case .http2PriorKnowledge: true
      }
  }

  private var limits: HTTPClient.Limits { settings.configuration.connections }

  /// How many connections there are, those being made included.
  var connectionCount: Int { http1.count + http2.count + attempts }
  /// How many requests wait.
  var waitingCount: Int { waiters.count }
  private var isEmpty: Bool { connectionCount == 0 && waiters.isEmpty }

  // MARK: Getting one

  /// A connection that a request can be sent over at once: what is done between this call's return and that
  /// must not wait.
  ///
  /// - Parameter deadline: the request's own.
  func acquire(until deadline: MonotonicInstant) async throws(HTTPClientError) -> PooledConnection {
    if isShutDown { throw .shutDown }
    if waiters.isEmpty, let connection = available() { return connection }
    if waiters.isEmpty && mayConnect { return try await connect(until: deadline) }
    guard waiters.count < limits.waitingRequestsMaximum else {
      throw .limitExceeded(.waitingRequests, limit: limits.waitingRequestsMaximum)
    }
    return try await wait(until: deadline)
  }

  private func wait(until deadline: MonotonicInstant) async throws(HTTPClientError) -> PooledConnection {
    let patience = loop.deadline(in: settings.configuration.timeouts.connection)
    let signal = LoopSignal(loop)
    waiters.append(signal)
    settings.metrics?.waiting.increment()
    serveWaiters()
    while true {
      let outcome = await signal.wait(until: min(deadline, patience))
      let isFirst = waiters.first === signal
      if outcome == .woken && !isShutDown && isFirst {
        if let connection = available() {
          leave(signal)
          return connection
        }
        if mayConnect {
          leave(signal)
          return try await connect(until: deadline)
        }
      }
      // Woken behind others, or too late: the place in the queue stays.
      if outcome == .woken && !isShutDown { continue }
      leave(signal)
      if isShutDown { throw .shutDown }
      if outcome == .cancelled { throw .cancelled }
      throw .timedOut(deadline < patience ? .request : .connection, mayHaveBeenProcessed: false)
    }
  }

  private func leave(_ signal: LoopSignal) {
    waiters.removeAll { $0 === signal }
    settings.metrics?.waiting.decrement()
    serveWaiters()
    owner.mayForget(self)
  }

  /// Wakes who is first, if there is anything for it; it wakes the next.
  private func serveWaiters() {
    guard let first = waiters.first else { return }
    if !idle.isEmpty || mayConnect || http2.contains(where: { $0.connection.hasRoom }) { first.wake() }
  }

  /// A connection that is there.
  private func available() -> PooledConnection? {
    for entry in http2 where entry.connection.hasRoom {
      if isTooOld(entry.madeAt) {
        // It takes no more, and ends with its last stream.
        entry.connection.close()
      } else {
        return .http2(entry.connection)
      }
    }
    while let connection = idle.popLast() {
      if connection.isIdle && !isTooOld(connection.madeAt) { return .http1(connection) }
      connection.close()
    }
    return nil
  }

  private func isTooOld(_ madeAt: MonotonicInstant) -> Bool { madeAt.advanced(by: limits.age) <= loop.now }

  private var mayConnect: Bool {
    // What is being made will serve more than one.
    if maySpeakHTTP2 && attempts > 0 { return false }
    return connectionCount < limits.connectionsMaximum
  }

  private func connect(until deadline: MonotonicInstant) async throws(HTTPClientError) -> PooledConnection {
    attempts += 1
    let connection = try await ConnectionAttempt(for: self).connect(until: deadline)
    if isShutDown {
      switch connection {
      case .http1(let connection): connection.close()
      case .http2(let connection): connection.close()
      }
      throw .shutDown
    }
    switch connection {
    // Others may have been quicker.
    case .http1(let connection) where !connection.isIdle: throw .connectionClosing
    case .http2(let connection) where !connection.hasRoom: throw .connectionClosing
    default: return connection
    }
  }

  /// An attempt has come to something, or to nothing.
  func attemptEnded() {
    attempts -= 1
    serveWaiters()
    owner.mayForget(self)
  }

  // MARK: Keeping them

  /// A connection of HTTP/1.1 that was just made: it belongs to whoever made it.
  func adopt(_ connection: HTTP1ClientConnection) {
    maySpeakHTTP2 = false
    http1[ObjectIdentifier(connection)] = connection
    settings.metrics?.connections.increment()
    connection.onIdle = { [unowned self, unowned connection] in becameIdle(connection) }
    connection.onEnd = { [unowned self, unowned connection] in
      idle.removeAll { $0 === connection }
    }
  }

  private func becameIdle(_ connection: HTTP1ClientConnection) {
    guard !isShutDown, idle.count < limits.idleConnectionsMaximum || !waiters.isEmpty,
      !isTooOld(connection.madeAt)
    else { return connection.close() }
    idle.append(connection)
    serveWaiters()
  }

  func ended(_ connection: HTTP1ClientConnection) {
    connection.onIdle = nil
    connection.onEnd = nil
    http1[ObjectIdentifier(connection)] = nil
    idle.removeAll { $0 === connection }
    connectionEnded()
  }

  /// A connection of HTTP/2 that was just made.
  func adopt(_ connection: HTTP2ClientConnection) {
    maySpeakHTTP2 = true
    http2.append((connection, loop.now))
    settings.metrics?.connections.increment()
    connection.onChange = { [unowned self] in serveWaiters() }
  }

  func ended(_ connection: HTTP2ClientConnection) {
    connection.onChange = nil
    http2.removeAll { $0.connection === connection }
    connectionEnded()
  }

  private func connectionEnded() {
    settings.metrics?.connections.decrement()
    serveWaiters()
    owner.mayForget(self)
  }

  // MARK: The end

  /// Whether there is nothing here.
  var isForgettable: Bool { isEmpty }

  /// Takes no more requests; connections end with those under way.
  func close() {
    isShutDown = true
    for connection in idle { connection.close() }
    for connection in Array(http1.values) { connection.close() }
    for entry in http2 { entry.connection.close() }
    for waiter in waiters { waiter.wake() }
  }

  /// Cuts what is left.
  func abort() {
    for connection in Array(http1.values) { connection.lose(.aborted) }
    for entry in Array(http2) { entry.connection.abort() }
  }
}

extension HTTP2ClientConnection {
  /// Whether a stream can be opened now.
  var hasRoom: Bool { isOpen && streamCount < streamsMaximum }
}
