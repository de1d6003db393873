// Whether a long rebuild needs more memory than a short one.

import Files
import Glibc
import Measure
import Projections
import Runtime

/// The process's memory while tables are rebuilt.
struct RebuildMemory {
  let options: Options
  let directory: FilePath

  /// How much more may be in use at the end than at a tenth of the way.
  private static let growthMaximum = 8 << 20

  init(_ options: Options, _ directory: FilePath) {
    self.options = options
    self.directory = directory
  }

  func run() async throws {
    print("\nMemory during a rebuild of \(grouped(Double(options.eventsForMemory))) events.")
    let path = directory / "memory"
    let tested = try await LedgerLog(at: path)
    try await tested.fill(options.eventsForMemory)
    let models = ReadModelDirectory(directory / "memory-models", files: LocalFiles())
    let samples = Locked<[(done: Int, bytes: Int)]>([])
    _ = try await Rebuilds.rebuild(tested, models) { progress in
      samples.withLock { $0.append((progress.done, Self.residentBytes())) }
    }
    let seen = samples.withLock { $0 }
    func resident(after share: Double) -> Int {
      seen.first { Double($0.done) >= share * Double(options.eventsForMemory) }?.bytes ?? 0
    }
    let (early, late) = (resident(after: 0.1), seen.last?.bytes ?? 0)
    for share in [0.1, 0.25, 0.5, 0.75, 1.0] {
      print("  at \(Int(share * 100)) %: \(grouped(Double(resident(after: share) >> 10))) KiB")
    }
    print(
      "  grown by \(grouped(Double((late - early) >> 10))) KiB,",
      verdict("at most \(Self.growthMaximum >> 10) KiB", late - early <= Self.growthMaximum))
    try await tested.close()
    try LocalFiles().removeTree(path)
    try LocalFiles().removeTree(models.path)
  }

  private static func residentBytes() -> Int {
    guard let file = fopen("/proc/self/statm", "r") else { return 0 }
    defer { fclose(file) }
    var (total, resident) = (0, 0)
    guard
      withVaList(
        [withUnsafeMutablePointer(to: &total) { $0 }, withUnsafeMutablePointer(to: &resident) { $0 }],
        { vfscanf(file, "%ld %ld", $0) }) == 2
    else { return 0 }
    return resident * Int(sysconf(Int32(_SC_PAGESIZE)))
  }
}
