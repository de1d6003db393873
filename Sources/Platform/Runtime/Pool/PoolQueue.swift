// The pool's queue: a doubly linked list through the items themselves, so that a cancelled item leaves the
// middle in constant time and queueing allocates nothing.

/// A piece of work that may stand in a `PoolQueue`.
///
/// `@unchecked Sendable`: the links and flags are touched only under the pool's lock.
class PoolItem: @unchecked Sendable {
  final var isCancelled = false
  fileprivate final var isQueued = false
  fileprivate final var next: PoolItem?
  fileprivate final unowned(unsafe) var previous: PoolItem?

  /// Does the work, calls `account`, then resumes the caller.
  func execute(_ account: () -> Void) { preconditionFailure("every item knows its work") }

  /// Resumes the caller with the reason why the work was not done.
  func refuse(_ reason: PoolError) { preconditionFailure("every item knows its caller") }
}

/// Items in order of arrival.
struct PoolQueue {
  private var first: PoolItem?
  private var last: PoolItem?
  private(set) var count = 0

  mutating func append(_ item: PoolItem) {
    precondition(!item.isQueued, "an item queues once")
    item.isQueued = true
    item.previous = last
    if let last { last.next = item } else { first = item }
    last = item
    count += 1
  }

  mutating func popFirst() -> PoolItem? {
    guard let item = first else { return nil }
    _ = remove(item)
    return item
  }

  /// Takes `item` out, wherever it stands; false when it does not stand here any more.
  mutating func remove(_ item: PoolItem) -> Bool {
    guard item.isQueued else { return false }
    item.isQueued = false
    let (before, after) = (item.previous, item.next)
    if let before { before.next = after } else { first = after }
    if let after { after.previous = before } else { last = before }
    item.previous = nil
    item.next = nil
    count -= 1
    return true
  }
}
