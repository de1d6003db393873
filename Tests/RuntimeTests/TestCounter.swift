// A count that tasks and threads of a test share.

import Synchronization

final class TestCounter: Sendable {
  private let count = Atomic(0)

  var value: Int { count.load(ordering: .acquiring) }
  func add(_ amount: Int = 1) { count.add(amount, ordering: .acquiringAndReleasing) }
}
