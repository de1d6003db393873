// Where a client's calls go: a server, and a connection to it that is made when it is first needed and made anew when it
// is lost.

public import GRPC
import HTTPClient
public import Runtime
public import TLS
public import Telemetry

/// Calls to one server. Any task may use it.
public final class GRPCChannel: GRPCCaller {
  /// How a server is reached.
  public struct Configuration: Sendable {
    /// Its name or address.
    public var host: String
    /// Its port.
    public var port: UInt16
    /// Whom to trust; nil to speak without TLS.
    public var tls: TLSClientContext?
    /// The name that the server's certificate must be for, and that it is told it is called by; nil for the host.
    public var serverName: String?
    /// Goes with every call, before what the call has of its own: tokens, for example.
    public var metadata = GRPCMetadata()
    /// How long connecting may take, the TLS handshake included.
    public var connectTimeout = Duration.seconds(10)
    /// How long the next try waits after a connection that could not be made; it doubles with each.
    public var backoffMinimum = Duration.milliseconds(100)
    /// What it doubles up to.
    public var backoffMaximum = Duration.seconds(30)
    /// While calls are open, the server is asked for a sign of life when it was silent for so long; nil for never.
    public var keepalive: Duration? = .seconds(30)
    /// How long it has to give one.
    public var keepaliveTimeout = Duration.seconds(10)
    /// A connection without calls is closed after so long.
    public var idleTimeout: Duration? = .seconds(300)
    /// How many calls may wait for a connection, or for room on it.
    public var waitingMaximum = 1000

    /// The usual ways.
    public init(host: String, port: UInt16) {
      self.host = host
      self.port = port
    }

    /// As it is written: `host:port`.
    var address: String { host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]:\(port)" : "\(host):\(port)" }
  }

  private let configuration: Configuration
  private let link: GRPCLink

  /// A channel that has no connection yet.
  ///
  /// - Parameters:
  ///   - configuration: how the server is reached.
  ///   - loop: where the connection lives.
  ///   - logger: where lost connections are told of.
  public init(_ configuration: Configuration, on loop: EventLoop, logger: Logger) {
    precondition(configuration.waitingMaximum > 0, "a call may wait")
    self.configuration = configuration
    link = GRPCLink(configuration, on: loop, logger: logger)
  }

  deinit { link.abandon() }

  /// Begins a call.
  ///
  /// - Throws: `unavailable` when the server cannot be reached, unless the call waits for it.
  public func open(
    _ path: GRPCPath, _ options: GRPCCallOptions
  ) async throws(GRPCStatus) -> any GRPCClientStream {
    let request = GRPCCallRequest(path, options, configuration)
    return try await link.onLoop { link throws(GRPCStatus) in
      let deadline = options.timeout.map { link.loop.now.advanced(by: $0) } ?? .never
      let stream = try await link.stream(
        request.head, until: deadline, waitsForServer: options.waitsForServer)
      return GRPCClientExchange(stream, link.loop, options, until: deadline)
    }
  }

  /// Takes no more calls, lets those that are open end, and closes the connection.
  ///
  /// - Parameter patience: how long they may take; what is left is cut.
  public func close(within patience: Duration = .seconds(5)) async {
    await link.onLoop { link in await link.close(within: patience) }
  }
}
