// An HTTP server: a socket server whose connections speak HTTP.

public import HTTP
public import HTTP1
public import HTTP2
public import Runtime
public import TLS
public import Telemetry

/// Serves HTTP on every loop of a group.
public final class HTTPServer: Sendable {
  /// How a server is set up.
  public struct Configuration: Sendable {
    /// What metrics and logs call the server.
    public var name: String
    /// Where it listens; one address at least.
    public var addresses: [SocketAddress]
    /// The certificates, when it speaks TLS; clients that do not are refused.
    public var tls: TLSServerContext?
    /// How large requests may be.
    public var limits = HTTP1Limits()
    /// What connections of HTTP/2 may do; nil when only HTTP/1.1 is spoken. Over TLS a client chooses by ALPN,
    /// so the certificates' context has to offer "h2"; without TLS it just begins.
    public var http2: HTTP2Limits? = HTTP2Limits()
    /// How long clients may take.
    public var timeouts = HTTPTimeouts()
    /// How many clients there may be.
    public var connections = SocketServer.Limits()
    /// After so many requests a connection is closed, so that clients spread anew over loops and hosts.
    public var requestsPerConnectionMaximum = 100_000
    /// How much of a body that the handler left unread is read so that the connection can be kept.
    public var unreadBodyBytesMaximum = 64 << 10
    /// The level of the line that each request leaves in the log; nil for none.
    public var accessLogLevel: LogLevel? = .debug
    /// Which proxies are believed when they say who sent a request, and how; nil when none are. Connections are
    /// limited by who is at their other end all the same.
    public var proxies: ProxyTrust?

    /// A server with the usual limits.
    public init(name: String, addresses: [SocketAddress]) {
      self.name = name
      self.addresses = addresses
    }

    /// A server with the usual limits.
    public init(name: String, address: SocketAddress) { self.init(name: name, addresses: [address]) }
  }

  private let server: SocketServer

  /// Starts listening.
  ///
  /// - Parameters:
  ///   - configuration: where and within which limits.
  ///   - group: the loops that serve.
  ///   - time: what durations and dates are measured by.
  ///   - metrics: where the server counts.
  ///   - logger: where it tells of requests and of what it refused.
  ///   - handler: what answers.
  public init(
    _ configuration: Configuration, on group: EventLoopGroup, time: some TimeSource, metrics: MetricRegistry,
    logger: Logger, handler: some HTTPHandler
  ) throws(NetworkError) {
    precondition(configuration.timeouts.bytesPerSecondMinimum > 0, "a least rate is above zero")
    precondition(configuration.requestsPerConnectionMaximum > 0, "a connection carries a request")
    let context = HTTPServerContext(
      configuration, loops: group.loops.count, time: time, handler: handler, metrics: metrics, logger: logger)
    server = try SocketServer(
      listeningAt: configuration.addresses, on: group, limits: configuration.connections
    ) { connection in
      guard let tls = context.configuration.tls else {
        return await context.serve(Transport(connection))
      }
      await Self.serve(connection, tls, context)
    }
  }

  /// Not part of what serves plain connections: they would pay for its memory.
  @inline(never) private static func serve(
    _ connection: consuming Connection, _ tls: TLSServerContext, _ context: HTTPServerContext
  ) async {
    let transport: Transport
    do throws(NetworkError) {
      transport = try await Transport.accept(connection, tls)
    } catch {
      context.metrics.handshakeFailures.increment()
      context.logger.debug("handshake failed", ["cause": .error(error)])
      return
    }
    await context.serve(transport)
  }

  /// Where it listens, with the ports that the kernel chose, in the order in which it was told.
  public var addresses: [SocketAddress] { server.addresses }

  /// The first of the addresses.
  public var address: SocketAddress { server.address }

  /// What its connections did so far.
  public var statistics: SocketServer.Statistics { server.statistics }

  /// Takes no more connections, lets requests in flight be answered, then cuts what is left.
  ///
  /// - Returns: how many connections were cut.
  @discardableResult
  public func drain(within patience: Duration) async -> Int { await server.drain(within: patience) }
}
