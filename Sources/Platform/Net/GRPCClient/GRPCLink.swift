// The connection of a channel: made when a call needs it, shared by all calls, made anew after it was lost. Everything
// happens on one loop.

import GRPC
import HTTP
import HTTPClient
import Runtime
import TLS
import Telemetry

/// What stands between a channel and its server.
///
/// `@unchecked Sendable`: used on its loop only, but for `onLoop`.
final class GRPCLink: @unchecked Sendable {
  /// How far the connection is.
  private enum Stage {
    /// There is none, and nobody needs one.
    case idle
    /// One is being made.
    case connecting
    /// There is one.
    case connected(HTTP2ClientConnection)
    /// The last try failed, and the next begins at that time.
    case failed(GRPCStatus, next: MonotonicInstant)
    /// There will be none.
    case closed
  }

  let loop: EventLoop
  private let configuration: GRPCChannel.Configuration
  private let logger: Logger
  private var stage = Stage.idle
  private var failures = 0
  /// Calls that wait until something changes.
  private var waiting: [ObjectIdentifier: LoopSignal] = [:]
  /// Each makes a connection and keeps it.
  private var tasks: [Int: Task<Void, Never>] = [:]
  private var nextTask = 0
  /// Those that stand: the one in use, and those that are leaving.
  private var connections: [ObjectIdentifier: HTTP2ClientConnection] = [:]
  /// Who waits for the last task to end.
  private var ended: LoopSignal?

  init(_ configuration: GRPCChannel.Configuration, on loop: EventLoop, logger: Logger) {
    self.configuration = configuration
    self.loop = loop
    self.logger = logger
  }

  /// Does `body` on the loop.
  func onLoop<Result: Sendable, Failure: Error>(
    _ body: @escaping @Sendable (GRPCLink) async throws(Failure) -> Result
  ) async throws(Failure) -> Result {
    if loop.isCurrent { return try await body(self) }
    return try await loop.run { () throws(Failure) in try await body(self) }
  }

  // MARK: Streams

  /// A stream for a call.
  ///
  /// - Throws: `unavailable` when there is no connection and the call does not wait for one, `deadlineExceeded`,
  ///   `resourceExhausted` when too many wait, `cancelled`.
  func stream(
    _ head: HTTPRequestHead, until deadline: MonotonicInstant, waitsForServer: Bool
  ) async throws(GRPCStatus) -> HTTP2ClientStream {
    var signal: LoopSignal?
    while true {
      switch stage {
      case .closed: throw GRPCStatus(.unavailable, "the channel is closed")
      case .idle: connect()
      case .connecting: break
      case .connected(let connection):
        if !connection.isOpen {
          // It is leaving; the calls on it go on while another is made.
          connect()
        } else if connection.streamCount < connection.streamsMaximum {
          do throws(HTTPClientError) {
            return try connection.open(head, hasBody: true)
          } catch {
            if !error.isSafeToRetry { throw GRPCStatus(error) }
            if case .limitExceeded = error { throw GRPCStatus(error) }
          }
        }
      case .failed(let status, let next):
        if next <= loop.now { connect() } else if !waitsForServer { throw status }
      }
      let mine = signal ?? LoopSignal(loop)
      signal = mine
      try await wait(mine, until: deadline)
    }
  }

  private func wait(_ signal: LoopSignal, until deadline: MonotonicInstant) async throws(GRPCStatus) {
    guard waiting.count < configuration.waitingMaximum else {
      throw GRPCStatus(.resourceExhausted, "\(waiting.count) calls wait for \(configuration.address)")
    }
    var until = deadline
    if case .failed(_, let next) = stage { until = min(until, next) }
    waiting[ObjectIdentifier(signal)] = signal
    let outcome = await signal.wait(until: until)
    waiting[ObjectIdentifier(signal)] = nil
    switch outcome {
    case .woken: return
    case .cancelled: throw GRPCStatus(.cancelled, "the call was given up before it began")
    case .timedOut:
      guard deadline <= loop.now else { return }
      if case .failed(let status, _) = stage {
        throw GRPCStatus(.deadlineExceeded, "there was no server in time: \(status.message)")
      }
      throw GRPCStatus(.deadlineExceeded, "there was no room on a connection in time")
    }
  }

  private func wakeAll() {
    for signal in waiting.values { signal.wake() }
  }

  // MARK: The connection

  private func connect() {
    stage = .connecting
    let number = nextTask
    nextTask += 1
    tasks[number] = loop.spawn {
      await self.maintain()
      self.tasks[number] = nil
      if self.tasks.isEmpty { self.ended?.wake() }
    }
  }

  /// Makes a connection, and keeps it to its end.
  private func maintain() async {
    do throws(GRPCStatus) {
      let connection = try make()
      let transport = try await reach()
      if case .closed = stage { return }
      await keep(connection, transport)
    } catch {
      fail(error)
    }
  }

  private func keep(_ connection: HTTP2ClientConnection, _ transport: consuming Transport) async {
    connections[ObjectIdentifier(connection)] = connection
    connection.onChange = { [weak self] in self?.wakeAll() }
    stage = .connected(connection)
    wakeAll()
    await connection.run(transport)
    connections[ObjectIdentifier(connection)] = nil
    guard case .connected(let current) = stage, current === connection else { return }
    if connection.hasBegun {
      failures = 0
      stage = .idle
      wakeAll()
    } else {
      let cause = connection.loss.map { "\($0)" } ?? "closed"
      fail(GRPCStatus(.unavailable, "\(configuration.address) does not speak HTTP/2: \(cause)"))
    }
  }

  /// Connects, and shakes hands where that is asked for.
  private func reach() async throws(GRPCStatus) -> Transport {
    let deadline = loop.deadline(in: configuration.connectTimeout)
    let transport: Transport
    do throws(NetworkError) {
      let connection = try await loop.connect(
        toHost: configuration.host, port: configuration.port, until: deadline)
      guard let tls = configuration.tls else { return Transport(connection) }
      transport = try await Transport.connect(
        connection, tls, host: configuration.serverName ?? configuration.host,
        applicationProtocols: ["h2"], until: deadline)
    } catch {
      throw GRPCStatus(.unavailable, "\(configuration.address) cannot be reached: \(error)")
    }
    guard transport.security?.applicationProtocol == "h2" else {
      throw GRPCStatus(.unavailable, "\(configuration.address) does not offer HTTP/2 in its handshake")
    }
    return transport
  }

  private func make() throws(GRPCStatus) -> HTTP2ClientConnection {
    var options = HTTP2ClientOptions()
    options.keepalive = configuration.keepalive
    options.keepaliveTimeout = configuration.keepaliveTimeout
    options.idle = configuration.idleTimeout
    do throws(HTTPClientError) {
      return try HTTP2ClientConnection(loop: loop, options: options)
    } catch {
      throw GRPCStatus(error)
    }
  }

  private func fail(_ status: GRPCStatus) {
    if case .closed = stage { return }
    failures += 1
    var pause = configuration.backoffMinimum
    for _ in 1..<min(failures, 30) where pause < configuration.backoffMaximum { pause = pause * 2 }
    pause = min(pause, configuration.backoffMaximum)
    // Clients that lost a server at the same time are not to come back at the same time.
    let share = Double.random(in: 0.8...1.2)
    stage = .failed(status, next: loop.now.advanced(by: pause * share))
    logger.debug(
      "no connection", ["server": .string(configuration.address), "cause": .error(status)])
    wakeAll()
  }

  // MARK: The end

  /// Ends everything that goes on, and waits until it has ended.
  func close(within patience: Duration) async {
    stage = .closed
    wakeAll()
    for connection in connections.values { connection.close() }
    let deadline = loop.deadline(in: patience)
    while !tasks.isEmpty {
      let signal = LoopSignal(loop)
      ended = signal
      if await signal.wait(until: deadline) == .woken { continue }
      for task in tasks.values { task.cancel() }
      for connection in connections.values { connection.abort() }
      for task in tasks.values { await task.value }
    }
    ended = nil
  }

  /// Ends everything, from any thread: nobody will call any more.
  func abandon() {
    _ = loop.post { _ in
      self.stage = .closed
      for task in self.tasks.values { task.cancel() }
      for connection in self.connections.values { connection.abort() }
    }
  }
}
