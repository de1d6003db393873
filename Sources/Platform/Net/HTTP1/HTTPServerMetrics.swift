// What a server counts, one family for all servers of the process, labelled by the server's name.

import Runtime
public import Telemetry

/// The metrics of one HTTP server.
public struct HTTPServerMetrics: Sendable {
  private let byClass: [Counter]
  private let durations: Histogram

  /// Registers, or finds, the families and this server's series of them.
  public init(server: String, registry: MetricRegistry) {
    let requests = registry.counter(
      "varve_http_requests_total", help: "HTTP requests answered, by server and status class.",
      labels: ["server", "status"])
    byClass = (1...5).map { requests.with([server, "\($0)xx"]) }
    durations = registry.histogram(
      "varve_http_request_seconds", help: "Time from a request's first byte to its answer's last, by server.",
      labels: ["server"], buckets: .seconds
    ).with([server])
  }

  func answered(status: Int, in duration: Duration) {
    byClass[min(max(status / 100, 1), 5) - 1].increment()
    durations.observe(duration)
  }
}
