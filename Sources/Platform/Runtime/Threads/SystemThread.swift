// A named operating-system thread. Everything that must not share the cooperative pool (event loops, the
// blocking pool, log writers) runs on one of these.

import CLinux
import Glibc
import Synchronization

/// A running thread of the operating system. Letting go of it does not stop it.
public final class SystemThread: Sendable {
  private let identifier: pthread_t
  private let isJoined = Atomic(false)

  /// Starts a thread.
  ///
  /// - Parameters:
  ///   - name: what debuggers and `top -H` show; Linux keeps the first 15 bytes.
  ///   - body: what the thread does; the thread ends when it returns.
  public static func start(
    name: String, _ body: @escaping @Sendable () -> Void
  ) throws(ThreadError) -> SystemThread {
    var identifier = pthread_t()
    let work = Unmanaged.passRetained(Work(name: name, body: body))
    // Signals are handled by one place (Lifecycle); threads are born with all of them blocked.
    var all = sigset_t()
    var before = sigset_t()
    sigfillset(&all)
    // Except those a thread raises by its own fault: the kernel kills at once when they are blocked, and
    // the crash handler could not say a last word.
    for fault in [SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP, SIGSYS] { sigdelset(&all, fault) }
    pthread_sigmask(SIG_SETMASK, &all, &before)
    let result = pthread_create(
      &identifier, nil,
      { argument in
        guard let argument else { return nil }
        let work = Unmanaged<Work>.fromOpaque(argument).takeRetainedValue()
        _ = clinux_set_thread_name(String(decoding: work.name.utf8.prefix(15), as: UTF8.self))
        work.body()
        return nil
      }, work.toOpaque())
    pthread_sigmask(SIG_SETMASK, &before, nil)
    guard result == 0 else {
      work.release()
      throw .cannotStart(name: name, errno: result)
    }
    return SystemThread(identifier)
  }

  private init(_ identifier: pthread_t) { self.identifier = identifier }

  deinit {
    // Nobody can join it any more: the system frees its stack when it ends.
    if !isJoined.load(ordering: .acquiring) { pthread_detach(identifier) }
  }

  /// Lets other threads that are ready have the core.
  public static func yield() { sched_yield() }

  /// Waits for the thread to end. Call it once, and not from the thread itself.
  public func join() {
    precondition(!isJoined.exchange(true, ordering: .acquiringAndReleasing), "a thread is joined once")
    let result = pthread_join(identifier, nil)
    precondition(result == 0, "pthread_join failed with \(result)")
  }

  private final class Work {
    let name: String
    let body: @Sendable () -> Void
    init(name: String, body: @escaping @Sendable () -> Void) {
      self.name = name
      self.body = body
    }
  }
}

/// Why a thread could not be had.
public enum ThreadError: Error, Hashable, Sendable {
  /// The operating system refused: too many threads or too little memory.
  case cannotStart(name: String, errno: Int32)
}
