// Which of a list of pending changes a crash keeps. A pure coin toss per sector would almost never lose just
// one, or keep just one, so a manner is drawn first; between them the manners find what real disks do.

import Runtime

/// How many of a file's changes each unit of it, and its metadata, gets to see.
struct FileSurvival {
  private enum Manner {
    case nothing
    case everything
    /// The changes before `count`; of the next, the units before `cut`, or those from it on.
    case torn(count: Int, cut: Int, keepsHead: Bool)
    /// Each unit decides for itself.
    case scattered
    /// One unit lacks everything.
    case oneLost(unit: Int)
    /// One unit alone is there.
    case oneKept(unit: Int)
  }

  private let changes: Int
  private let manner: Manner
  private let salt: UInt64
  /// How many of the changes to size and blocks are durable.
  let metadataKept: Int

  init(_ survival: Survival, changes: [FileChange], inode: Int, atomicBytes: Int) {
    self.changes = changes.count
    switch survival {
    case .nothing: (manner, salt, metadataKept) = (.nothing, 0, 0)
    case .everything: (manner, salt, metadataKept) = (.everything, 0, changes.count)
    case .random(let seed):
      let random = SeededRandom(seed: seed ^ (UInt64(truncatingIfNeeded: inode) &* 0x9e37_79b9_7f4a_7c15))
      salt = random.next()
      manner = Self.draw(changes, atomicBytes, random)
      metadataKept =
        switch random.next(below: 3) {
        case 0: 0
        case 1: changes.count
        default: Int(random.next(below: UInt64(changes.count + 1)))
        }
    }
  }

  private static func draw(
    _ changes: [FileChange], _ atomicBytes: Int, _ random: SeededRandom
  ) -> Manner {
    let writes = changes.indices.filter { changes[$0].writtenRange != nil }
    guard !writes.isEmpty else { return .everything }
    let chosen = writes[Int(random.next(below: UInt64(writes.count)))]
    let range = changes[chosen].writtenRange ?? 0..<1
    let units = range.lowerBound / atomicBytes...max(range.lowerBound, range.upperBound - 1) / atomicBytes
    let unit = units.lowerBound + Int(random.next(below: UInt64(units.count)))
    switch random.next(below: 8) {
    case 0: return .nothing
    case 1: return .everything
    case 2, 3: return .torn(count: chosen, cut: unit, keepsHead: true)
    case 4: return .torn(count: chosen, cut: unit, keepsHead: false)
    case 5: return .oneLost(unit: unit)
    case 6: return .oneKept(unit: unit)
    default: return .scattered
    }
  }

  /// How many of the changes the unit sees: its bytes are as they were after so many.
  func dataKept(unit: Int) -> Int {
    switch manner {
    case .nothing: return 0
    case .everything: return changes
    case .torn(let count, let cut, let keepsHead):
      return (unit < cut) == keepsHead ? min(count + 1, changes) : count
    case .oneLost(let lost): return unit == lost ? 0 : changes
    case .oneKept(let kept): return unit == kept ? changes : 0
    case .scattered:
      // SplitMix64's finish: neighbouring units get unrelated numbers.
      var z = salt ^ (UInt64(truncatingIfNeeded: unit) &* 0x9e37_79b9_7f4a_7c15)
      z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
      z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
      z ^= z >> 31
      switch z & 3 {
      case 0: return 0
      case 1: return changes
      default: return Int((z >> 2) % UInt64(changes + 1))
      }
    }
  }
}

/// Which of a list of changes to names a crash keeps.
enum NameSurvival {
  /// One flag a change.
  static func choose(_ survival: Survival, count: Int, model: CrashModel.Names) -> [Bool] {
    switch survival {
    case .nothing: return Array(repeating: false, count: count)
    case .everything: return Array(repeating: true, count: count)
    case .random(let seed):
      guard count > 0 else { return [] }
      let random = SeededRandom(seed: seed &+ 0x6e61_6d65)
      let one = Int(random.next(below: UInt64(count)))
      let kept = Int(random.next(below: UInt64(count + 1)))
      let manner = random.next(below: model == .journaled ? 3 : 7)
      switch manner {
      case 0: return Array(repeating: false, count: count)
      case 1: return Array(repeating: true, count: count)
      case 2: return (0..<count).map { $0 < kept }
      case 3: return (0..<count).map { $0 != one }
      case 4: return (0..<count).map { $0 == one }
      default: return (0..<count).map { _ in random.next() & 1 == 0 }
      }
    }
  }
}
