// What a metric family is called and means, and the rules its names obey. Names are written by programmers,
// so a bad one is a failed precondition at start, not an error to handle.

/// The identity of a metric family: everything but its values.
public struct MetricDescription: Hashable, Sendable {
  /// How values behave, and how they are exposed.
  public enum Kind: String, Hashable, Sendable {
    /// Only goes up.
    case counter
    /// Goes up and down.
    case gauge
    /// Amounts counted by size.
    case histogram
  }

  /// The family's name, `varve_log_append_seconds`; a counter's ends in `_total`.
  public let name: String
  /// One sentence for whoever reads the dashboard.
  public let help: String
  /// How values behave.
  public let kind: Kind
  /// The names of the labels, in the order their values are given.
  public let labels: [String]

  /// Checks the names against the exposition format and the house's conventions.
  init(name: String, help: String, kind: Kind, labels: [String]) {
    precondition(Self.isName(name, colon: true), "not a metric name: \(name)")
    precondition(!help.isEmpty, "\(name) needs a help text")
    precondition(
      (kind == .counter) == name.hasSuffix("_total"), "\(name): counters, and only they, end in _total")
    for suffix in ["_bucket", "_sum", "_count", "_created", "_info"] {
      precondition(!name.hasSuffix(suffix), "\(name): \(suffix) is the exposition format's own suffix")
    }
    for label in labels {
      precondition(Self.isName(label, colon: false), "\(name): not a label name: \(label)")
      precondition(!label.hasPrefix("__"), "\(name): labels beginning with __ are reserved")
      precondition(
        label != "le" && label != "quantile", "\(name): \(label) is the exposition format's own label")
    }
    precondition(Set(labels).count == labels.count, "\(name): a label appears twice")
    self.name = name
    self.help = help
    self.kind = kind
    self.labels = labels
  }

  private static func isName(_ text: String, colon: Bool) -> Bool {
    guard let first = text.utf8.first, !(0x30...0x39).contains(first) else { return false }
    return text.utf8.allSatisfy { byte in
      switch byte {
      case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, UInt8(ascii: "_"): true
      case UInt8(ascii: ":"): colon
      default: false
      }
    }
  }
}
