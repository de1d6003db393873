// Writes families and samples in either text format. All escaping and number formatting of the metrics
// side is in this file.

import Bytes

/// Lines of metrics, going to the end of a buffer.
struct ExpositionWriter {
  let format: ExpositionFormat
  var output: ByteBuffer

  /// Writes the HELP and TYPE lines.
  mutating func begin(_ description: MetricDescription) {
    // OpenMetrics names a counter's family without the suffix that its sample has.
    let isBare = format == .openMetrics && description.kind == .counter
    let family = isBare ? description.name.dropLast("_total".count) : description.name[...]
    output.append("# HELP ")
    output.append(family)
    output.append(" ")
    escape(description.help, quotes: format == .openMetrics)
    output.append("\n# TYPE ")
    output.append(family)
    output.append(" ")
    output.append(description.kind.rawValue)
    output.append("\n")
  }

  /// Writes one sample.
  mutating func sample(_ description: MetricDescription, labels: [String], value: some BinaryInteger) {
    name(description, suffix: "", labels: labels)
    output.append(String(value))
    output.append("\n")
  }

  /// Writes one sample.
  mutating func sample(_ description: MetricDescription, labels: [String], value: Double) {
    name(description, suffix: "", labels: labels)
    output.append(number(value))
    output.append("\n")
  }

  /// Writes the buckets, the sum and the count of a histogram.
  mutating func histogram(
    _ description: MetricDescription, labels: [String], _ snapshot: HistogramSnapshot
  ) {
    var cumulative: UInt64 = 0
    for (index, count) in snapshot.counts.enumerated() {
      cumulative &+= count
      let bounds = snapshot.buckets.bounds
      let bound = index < bounds.count ? snapshot.buckets.exposed(bounds[index]) : .infinity
      name(description, suffix: "_bucket", labels: labels, bound: boundText(bound))
      output.append(String(cumulative))
      output.append("\n")
    }
    name(description, suffix: "_sum", labels: labels)
    output.append(number(snapshot.buckets.exposed(snapshot.sum)))
    output.append("\n")
    name(description, suffix: "_count", labels: labels)
    output.append(String(cumulative))
    output.append("\n")
  }

  /// Ends the exposition.
  mutating func finish() {
    if format == .openMetrics { output.append("# EOF\n") }
  }

  private mutating func name(
    _ description: MetricDescription, suffix: String, labels: [String], bound: String? = nil
  ) {
    precondition(labels.count == description.labels.count, "\(description.name): a label without a value")
    output.append(description.name)
    output.append(suffix)
    if !labels.isEmpty || bound != nil {
      output.append("{")
      var first = true
      for (label, value) in zip(description.labels, labels) {
        if !first { output.append(",") }
        first = false
        output.append(label)
        output.append("=\"")
        escape(value, quotes: true)
        output.append("\"")
      }
      if let bound {
        if !first { output.append(",") }
        output.append("le=\"")
        output.append(bound)
        output.append("\"")
      }
      output.append("}")
    }
    output.append(" ")
  }

  private mutating func escape(_ text: String, quotes: Bool) {
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\\"): output.append("\\\\")
      case UInt8(ascii: "\n"): output.append("\\n")
      case UInt8(ascii: "\"") where quotes: output.append("\\\"")
      default: output.append(byte)
      }
    }
  }

  /// The shortest text that reads back as the same number; whole ones without a fraction.
  private func number(_ value: Double) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
    if let whole = Int64(exactly: value), abs(whole) < 1 << 53 { return String(whole) }
    return value.description
  }

  /// A bucket's bound: OpenMetrics wants whole ones with their fraction ("1.0").
  private func boundText(_ bound: Double) -> String {
    format == .openMetrics && bound.isFinite ? bound.description : number(bound)
  }
}
