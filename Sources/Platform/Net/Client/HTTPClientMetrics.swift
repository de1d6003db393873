// What a client counts, one family for all clients of the process, labelled by the client's name.

import HTTP
import Telemetry

/// The metrics of one HTTP client.
struct HTTPClientMetrics: Sendable {
  private static let classes = ["1xx", "2xx", "3xx", "4xx", "5xx"]

  private let byClass: [Counter]
  private let durations: Histogram
  private let failures: MetricFamily<Counter>
  private let client: String
  let retries: Counter
  let connections: Gauge
  let waiting: Gauge

  init(client: String, registry: MetricRegistry) {
    self.client = client
    let requests = registry.counter(
      "varve_http_client_requests_total",
      help: "HTTP requests that were answered, by client and status class.",
      labels: ["client", "status"])
    byClass = Self.classes.map { requests.with([client, $0]) }
    durations = registry.histogram(
      "varve_http_client_request_seconds",
      help: "Time from a request to the head of its answer, retries included, by client.",
      labels: ["client"], buckets: .seconds
    ).with([client])
    failures = registry.counter(
      "varve_http_client_failures_total", help: "HTTP requests that were not answered, by client and cause.",
      labels: ["client", "cause"])
    retries = registry.counter(
      "varve_http_client_retries_total", help: "HTTP requests that were sent again, by client.",
      labels: ["client"]
    ).with([client])
    connections = registry.gauge(
      "varve_http_client_connections", help: "Connections open, by client.", labels: ["client"]
    ).with([client])
    waiting = registry.gauge(
      "varve_http_client_waiting_requests", help: "Requests that wait for a connection, by client.",
      labels: ["client"]
    ).with([client])
  }

  func answered(_ status: HTTPStatus, in nanoseconds: UInt64) {
    byClass[min(status.category, 5) - 1].increment()
    durations.observe(nanoseconds)
  }

  func failed(_ error: HTTPClientError) { failures.with([client, error.label]).increment() }
}

extension HTTPClientError {
  /// A word for metrics, of which there are few.
  var label: String {
    switch self {
    case .cannotConnect: "cannot_connect"
    case .timedOut(let phase, _): "timeout_\(phase.rawValue)"
    case .connectionLost, .connectionClosing, .tooManyStreams: "connection_lost"
    case .reset: "reset"
    case .malformedAnswer: "malformed_answer"
    case .limitExceeded(.waitingRequests, _): "too_many_waiting"
    case .limitExceeded: "limit"
    case .bodyFailed, .answeredEarly: "body"
    case .malformedURL, .redirectRefused: "url"
    case .shutDown: "shut_down"
    case .cancelled: "cancelled"
    }
  }
}
