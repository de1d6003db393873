// How a fuzz target states what must hold. Optimised builds drop the words of a precondition, and a
// finding without words takes long to understand.

import Glibc

/// Stops with the words if the law does not hold: a finding.
func law(_ holds: Bool, _ words: @autoclosure () -> String) {
  if !holds {
    print("law broken: \(words())")
    // What waits in a buffer is lost with the process.
    fflush(nil)
    preconditionFailure("a law is broken")
  }
}
