// An HTTP/1.1 server: a socket server whose connections speak HTTP.

public import Runtime
public import Telemetry

/// Serves HTTP/1.1 on every loop of a group.
public final class HTTPServer: Sendable {
  /// How a server is set up.
  public struct Configuration: Sendable {
    /// What metrics and logs call the server.
    public var name: String
    /// Where it listens.
    public var address: SocketAddress
    /// How large requests may be.
    public var limits = HTTPLimits()
    /// How long clients may take.
    public var timeouts = HTTPTimeouts()
    /// How many clients there may be.
    public var connections = SocketServer.Limits()

    /// A server with the usual limits.
    public init(name: String, address: SocketAddress) {
      self.name = name
      self.address = address
    }
  }

  private let server: SocketServer

  /// Starts listening.
  ///
  /// - Parameters:
  ///   - configuration: where and within which limits.
  ///   - group: the loops that serve.
  ///   - time: what deadlines and durations are measured by.
  ///   - metrics: where the server counts.
  ///   - logger: where it tells of what it refused; requests are debug lines.
  ///   - responder: what answers.
  public init(
    _ configuration: Configuration, on group: EventLoopGroup, time: some TimeSource, metrics: MetricRegistry,
    logger: Logger, responder: some HTTPResponder
  ) throws(NetworkError) {
    let context = HTTP1Context(
      limits: configuration.limits, timeouts: configuration.timeouts, time: time, responder: responder,
      ids: RequestIDSource(time: time),
      metrics: HTTPServerMetrics(server: configuration.name, registry: metrics), logger: logger)
    server = try SocketServer(
      listeningAt: configuration.address, on: group, limits: configuration.connections
    ) { connection in
      await HTTP1Connection(connection, context).serve()
    }
  }

  /// Where it listens, with the port that the kernel chose.
  public var address: SocketAddress { server.address }

  /// What its connections did so far.
  public var statistics: SocketServer.Statistics { server.statistics }

  /// Takes no more connections, lets requests in flight be answered, then cuts what is left.
  ///
  /// - Returns: how many connections were cut.
  @discardableResult
  public func drain(within patience: Duration) async -> Int { await server.drain(within: patience) }
}
