// Counters, gauges, histograms and families: what they hold, and what the registry refuses.

import Bytes
import Runtime
import Synchronization
import Testing

@testable import Telemetry

@Suite("Metrics") struct MetricTests {
  @Test func countersOnlyGoUp() {
    let counter = Counter()
    counter.increment()
    counter.increment(by: 41)
    #expect(counter.value == 42)
  }

  @Test func gaugesMoveBothWaysAndBelowZero() {
    let gauge = Gauge()
    gauge.set(5)
    gauge.increment(by: 2)
    gauge.decrement(by: 10)
    #expect(gauge.value == -3)
  }

  @Test(
    "A bucket's bound is inclusive",
    arguments: [
      (0, 0), (9, 0), (10, 0), (11, 1), (20, 1), (21, 2), (30, 2), (31, 3), (UInt64.max, 3),
    ] as [(UInt64, Int)])
  func bucketOf(amount: UInt64, bucket: Int) {
    let histogram = Histogram(buckets: HistogramBuckets(.count, bounds: [10, 20, 30]))
    histogram.observe(amount)
    var expected: [UInt64] = [0, 0, 0, 0]
    expected[bucket] = 1
    #expect(histogram.snapshot.counts == expected)
    #expect(histogram.snapshot.sum == amount)
    #expect(histogram.snapshot.count == 1)
  }

  @Test func durationsAreRecordedInNanoseconds() {
    let histogram = Histogram(buckets: .seconds)
    histogram.observe(.milliseconds(3))
    #expect(histogram.snapshot.sum == 3_000_000)
  }

  @Test func defaultBucketsRiseExponentially() {
    #expect(HistogramBuckets.seconds.bounds.first == 16_000)
    #expect(HistogramBuckets.seconds.bounds.last == 16_777_216_000)
    #expect(HistogramBuckets.bytes.bounds.first == 64)
    #expect(HistogramBuckets.bytes.bounds.last == 1 << 30)
    for (buckets, factor) in [(HistogramBuckets.seconds, 2), (.bytes, 4), (.counts, 2)]
      as [(HistogramBuckets, UInt64)]
    {
      #expect(zip(buckets.bounds, buckets.bounds.dropFirst()).allSatisfy { $0 * factor == $1 })
    }
  }

  @Test func concurrentObservationsAreAllCounted() throws {
    let histogram = Histogram(buckets: .counts)
    let counter = Counter()
    let threads = try (0..<4).map { number in
      try SystemThread.start(name: "observe-\(number)") {
        for amount in 0..<10_000 as Range<UInt64> {
          histogram.observe(amount)
          counter.increment()
        }
      }
    }
    for thread in threads { thread.join() }
    #expect(histogram.snapshot.count == 40_000)
    #expect(histogram.snapshot.sum == 4 * (9_999 * 10_000 / 2))
    #expect(counter.value == 40_000)
  }

  @Test func theSameLabelsGiveTheSameSeries() {
    let family = MetricRegistry().counter("requests_total", help: "Requests.", labels: ["method", "code"])
    family.with("GET", "200").increment()
    family.with("GET", "200").increment()
    family.with("GET", "404").increment()
    #expect(family.with("GET", "200").value == 2)
    #expect(family.with("GET", "404").value == 1)
  }

  @Test func seriesPastTheLimitShareOneAndAreCounted() {
    let registry = MetricRegistry()
    let family = registry.counter("requests_total", help: "Requests.", labels: ["path"], seriesMaximum: 2)
    for path in ["/a", "/b", "/c", "/d", "/a"] { family.with(path).increment() }
    let text = exposition(registry)
    #expect(text.contains("requests_total{path=\"/a\"} 2\n"))
    #expect(text.contains("requests_total{path=\"/b\"} 1\n"))
    #expect(text.contains("requests_total{path=\"other\"} 2\n"))
    #expect(!text.contains("/c"))
    #expect(text.contains("varve_metrics_series_overflow_total{family=\"requests_total\"} 2\n"))
  }

  @Test func longLabelValuesAreCutAtACharacter() {
    let registry = MetricRegistry()
    let long = String(repeating: "x", count: MetricLimits.labelValueBytesMaximum - 1)
    registry.counter("requests_total", help: "Requests.", labels: ["path"]).with(long + "é").increment()
    #expect(exposition(registry).contains("requests_total{path=\"\(long)\"} 1\n"))
  }

  @Test func registeringAgainGivesTheSameFamily() {
    let registry = MetricRegistry()
    registry.counter("requests_total", help: "Requests.").increment()
    registry.counter("requests_total", help: "Requests.").increment()
    #expect(registry.counter("requests_total", help: "Requests.").value == 2)
    let histogram = registry.histogram("size_bytes", help: "Sizes.", buckets: .bytes)
    #expect(histogram === registry.histogram("size_bytes", help: "Sizes.", buckets: .bytes))
  }

  @Test func registeringAnotherKindFails() async {
    await #expect(processExitsWith: .failure) {
      let registry = MetricRegistry()
      _ = registry.gauge("things", help: "Things.")
      _ = registry.histogram("things", help: "Things.", buckets: .counts)
    }
  }

  @Test func registeringOtherLabelsFails() async {
    await #expect(processExitsWith: .failure) {
      let registry = MetricRegistry()
      _ = registry.counter("things_total", help: "Things.", labels: ["a"])
      _ = registry.counter("things_total", help: "Things.", labels: ["b"])
    }
  }

  @Test func registeringOtherBucketsFails() async {
    await #expect(processExitsWith: .failure) {
      let registry = MetricRegistry()
      _ = registry.histogram("things", help: "Things.", buckets: .counts)
      _ = registry.histogram("things", help: "Things.", buckets: .bytes)
    }
  }

  @Test func aSecondReaderFails() async {
    await #expect(processExitsWith: .failure) {
      let registry = MetricRegistry()
      registry.gauge("things", help: "Things.") { 1 }
      registry.gauge("things", help: "Things.") { 2 }
    }
  }

  @Test func aWrongNumberOfLabelValuesFails() async {
    await #expect(processExitsWith: .failure) {
      _ = MetricRegistry().counter("things_total", help: "Things.", labels: ["a", "b"]).with("1")
    }
  }

  @Test func aReaderWithoutAValueIsLeftOut() {
    let registry = MetricRegistry()
    registry.gauge("known", help: "Known.") { 1.5 }
    registry.gauge("unknown", help: "Unknown.") { nil }
    let text = exposition(registry)
    #expect(text.contains("known 1.5\n"))
    #expect(text.contains("# TYPE unknown gauge\n"))
    #expect(!text.contains("\nunknown "))
  }

  @Test func hooksRunBeforeEveryScrape() {
    let registry = MetricRegistry()
    let gauge = registry.gauge("scrapes", help: "Scrapes.")
    registry.beforeScrape { gauge.increment() }
    #expect(exposition(registry).contains("scrapes 1\n"))
    #expect(exposition(registry).contains("scrapes 2\n"))
  }
}

/// What a scrape of the registry gives.
func exposition(_ registry: MetricRegistry, _ format: ExpositionFormat = .prometheus) -> String {
  var buffer = ByteBuffer()
  registry.render(format, into: &buffer)
  return String(validating: buffer) ?? "not UTF-8"
}
