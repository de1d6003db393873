// Every metric of a process, by name. Parts register what they measure when they are made and keep the
// series; the admin port renders the whole registry on each scrape.

public import Bytes
import Runtime

/// The families of one process, rendered together.
///
/// Registering a name again with the same kind, labels and buckets gives the family that is there; with
/// others it is a programmer's error and a failed precondition.
public final class MetricRegistry: Sendable {
  private struct State {
    var families: [String: any ExposedFamily] = [:]
    var hooks: [@Sendable () -> Void] = []
  }

  private let state = Locked(State())

  /// A registry that holds nothing but its own overflow count.
  public init() {
    counter(
      "varve_metrics_series_overflow_total",
      help: "Look-ups of a series past its family's limit; they were counted in the series named other.",
      labels: ["family"]
    ) { [weak self] in self?.overflows() ?? [] }
  }

  // MARK: Counters

  /// A counter without labels.
  public func counter(_ name: String, help: String) -> Counter {
    counter(name, help: help, labels: []).with()
  }

  /// Counters told apart by labels.
  public func counter(
    _ name: String, help: String, labels: [String], seriesMaximum: Int = MetricLimits.seriesMaximum
  ) -> MetricFamily<Counter> {
    let description = MetricDescription(name: name, help: help, kind: .counter, labels: labels)
    return register(description) {
      MetricFamily(description, seriesMaximum: seriesMaximum, make: { Counter() }) { series, labels, writer in
        writer.sample(description, labels: labels, value: series.value)
      }
    }
  }

  /// A counter kept elsewhere and read at scrape; nil leaves it out of that scrape.
  public func counter(_ name: String, help: String, read: @escaping @Sendable () -> Double?) {
    counter(name, help: help, labels: []) { read().map { [([], $0)] } ?? [] }
  }

  /// Counters kept elsewhere and read at scrape. The reader bounds how many there are.
  public func counter(
    _ name: String, help: String, labels: [String],
    read: @escaping @Sendable () -> [(labels: [String], value: Double)]
  ) {
    add(ReadFamily(MetricDescription(name: name, help: help, kind: .counter, labels: labels), read: read))
  }

  // MARK: Gauges

  /// A gauge without labels.
  public func gauge(_ name: String, help: String) -> Gauge {
    gauge(name, help: help, labels: []).with()
  }

  /// Gauges told apart by labels.
  public func gauge(
    _ name: String, help: String, labels: [String], seriesMaximum: Int = MetricLimits.seriesMaximum
  ) -> MetricFamily<Gauge> {
    let description = MetricDescription(name: name, help: help, kind: .gauge, labels: labels)
    return register(description) {
      MetricFamily(description, seriesMaximum: seriesMaximum, make: { Gauge() }) { series, labels, writer in
        writer.sample(description, labels: labels, value: series.value)
      }
    }
  }

  /// A gauge read at scrape; nil leaves it out of that scrape.
  public func gauge(_ name: String, help: String, read: @escaping @Sendable () -> Double?) {
    gauge(name, help: help, labels: []) { read().map { [([], $0)] } ?? [] }
  }

  /// Gauges read at scrape. The reader bounds how many there are.
  public func gauge(
    _ name: String, help: String, labels: [String],
    read: @escaping @Sendable () -> [(labels: [String], value: Double)]
  ) {
    add(ReadFamily(MetricDescription(name: name, help: help, kind: .gauge, labels: labels), read: read))
  }

  // MARK: Histograms

  /// A histogram without labels.
  public func histogram(_ name: String, help: String, buckets: HistogramBuckets) -> Histogram {
    histogram(name, help: help, labels: [], buckets: buckets).with()
  }

  /// Histograms told apart by labels.
  public func histogram(
    _ name: String, help: String, labels: [String], buckets: HistogramBuckets,
    seriesMaximum: Int = MetricLimits.seriesMaximum
  ) -> MetricFamily<Histogram> {
    let description = MetricDescription(name: name, help: help, kind: .histogram, labels: labels)
    let family = register(description) {
      MetricFamily(
        description, seriesMaximum: seriesMaximum, make: { Histogram(buckets: buckets) }
      ) { series, labels, writer in
        writer.histogram(description, labels: labels, series.snapshot)
      }
    }
    precondition(family.other.buckets == buckets, "\(name) is registered with other buckets")
    return family
  }

  // MARK: Scraping

  /// Runs `hook` before every scrape: for a source that fills several metrics from one reading.
  public func beforeScrape(_ hook: @escaping @Sendable () -> Void) {
    state.withLock { $0.hooks.append(hook) }
  }

  /// What is registered, by name.
  public var descriptions: [MetricDescription] {
    state.withLock { $0.families.values.map(\.description) }.sorted { $0.name < $1.name }
  }

  /// Appends every family, by name, and every series, by label values.
  public func render(_ format: ExpositionFormat = .prometheus, into buffer: inout ByteBuffer) {
    let (hooks, families) = state.withLock { ($0.hooks, Array($0.families.values)) }
    for hook in hooks { hook() }
    // The writer has the buffer to itself meanwhile, so that appending does not copy it.
    var writer = ExpositionWriter(format: format, output: buffer)
    buffer = ByteBuffer()
    for family in families.sorted(by: { $0.description.name < $1.description.name }) {
      writer.begin(family.description)
      family.expose(to: &writer)
    }
    writer.finish()
    buffer = writer.output
  }

  // MARK: Registering

  private func register<Series>(
    _ description: MetricDescription, _ make: () -> MetricFamily<Series>
  ) -> MetricFamily<Series> {
    state.withLock { state in
      guard let known = state.families[description.name] else {
        let fresh = make()
        state.families[description.name] = fresh
        return fresh
      }
      guard let family = known as? MetricFamily<Series>, known.description.labels == description.labels else {
        preconditionFailure("\(description.name) is registered with another kind or other labels")
      }
      return family
    }
  }

  private func add(_ family: ReadFamily) {
    state.withLock { state in
      precondition(
        state.families[family.description.name] == nil,
        "\(family.description.name) is registered, and a second reader would be ignored")
      state.families[family.description.name] = family
    }
  }

  private func overflows() -> [(labels: [String], value: Double)] {
    state.withLock { Array($0.families.values) }
      .filter { $0.overflowCount > 0 }
      .map { ([$0.description.name], Double($0.overflowCount)) }
  }
}
