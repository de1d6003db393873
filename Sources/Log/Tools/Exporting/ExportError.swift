// Why an export was not read, or not imported.

public import Log
public import Wire

/// What is wrong with an export, or between it and the topic it is imported into.
public enum ExportError: Error, Equatable, Sendable {
  /// A line is not JSON.
  case notJSON(line: Int, JSONError)
  /// A line is JSON and none of an export.
  case malformed(line: Int, reason: String)
  /// The export was written by a newer version.
  case unknownVersion(Int)
  /// The last line, which says how many records there are, is missing: the file was cut short.
  case endsEarly(records: Int)
  /// There are more or fewer records than the last line says.
  case wrongCount(expected: Int, got: Int)
  /// The topic has fewer partitions than the export.
  case fewerPartitions(topic: TopicName, partitions: Int, needed: Int)
}

extension ExportError: CustomStringConvertible {
  /// One line that says what is wrong and where.
  public var description: String {
    switch self {
    case .notJSON(let line, let error): "line \(line) is not JSON: \(error)"
    case .malformed(let line, let reason): "line \(line) \(reason)"
    case .unknownVersion(let version):
      "the export has version \(version); this program reads version \(ExportLine.version)"
    case .endsEarly(let records):
      "the export ends early: its last line is missing after \(records) records"
    case .wrongCount(let expected, let got):
      "the export should have \(expected) records and has \(got)"
    case .fewerPartitions(let topic, let partitions, let needed):
      "topic \(topic) has \(partitions) partitions, and the export \(needed)"
    }
  }
}
