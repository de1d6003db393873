// One metric name with its labels, and the series under it. The number of series is bounded: label values
// come from the world, and a scrape that grows without end is an outage of the monitoring.

import Bytes
import Runtime
import Synchronization

/// The series of one metric, told apart by the values of its labels.
public final class MetricFamily<Series: AnyObject & Sendable>: Sendable {
  /// The name, meaning and labels of the family.
  public let description: MetricDescription
  /// How many series there may be, the overflow series not counted.
  public let seriesMaximum: Int

  let overflow = Counter()
  private let series = Locked<[[String]: Series]>([:])
  /// The only series of a family without labels; the overflow series of one with.
  let other: Series
  private let make: @Sendable () -> Series
  private let write: @Sendable (Series, [String], inout ExpositionWriter) -> Void

  init(
    _ description: MetricDescription, seriesMaximum: Int, make: @escaping @Sendable () -> Series,
    write: @escaping @Sendable (Series, [String], inout ExpositionWriter) -> Void
  ) {
    precondition(seriesMaximum > 0, "\(description.name) may have no series at all")
    self.description = description
    self.seriesMaximum = seriesMaximum
    self.make = make
    self.write = write
    other = make()
    if description.labels.isEmpty { series.withLock { $0[[]] = other } }
  }

  /// The series with these label values, in the order the labels were declared; made when it is new.
  ///
  /// Costs a lock and a hash: look a series up once and keep it where events are frequent. When the family
  /// is full, a new combination lands in the series whose labels all read `other`, and is counted in
  /// `varve_metrics_series_overflow_total`.
  public func with(_ values: String...) -> Series { with(values) }

  /// The series with these label values.
  public func with(_ values: [String]) -> Series {
    precondition(
      values.count == description.labels.count,
      "\(description.name) has \(description.labels.count) labels, not \(values.count)")
    let values = values.map(MetricLimits.shortened)
    return series.withLock { series in
      if let known = series[values] { return known }
      guard series.count < seriesMaximum else {
        overflow.increment()
        return other
      }
      let fresh = make()
      series[values] = fresh
      return fresh
    }
  }
}

extension MetricFamily: ExposedFamily {
  var overflowCount: UInt64 { overflow.value }

  func expose(to writer: inout ExpositionWriter) {
    var all = series.withLock { $0.map { (labels: $0.key, series: $0.value) } }
    if overflow.value > 0 {
      all.append((Array(repeating: MetricLimits.overflowLabel, count: description.labels.count), other))
    }
    all.sort { $0.labels.lexicographicallyPrecedes($1.labels) }
    for (labels, series) in all { write(series, labels, &writer) }
  }
}

/// A family whose values are read when it is scraped.
final class ReadFamily: ExposedFamily {
  let description: MetricDescription
  let read: @Sendable () -> [(labels: [String], value: Double)]

  init(
    _ description: MetricDescription, read: @escaping @Sendable () -> [(labels: [String], value: Double)]
  ) {
    self.description = description
    self.read = read
  }

  var overflowCount: UInt64 { 0 }

  func expose(to writer: inout ExpositionWriter) {
    let samples = read().sorted { $0.labels.lexicographicallyPrecedes($1.labels) }
    for (labels, value) in samples { writer.sample(description, labels: labels, value: value) }
  }
}

/// What the registry needs of a family to put it in a scrape.
protocol ExposedFamily: AnyObject, Sendable {
  var description: MetricDescription { get }
  /// How many look-ups ended in the `other` series.
  var overflowCount: UInt64 { get }
  func expose(to writer: inout ExpositionWriter)
}

/// The limits of the metrics side, and what happens at each.
public enum MetricLimits {
  /// Series of one family unless it says otherwise; more go to the `other` series.
  public static let seriesMaximum = 256
  /// Bytes of one label value; the rest is cut off, at a character.
  public static let labelValueBytesMaximum = 128
  /// What every label of the overflow series reads.
  public static let overflowLabel = "other"

  static func shortened(_ value: String) -> String {
    if value.utf8.count <= labelValueBytesMaximum { return value }
    var end = value.utf8.index(value.utf8.startIndex, offsetBy: labelValueBytesMaximum)
    while end.samePosition(in: value.unicodeScalars) == nil { end = value.utf8.index(before: end) }
    return String(value[..<end])
  }
}
