// A file system in memory for tests: the calls behave as the kernel's, faults come by rule, and a crash
// leaves what a power cut could leave. Everything follows from the seeds, so a failure can be run again.

public import Runtime

/// A disk in memory that can fail and crash.
///
/// It is deterministic as far as its callers are: one thread, or threads whose order something else fixes,
/// get the same run from the same seed.
public final class SimulatedFiles: FileSystem {
  private let simulated: SimulatedCalls
  /// What goes wrong, and the record of what was asked.
  public let faults: FaultPlan
  /// The simulated disk's calls.
  public var calls: any FileCalls { simulated }
  /// What a crash may do.
  public var model: CrashModel { simulated.model }

  /// The room of a disk when nothing else is said: enough for tests, too little to eat the machine's memory.
  public static let capacityBytesUsual = 4 << 30

  /// An empty disk with a root directory.
  ///
  /// - Parameters:
  ///   - random: what faults by probability, and what a failed sync still writes, are drawn from.
  ///   - model: what a crash may do.
  ///   - capacityBytes: how much there is room for, in whole pages of 4096 bytes.
  ///   - time: the clock of the files' times; one that can be advanced is, by slow calls.
  public init(
    random: any RandomSource, model: CrashModel = .hostile,
    capacityBytes: Int = SimulatedFiles.capacityBytesUsual, time: any TimeSource = ManualTime()
  ) {
    faults = FaultPlan(random: random, delay: Self.delay(on: time))
    simulated = SimulatedCalls(
      disk: SimulatedDisk(capacityBytes: capacityBytes, now: time.wall), plan: faults, model: model,
      time: time, random: random)
  }

  /// An empty disk whose faults follow from `seed`.
  public convenience init(
    seed: UInt64 = 0, model: CrashModel = .hostile,
    capacityBytes: Int = SimulatedFiles.capacityBytesUsual, time: any TimeSource = ManualTime()
  ) {
    self.init(
      random: SeededRandom(seed: seed), model: model, capacityBytes: capacityBytes, time: time)
  }

  private init(disk: SimulatedDisk, like other: SimulatedFiles, seed: UInt64) {
    let time = other.simulated.time
    let random = SeededRandom(seed: seed)
    faults = FaultPlan(random: random, delay: Self.delay(on: time))
    simulated = SimulatedCalls(disk: disk, plan: faults, model: other.model, time: time, random: random)
  }

  private static func delay(on time: any TimeSource) -> @Sendable (Duration) -> Void {
    { duration in (time as? ManualTime)?.advance(by: duration) }
  }

  // MARK: Crashes and copies

  /// The disk as a power cut now would leave it, on a machine started again: no rules, nothing open, nothing
  /// locked. This one stays as it is, so one moment can be crashed in many ways.
  public func afterCrash(_ survival: Survival) -> SimulatedFiles {
    let now = simulated.time.wall
    let survivor = simulated.disk.withLock { $0.afterCrash(survival, model: model, now: now) }
    return SimulatedFiles(disk: survivor, like: self, seed: survival.seed)
  }

  /// A second disk in the same state, durable or not, without rules and without the open files of this one.
  public func copy(seed: UInt64 = 0) -> SimulatedFiles {
    let copy = simulated.disk.withLock { $0.withoutHandles() }
    return SimulatedFiles(disk: copy, like: self, seed: seed)
  }

  // MARK: Other processes

  /// Lets another process hold the lock on a file, which is made when it is not there, and say so in it.
  public func lockElsewhere(_ path: FilePath, by holder: LockHolder) throws(FileError) {
    let file = try open(path, [.write, .create, .truncate])
    try file.write(holder.text, at: 0)
    try file.close()
    try setLock(.anotherProcess, of: path)
  }

  /// Lets that process die: its lock goes, its text stays.
  public func unlockElsewhere(_ path: FilePath) throws(FileError) { try setLock(nil, of: path) }

  private func setLock(_ owner: FileLockOwner?, of path: FilePath) throws(FileError) {
    do throws(ErrorNumber) {
      try simulated.disk.withLock { disk throws(ErrorNumber) in
        let inode = try disk.lookUp(path)
        guard disk.files[inode] != nil else { throw .isDirectory }
        disk.change(inode) { $0.lock = owner }
      }
    } catch {
      throw .failed(.lock, path: path, offset: nil, length: nil, error)
    }
  }
}

extension Survival {
  fileprivate var seed: UInt64 {
    if case .random(let seed) = self { return seed }
    return 0
  }
}
