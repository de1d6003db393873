// Waking a loop is a system call, and a loop that is quick goes to sleep again between two. A thread that
// resumes many tasks at once therefore holds the wakes back and gives each loop one, at the end.

import CLinux

extension EventLoop {
  /// Runs `body`, in which a thread resumes tasks of loops other than its own, and then wakes each of those loops once.
  /// Tasks may begin to run before the end of `body`, when their loop was awake.
  public static func wakingOnce(_ body: () -> Void) {
    if clinux_held_wakes() != nil { return body() }
    let held = HeldWakes()
    clinux_set_held_wakes(Unmanaged.passUnretained(held).toOpaque())
    body()
    clinux_set_held_wakes(nil)
    for loop in held.loops { loop.wake() }
  }
}

/// The loops that a thread has yet to wake. Confined to that thread.
final class HeldWakes {
  private(set) var loops: ContiguousArray<EventLoop> = []

  /// Notes that a loop must be woken, when this thread holds wakes back; false when it does not.
  static func hold(_ loop: EventLoop) -> Bool {
    guard let pointer = clinux_held_wakes() else { return false }
    // Safe: set by `wakingOnce`, which keeps the object until it has taken the pointer away.
    let held = Unmanaged<HeldWakes>.fromOpaque(pointer).takeUnretainedValue()
    if !held.loops.contains(where: { $0 === loop }) { held.loops.append(loop) }
    return true
  }
}
