// Faults by rule in front of any file system, real ones too. It cannot crash a real disk; for that there is
// `SimulatedFiles`, which takes the same rules itself.

import Glibc
public import Runtime

/// A file system whose calls fail by rule.
public struct FaultyFiles: FileSystem {
  /// What goes wrong, and the record of what was asked. Turning the machine off makes every later call fail,
  /// as if the process had died there: what was written stays with the kernel.
  public let faults: FaultPlan
  /// The calls, with the faults in front.
  public let calls: any FileCalls

  /// Faults in front of `files`.
  ///
  /// - Parameters:
  ///   - random: what probabilities are drawn from.
  ///   - capacityBytes: after so many bytes written, by this layer's count, the disk is full; removing and
  ///     cutting files makes room again. Nil for no limit but the disk's.
  ///   - delay: how slow calls pass their time; when nothing is said they block the thread.
  public init(
    wrapping files: some FileSystem, random: any RandomSource, capacityBytes: Int? = nil,
    delay: @escaping @Sendable (Duration) -> Void = blockThread
  ) {
    let faults = FaultPlan(random: random, delay: delay)
    self.faults = faults
    calls = FaultyCalls(files.calls, faults, capacityBytes: capacityBytes)
  }
}

/// Blocks the calling thread for a while.
public func blockThread(for duration: Duration) {
  let nanoseconds = duration.wholeNanoseconds
  var left = timespec(tv_sec: Int(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
  var wanted = left
  while nanosleep(&wanted, &left) != 0 && errno == EINTR { wanted = left }
}
