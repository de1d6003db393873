// How a node came to its end, and the exit code that tells it. The codes are those of sysexits(3) where
// one fits; docs/lifecycle.md has the table.

/// How a node ended.
public enum NodeExit: Equatable, Sendable {
  /// It was asked to stop, and every service stopped in time.
  case stopped
  /// A service did not get ready.
  case startFailed(service: String, cause: String)
  /// A service failed while it ran, or ended without being asked.
  case crashed(service: String, cause: String)
  /// These services had not stopped at the deadline; the first is the one that was waited for.
  case overdue(services: [String])
  /// A second signal came before the services had stopped.
  case forced(signal: Int32)

  /// The process's exit code.
  public var code: Int32 {
    switch self {
    case .stopped: 0
    case .startFailed: 69
    case .crashed: 70
    case .overdue: 75
    case .forced(let signal): 128 + signal
    }
  }
}
