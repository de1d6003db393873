// What a look through a partition has to say about one place in it.

public import Files

/// Something that is not as it should be, where it is, what should be there and what is.
public struct Finding: Hashable, Sendable {
  /// How bad it is.
  public enum Severity: String, CaseIterable, Hashable, Sendable {
    /// Records are missing or unreadable. `varve log repair` makes the partition writable again.
    case damage
    /// A file that says nothing of its own is wrong; opening the log or a repair makes it anew.
    case rebuildable
    /// Something that an interrupted piece of work left and nobody needs.
    case leftover
    /// The log was not closed, and behind the last durable batch stands something that was never acknowledged.
    /// Opening the log cuts it.
    case unfinishedTail = "unfinished tail"
    /// Offsets are missing, and an earlier repair wrote down that they are.
    case acceptedGap = "accepted gap"
    /// Whole, but compressed in a way that this program does not read.
    case unsupported
  }

  /// How bad it is.
  public let severity: Severity
  /// The file.
  public let file: FilePath
  /// The byte in it at which it begins; nil when it is about the whole file.
  public let position: Int?
  /// What should be there.
  public let expected: String
  /// What is.
  public let found: String

  /// A finding in `file`.
  public init(
    _ severity: Severity, _ file: FilePath, at position: Int? = nil, expected: String, found: String
  ) {
    self.severity = severity
    self.file = file
    self.position = position
    self.expected = expected
    self.found = found
  }
}

extension Finding: CustomStringConvertible {
  /// One line: `damage: /data/log/files-0/….log at 4096: expected …, found …`.
  public var description: String {
    let place = position.map { " at \($0)" } ?? ""
    return "\(severity.rawValue): \(file)\(place): expected \(expected), found \(found)"
  }
}
