// The text formats, byte for byte, and how a scraper chooses one.

import Runtime
import Testing

@testable import Telemetry

@Suite("Exposition") struct ExpositionTests {
  /// A registry with every kind, and values that need escaping.
  static func example() -> MetricRegistry {
    let registry = MetricRegistry()
    let requests = registry.counter(
      "http_requests_total", help: "Requests \\ \"served\"\nby path.", labels: ["path", "code"])
    requests.with("/b", "200").increment(by: 3)
    requests.with("/a", "500").increment()
    requests.with("a\"b\\c\nd", "200").increment()
    registry.gauge("depth", help: "Depth.").set(-7)
    registry.gauge("ratio", help: "Ratio.") { 0.25 }
    registry.gauge("odd", help: "Odd numbers.", labels: ["kind"]) {
      [(["nan"], .nan), (["low"], -.infinity), (["high"], .infinity), (["tiny"], 1e-7), (["large"], 1e21)]
    }
    let wait = registry.histogram(
      "wait_seconds", help: "Waiting.", labels: ["queue"],
      buckets: HistogramBuckets(.seconds, bounds: [500_000, 1_000_000_000]))
    wait.with("in").observe(.microseconds(500))
    wait.with("in").observe(.milliseconds(2))
    wait.with("in").observe(.seconds(5))
    return registry
  }

  static let overflowHelp =
    "Look-ups of a series past its family's limit; they were counted in the series named other."

  @Test func prometheusTextIsExactAndSorted() {
    #expect(
      exposition(Self.example()) == """
        # HELP depth Depth.
        # TYPE depth gauge
        depth -7
        # HELP http_requests_total Requests \\\\ "served"\\nby path.
        # TYPE http_requests_total counter
        http_requests_total{path="/a",code="500"} 1
        http_requests_total{path="/b",code="200"} 3
        http_requests_total{path="a\\"b\\\\c\\nd",code="200"} 1
        # HELP odd Odd numbers.
        # TYPE odd gauge
        odd{kind="high"} +Inf
        odd{kind="large"} 1e+21
        odd{kind="low"} -Inf
        odd{kind="nan"} NaN
        odd{kind="tiny"} 1e-07
        # HELP ratio Ratio.
        # TYPE ratio gauge
        ratio 0.25
        # HELP varve_metrics_series_overflow_total \(Self.overflowHelp)
        # TYPE varve_metrics_series_overflow_total counter
        # HELP wait_seconds Waiting.
        # TYPE wait_seconds histogram
        wait_seconds_bucket{queue="in",le="0.0005"} 1
        wait_seconds_bucket{queue="in",le="1"} 2
        wait_seconds_bucket{queue="in",le="+Inf"} 3
        wait_seconds_sum{queue="in"} 5.0025
        wait_seconds_count{queue="in"} 3

        """)
  }

  @Test func openMetricsNamesCountersWithoutTheirSuffixAndEnds() {
    let text = exposition(Self.example(), .openMetrics)
    #expect(text.contains("# TYPE http_requests counter\nhttp_requests_total{path=\"/a\",code=\"500\"} 1\n"))
    #expect(text.contains("# HELP http_requests Requests \\\\ \\\"served\\\"\\nby path.\n"))
    #expect(text.contains("wait_seconds_bucket{queue=\"in\",le=\"1.0\"} 2\n"))
    #expect(text.hasSuffix("\n# EOF\n"))
  }

  @Test func scrapesAreStable() {
    let registry = Self.example()
    #expect(exposition(registry) == exposition(registry))
  }

  @Test(
    "The Accept header chooses",
    arguments: [
      ("", .prometheus), ("*/*", .prometheus), ("text/plain", .prometheus),
      ("application/openmetrics-text", .openMetrics),
      ("application/openmetrics-text; version=1.0.0; charset=utf-8", .openMetrics),
      ("APPLICATION/OpenMetrics-Text;Version=\"1.0.0\"", .openMetrics),
      ("application/openmetrics-text; version=2.0.0", .prometheus),
      ("application/openmetrics-text;q=0", .prometheus),
      ("application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.6", .prometheus),
      ("application/openmetrics-text;version=1.0.0;q=0.5,text/plain;q=0.3,*/*;q=0.1", .openMetrics),
      (
        "application/openmetrics-text;q=0.5,application/openmetrics-text;q=0.9,text/plain;q=0.7", .openMetrics
      ),
      ("application/openmetrics-text;q=1.5", .prometheus),
      ("application/openmetrics-text;q=0.1234", .prometheus),
      ("application/openmetrics-text;q=x", .prometheus),
      ("application/openmetrics-text;q=", .prometheus),
      (";;;,,,=;q", .prometheus),
      (String(repeating: "application/openmetrics-text,", count: 200), .prometheus),
    ] as [(String, ExpositionFormat)])
  func negotiation(accept: String, format: ExpositionFormat) {
    #expect(ExpositionFormat(accept: accept) == format)
  }

  @Test(
    "Names obey the format and the house",
    arguments: [
      "", "1st", "with space", "naïve", "dash-ed", "wait_count", "wait_sum", "wait_bucket", "gauge_total",
    ])
  func badNames(name: String) async {
    await #expect(processExitsWith: .failure) { [name] in
      _ = MetricDescription(name: name, help: "Help.", kind: .gauge, labels: [])
    }
  }

  @Test("Labels obey the format", arguments: ["", "le", "__name", "a:b", "0", "a b"])
  func badLabels(label: String) async {
    await #expect(processExitsWith: .failure) { [label] in
      _ = MetricDescription(name: "things", help: "Help.", kind: .gauge, labels: [label])
    }
  }

  @Test func countersEndInTotal() async {
    await #expect(processExitsWith: .failure) {
      _ = MetricDescription(name: "requests", help: "Help.", kind: .counter, labels: [])
    }
  }
}
