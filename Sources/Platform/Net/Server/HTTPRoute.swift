// What requests are counted under: the pattern that a router matched, never the path that a client made up.

import Runtime
public import Telemetry

/// A route of a server, with its metrics.
public final class HTTPRoute: Sendable {
  /// What metrics and logs call it: `GET /files/{id}`.
  public let name: String
  private let byClass: [Counter]
  private let durations: Histogram

  /// Registers, or finds, this route's series. Make a route once, with the router.
  public init(_ name: String, server: String, registry: MetricRegistry) {
    self.name = name
    let requests = registry.counter(
      "varve_http_route_requests_total", help: "HTTP requests answered, by route and status class.",
      labels: ["server", "route", "status"], seriesMaximum: 4096)
    byClass = HTTPServerMetrics.classes.map { requests.with([server, name, $0]) }
    durations = registry.histogram(
      "varve_http_route_seconds", help: "Time from a request's first byte to its answer's last, by route.",
      labels: ["server", "route"], buckets: .seconds, seriesMaximum: 1024
    ).with([server, name])
  }

  func answered(category: Int, in nanoseconds: UInt64) {
    byClass[category - 1].increment()
    durations.observe(nanoseconds)
  }
}
