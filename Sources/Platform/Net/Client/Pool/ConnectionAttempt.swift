// A connection being made: name, address, handshake. A task of its own does it and then runs the connection;
// who wants it waits for it here, and may stop waiting.

import HTTP
import HTTP1
import HTTP2
import Runtime
import TLS

/// A connection that requests go over.
enum PooledConnection {
  case http1(HTTP1ClientConnection)
  case http2(HTTP2ClientConnection)
}

/// One attempt to connect.
///
/// `@unchecked Sendable`: used on its loop only.
final class ConnectionAttempt: @unchecked Sendable {
  private let pool: OriginPool
  private let loop: EventLoop
  private let signal: LoopSignal
  private var phase = HTTPClientError.Phase.connect
  /// When the present phase has to be over.
  private var deadline: MonotonicInstant
  private var result: Result<PooledConnection, HTTPClientError>?
  private var task: Task<Void, Never>?

  init(for pool: OriginPool) {
    self.pool = pool
    loop = pool.loop
    signal = LoopSignal(pool.loop)
    deadline = pool.loop.deadline(in: pool.settings.configuration.timeouts.connect)
  }

  /// Connects, and waits for it.
  func connect(until limit: MonotonicInstant) async throws(HTTPClientError) -> PooledConnection {
    task = loop.spawn { await self.work() }
    while true {
      if let result { return try result.get() }
      switch await signal.wait(until: min(limit, deadline)) {
      case .woken: continue
      case .timedOut:
        if result != nil { continue }
        task?.cancel()
        throw .timedOut(limit < deadline ? .request : phase, mayHaveBeenProcessed: false)
      case .cancelled:
        task?.cancel()
        throw .cancelled
      }
    }
  }

  private func finish(_ result: Result<PooledConnection, HTTPClientError>) {
    self.result = result
    pool.attemptEnded()
    signal.wake()
  }

  private func work() async {
    do throws(NetworkError) {
      await serve(try await makeTransport())
    } catch {
      finish(.failure(explain(error)))
    }
  }

  private func serve(_ transport: consuming Transport) async {
    let isHTTP2 =
      pool.settings.configuration.version == .http2PriorKnowledge
      || transport.security?.applicationProtocol == TransportProtocol.http2
    if isHTTP2 { await runHTTP2(transport) } else { await runHTTP1(transport) }
  }

  private func explain(_ error: NetworkError) -> HTTPClientError {
    switch error {
    case .timedOut: .timedOut(phase, mayHaveBeenProcessed: false)
    case .cancelled: .cancelled
    default: .cannotConnect(to: pool.origin.description, error)
    }
  }

  // MARK: Connecting

  private func makeTransport() async throws(NetworkError) -> Transport {
    let (origin, configuration) = (pool.origin, pool.settings.configuration)
    let connection = try await loop.connect(toHost: origin.host, port: origin.port, until: deadline)
    guard origin.scheme == .https else { return Transport(connection) }
    guard let context = configuration.tls else {
      throw .tls(.handshake(reason: "this client was given nobody to trust", alert: nil))
    }
    phase = .handshake
    deadline = loop.deadline(in: configuration.timeouts.handshake)
    // Who waits goes by the new deadline.
    signal.wake()
    let protocols =
      switch configuration.version {
      case .negotiated: [TransportProtocol.http2, TransportProtocol.http11]
      case .http11: [TransportProtocol.http11]
      case .http2PriorKnowledge: [TransportProtocol.http2]
      }
    return try await Transport.connect(
      connection, context, host: origin.host, applicationProtocols: protocols, until: deadline)
  }

  // MARK: Running

  private func runHTTP1(_ transport: consuming Transport) async {
    let configuration = pool.settings.configuration
    var options = HTTP1ClientConnection.Options()
    options.idle = configuration.connections.idle
    options.informationalMaximum = configuration.http2.informationalMaximum
    let connection = HTTP1ClientConnection(loop: loop, limits: configuration.limits, options: options)
    pool.adopt(connection)
    finish(.success(.http1(connection)))
    await connection.run(transport)
    pool.ended(connection)
  }

  private func runHTTP2(_ transport: consuming Transport) async {
    let configuration = pool.settings.configuration
    var limits = configuration.http2
    limits.headerListBytesMaximum = configuration.limits.fieldBytesMaximum
    limits.headerFieldsMaximum = configuration.limits.fieldsMaximum
    limits.trailerBytesMaximum = configuration.limits.trailerBytesMaximum
    limits.trailersMaximum = configuration.limits.trailersMaximum
    var options = HTTP2ClientOptions()
    options.idle = configuration.connections.idle
    options.keepalive = configuration.http2Keepalive
    let connection: HTTP2ClientConnection
    do throws(HTTPClientError) {
      connection = try HTTP2ClientConnection(loop: loop, limits: limits, options: options)
    } catch {
      return finish(.failure(error))
    }
    pool.adopt(connection)
    finish(.success(.http2(connection)))
    await connection.run(transport)
    pool.ended(connection)
  }
}

/// What ALPN calls the versions of HTTP.
private enum TransportProtocol {
  static let http2 = "h2"
  static let http11 = "http/1.1"
}
