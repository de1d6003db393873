// A client of HTTP: requests in, answers out, over connections that are kept on the loops of a group.

public import Runtime
public import Telemetry

/// Asks servers of HTTP/1.1 and HTTP/2.
///
/// A request that is sent from one of the group's loops goes over that loop's connections, and no thread but
/// its own has anything to do with it; from elsewhere it is sent on the loops in turn. Before it is dropped a
/// client should be shut down; otherwise its idle connections close at once and the others when they are
/// done.
public final class HTTPClient: Sendable {
  private let settings: ClientSettings
  private let group: EventLoopGroup
  private let parts: [LoopClient]

  /// A client without connections.
  ///
  /// - Parameters:
  ///   - configuration: how it is set up.
  ///   - group: the loops that its connections live on.
  ///   - time: what dates in answers are compared with.
  ///   - random: what spreads retries over time.
  ///   - metrics: where it counts; nil when it does not.
  public init(
    _ configuration: Configuration, on group: EventLoopGroup, time: any TimeSource = SystemTime(),
    random: any RandomSource = SystemRandom(), metrics: MetricRegistry? = nil
  ) {
    precondition(configuration.connections.connectionsMaximum > 0, "requests need a connection")
    precondition(configuration.retries.attemptsMaximum > 0, "a request is sent at least once")
    precondition(configuration.timeouts.head > .zero, "an answer takes time")
    let settings = ClientSettings(
      configuration, time: time, random: random,
      metrics: metrics.map { HTTPClientMetrics(client: configuration.name, registry: $0) })
    self.settings = settings
    self.group = group
    parts = group.loops.map { LoopClient($0, settings) }
  }

  deinit {
    for part in parts { part.loop.post { _ in part.close() } }
  }

  /// Sends a request and waits for the head of the answer.
  ///
  /// The body of the answer is pulled by whoever gets it. Cancelling the task gives the request up.
  public func execute(_ request: HTTPClientRequest) async throws(HTTPClientError) -> HTTPClientResponse {
    if let current = EventLoop.current, let part = parts.first(where: { $0.loop === current }) {
      return try await RequestRun.run(request, on: part)
    }
    let loop = group.next()
    let part = parts[group.loops.firstIndex { $0 === loop } ?? 0]
    return try await part.loop.run { () async throws(HTTPClientError) in
      try await RequestRun.run(request, on: part)
    }
  }

  /// Takes no more requests, lets those under way come to their answers' ends, then cuts what is left.
  ///
  /// - Returns: how many connections were cut.
  @discardableResult
  public func shutDown(within patience: Duration) async -> Int {
    await withTaskGroup(of: Int.self) { tasks in
      for part in parts {
        tasks.addTask {
          await part.loop.run { await part.shutDown(until: part.loop.deadline(in: patience)) }
        }
      }
      return await tasks.reduce(0, +)
    }
  }
}
