// How much a line matters.

/// The level of a log line, least first.
public enum LogLevel: UInt8, CaseIterable, Comparable, Hashable, Sendable {
  /// Every step, for whoever is chasing one defect.
  case trace
  /// What a developer of the part wants to see.
  case debug
  /// What an operator wants to see on a good day.
  case info
  /// Something is off and was dealt with; it will matter if it goes on.
  case warning
  /// Somebody's work failed.
  case error
  /// The process cannot do its work.
  case critical

  /// The level's name as written in lines and specifications.
  public var name: StaticString {
    switch self {
    case .trace: "trace"
    case .debug: "debug"
    case .info: "info"
    case .warning: "warning"
    case .error: "error"
    case .critical: "critical"
    }
  }

  /// The level called `name`; nil when there is none.
  public init?(name: some StringProtocol) {
    guard let level = Self.allCases.first(where: { name == "\($0.name)" }) else { return nil }
    self = level
  }

  /// Less important comes first.
  @inlinable
  public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}
