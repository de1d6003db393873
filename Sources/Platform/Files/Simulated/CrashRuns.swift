// Crashing a piece of work at every call that can change the disk. A test writes the work once; each turn of
// the loop gets a fresh copy of the disk whose power goes one call later than in the turn before, and the
// disks that crashes at that moment leave.
//
//   for run in CrashRuns(of: disk) {
//     var acknowledged: [String] = []
//     try run.attempt { try store(&acknowledged, on: run.files) }
//     for survivor in run.survivors() {
//       #expect(try recover(survivor.files) == …, "\(survivor)")
//     }
//   }

/// A sequence of runs of the same work, each cut one call later; it ends with the run that was not cut.
public struct CrashRuns: Sequence, IteratorProtocol {
  private let start: SimulatedFiles
  private let every: Int
  private let seed: UInt64
  private var last: CrashRun?

  /// More runs than this are work without an end, or too much for one test.
  public static let runsMaximum = 100_000

  /// Runs that begin with a copy of `start`.
  ///
  /// - Parameters:
  ///   - every: how many calls later each run is cut; 1 tries every one.
  ///   - seed: what the random survivals follow from.
  public init(of start: SimulatedFiles, every: Int = 1, seed: UInt64 = 1) {
    precondition(every > 0, "each run must be cut later than the one before")
    self.start = start
    self.every = every
    self.seed = seed
  }

  /// The next run; nil after one that came to its end with the power on.
  public mutating func next() -> CrashRun? {
    if let last, !last.wasCut { return nil }
    let changes = last.map { $0.changes + every } ?? 0
    precondition(changes / every < Self.runsMaximum, "work that does not end")
    let run = CrashRun(start.copy(seed: seed), changes: changes, seed: seed)
    last = run
    return run
  }
}

/// One run of the work.
public struct CrashRun: Sendable, CustomStringConvertible {
  /// The disk to work on.
  public let files: SimulatedFiles
  /// How many calls that can change the disk were answered before the power went.
  public let changes: Int
  private let seed: UInt64

  fileprivate init(_ files: SimulatedFiles, changes: Int, seed: UInt64) {
    self.files = files
    self.changes = changes
    self.seed = seed
    files.faults.turnOff(afterChanges: changes)
  }

  /// Whether the power went before the work was done.
  public var wasCut: Bool { files.faults.isOff }

  /// Does the work and takes its failure for granted when the power went; any other failure is thrown.
  public func attempt(_ work: () throws -> Void) throws {
    do {
      try work()
    } catch {
      guard wasCut else { throw error }
    }
  }

  /// Does the work and takes its failure for granted when the power went; any other failure is thrown.
  public func attempt(_ work: () async throws -> Void) async throws {
    do {
      try await work()
    } catch {
      guard wasCut else { throw error }
    }
  }

  /// What crashes at this moment can leave: nothing and everything of what was not synced, and `count`
  /// random parts.
  public func survivors(random count: Int = 6) -> [CrashSurvivor] {
    let survivals: [Survival] =
      [.nothing, .everything]
      + (0..<count).map { .random(seed: (seed &* 1_000_003 &+ UInt64(changes)) &* 1009 &+ UInt64($0)) }
    return survivals.map { survival in
      CrashSurvivor(files: files.afterCrash(survival), survival: survival, run: self)
    }
  }

  /// Where the run was cut, for a failing test's message.
  public var description: String {
    wasCut ? "power cut after \(changes) changes" : "not cut (\(files.faults.changes) changes)"
  }
}

/// A disk that a crash left.
public struct CrashSurvivor: Sendable, CustomStringConvertible {
  /// The disk, on a machine started again.
  public let files: SimulatedFiles
  /// What of the unsynced survived.
  public let survival: Survival
  /// The run that the crash ended.
  public let run: CrashRun

  /// Where and how it crashed, and the calls before: for a failing test's message.
  public var description: String {
    "\(run), \(survival), model \(files.model); the calls before:\n\(run.files.faults.transcript())"
  }
}
