// Which commands callers give. A command follows from the seed and its id alone, so whoever knows both can give it
// again: a caller that lost its answer, or a parent whose child was killed.

import Bytes
import Runtime

/// The commands of one seed.
public struct AccountPlan: Sendable {
  /// What everything follows from.
  public let seed: UInt64

  /// How many accounts there are.
  public static let accounts = 6
  /// What each begins with.
  public static let openingBalance: Int64 = 1000

  /// The commands that follow from `seed`.
  public init(seed: UInt64) { self.seed = seed }

  /// The ids of the commands that open the accounts.
  public static let openings = (0..<accounts).map { "open/\($0)" }

  /// The id of a caller's command.
  public static func identifier(life: Int, caller: Int, number: Int) -> String {
    "\(life)/\(caller)/\(number)"
  }

  /// The command of that id.
  public func command(_ id: String) -> AccountCommand {
    if let index = Self.openings.firstIndex(of: id) {
      return .open(Self.account(index), balance: Self.openingBalance)
    }
    // FNV-1a, so that ids that differ little get unrelated commands.
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325 ^ seed
    for byte in id.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    let random = SeededRandom(seed: hash)
    func anyAccount() -> String { Self.account(Int(random.next(below: UInt64(Self.accounts)))) }
    switch random.next(below: 32) {
    case 0: return .open(anyAccount(), balance: 1)
    case 1: return .rename(anyAccount())
    case 2: return .move(from: "nobody", to: anyAccount(), cents: 1)
    case 3..<7: return .ensure(anyAccount())
    default:
      return .move(from: anyAccount(), to: anyAccount(), cents: 1 + Int64(random.next(below: 600)))
    }
  }

  private static func account(_ index: Int) -> String { "a\(index)" }
}
