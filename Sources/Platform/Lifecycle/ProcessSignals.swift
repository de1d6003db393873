// The signals of the process, taken by one thread as plain data. A signal must be blocked in every thread to
// be read from a descriptor, hence `block()` is the first thing the command does.

import CLinux
import Glibc

/// The signals that steer a node.
public enum ProcessSignals {
  /// Stop, stop, reload. SIGUSR1 and SIGUSR2 are left alone, for whoever needs them.
  static let handled: [Int32] = [SIGINT, SIGTERM, SIGHUP]

  /// Blocks the handled signals in the calling thread and in all it starts from now on, and ignores SIGPIPE:
  /// a peer that goes away is an error of the write, not the end of the process.
  ///
  /// Call it on the main thread before anything that may start threads.
  public static func block() {
    var set = handledSet()
    let result = pthread_sigmask(SIG_BLOCK, &set, nil)
    precondition(result == 0, "pthread_sigmask failed with \(result)")
    let ignored = clinux_ignore_signal(SIGPIPE)
    precondition(ignored == 0, "SIGPIPE cannot be ignored")
  }

  /// Lets the handled signals end the process again: for a command that is no node and should stop at Ctrl-C,
  /// whatever it is at. SIGPIPE stays ignored.
  public static func unblock() {
    var set = handledSet()
    let result = pthread_sigmask(SIG_UNBLOCK, &set, nil)
    precondition(result == 0, "pthread_sigmask failed with \(result)")
  }

  static func handledSet() -> sigset_t {
    var set = sigset_t()
    sigemptyset(&set)
    for signal in handled { sigaddset(&set, signal) }
    return set
  }

  /// The signal's name for logs.
  static func name(_ signal: Int32) -> String {
    switch signal {
    case SIGINT: "SIGINT"
    case SIGTERM: "SIGTERM"
    case SIGHUP: "SIGHUP"
    default: "signal \(signal)"
    }
  }
}
