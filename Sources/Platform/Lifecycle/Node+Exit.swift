// The end of the process.

import Glibc
import Telemetry

extension Node {
  /// Writes the last log lines, for as long as the way the node ended leaves time for, and ends the process.
  public func exit(with status: NodeExit) -> Never {
    var limit = limits.flushWithin
    if case .forced = status { limit = limits.forcedFlushWithin }
    if !logs.flush(within: limit) {
      let complaint: StaticString = "varve: the last log lines could not be written in time\n"
      _ = write(STDERR_FILENO, complaint.utf8Start, complaint.utf8CodeUnitCount)
    }
    // Not exit(3): its handlers would run beside threads that are still at work.
    _exit(status.code)
  }
}
