// The last line of a process that dies of a fatal signal: a trap of the language, a bad access, an abort.
// The handler is C (clinux_crash.c), because nothing of Swift may run in it.

import CLinux
import Glibc
public import Telemetry

/// What the process says when it dies of a fatal signal.
public enum CrashReport {
  /// Installs handlers that write the log lines still queued, when the sink is a descriptor, and then
  /// `varve: fatal: signal 4 (SIGILL) at address 0x… in thread reactor-0` to standard error, and die of the
  /// same signal, so that the exit status and a core file tell it.
  ///
  /// Call it on the main thread: its stack is the one that gets room to report its own overflow.
  public static func install(logs: LogPipeline?) throws(LifecycleError) {
    logs?.publishForCrash()
    let result = clinux_crash_install()
    guard result == 0 else { throw .cannotHandleFatalSignals(errno: result) }
  }
}
