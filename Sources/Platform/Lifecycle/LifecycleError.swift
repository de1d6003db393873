// Why the operating system did not let a node do its work.

/// What kept a node from running.
public enum LifecycleError: Error, Equatable, Sendable {
  /// A descriptor for signals or wake-ups could not be had.
  case cannotWaitForSignals(errno: Int32)
  /// The handlers of fatal signals could not be installed.
  case cannotHandleFatalSignals(errno: Int32)
}
