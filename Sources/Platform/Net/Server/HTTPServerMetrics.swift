// What a server counts, one family for all servers of the process, labelled by the server's name.

public import Telemetry

/// The metrics of one HTTP server.
public struct HTTPServerMetrics: Sendable {
  static let classes = ["1xx", "2xx", "3xx", "4xx", "5xx"]

  private let byClass: [Counter]
  private let durations: Histogram
  private let refusals: MetricFamily<Counter>
  private let server: String
  let bodyBytesIn: Counter
  let bodyBytesOut: Counter
  let connections: Gauge
  let requestsInFlight: Gauge
  let handshakeFailures: Counter

  /// Registers, or finds, the families and this server's series of them.
  public init(server: String, registry: MetricRegistry) {
    self.server = server
    let requests = registry.counter(
      "varve_http_requests_total", help: "HTTP requests answered, by server and status class.",
      labels: ["server", "status"])
    byClass = Self.classes.map { requests.with([server, $0]) }
    durations = registry.histogram(
      "varve_http_request_seconds", help: "Time from a request's first byte to its answer's last, by server.",
      labels: ["server"], buckets: .seconds
    ).with([server])
    refusals = registry.counter(
      "varve_http_refusals_total",
      help: "Requests that the server refused itself, by what was wrong with them.",
      labels: ["server", "code"])
    bodyBytesIn = registry.counter(
      "varve_http_request_body_bytes_total", help: "Bytes of request bodies read.", labels: ["server"]
    ).with([server])
    bodyBytesOut = registry.counter(
      "varve_http_response_body_bytes_total", help: "Bytes of response bodies written.", labels: ["server"]
    ).with([server])
    handshakeFailures = registry.counter(
      "varve_http_handshake_failures_total", help: "TLS handshakes that came to nothing, by server.",
      labels: ["server"]
    ).with([server])
    connections = registry.gauge(
      "varve_http_connections", help: "Connections open.", labels: ["server"]
    ).with([server])
    requestsInFlight = registry.gauge(
      "varve_http_requests_in_flight", help: "Requests being answered.", labels: ["server"]
    ).with([server])
  }

  /// Counts an answer; `category` is the first digit of its status.
  func answered(category: Int, in nanoseconds: UInt64) {
    byClass[category - 1].increment()
    durations.observe(nanoseconds)
  }

  func refused(_ code: String) { refusals.with([server, code]).increment() }
}
