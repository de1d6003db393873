// Where commands wait for their shard. Bounded, and fair between keys: the shard takes one command of every key in
// turn, so a key with thousands of commands delays the others by one command each. A state machine without I/O.

import Bytes

/// The commands that wait, in the order they will be taken.
struct Mailbox<Item> {
  /// How much may wait.
  struct Limits: Hashable, Sendable {
    /// Commands altogether.
    var total = 4096
    /// Commands of one key.
    var perKey = 1024
  }

  /// What became of a command that came.
  enum Admission: Equatable {
    case taken
    /// As many wait as may, altogether or of this key.
    case full(ofKey: Bool, maximum: Int)
  }

  let limits: Limits
  private(set) var count = 0
  /// The commands of each key, in the order they came.
  private var lines: [ByteBuffer: ArraySlice<Item>] = [:]
  /// The keys that have commands, the next to be served first.
  private var turns: ArraySlice<ByteBuffer> = []

  init(_ limits: Limits = Limits()) { self.limits = limits }

  var isEmpty: Bool { count == 0 }

  /// Puts a command at the end of its key's line.
  mutating func add(_ item: Item, key: ByteBuffer) -> Admission {
    if count >= limits.total { return .full(ofKey: false, maximum: limits.total) }
    if var line = lines[key] {
      if line.count >= limits.perKey { return .full(ofKey: true, maximum: limits.perKey) }
      // Taken out meanwhile, so that appending does not copy the line.
      lines[key] = nil
      line.append(item)
      lines[key] = line
    } else {
      lines[key] = [item]
      turns.append(key)
    }
    count += 1
    return .taken
  }

  /// The next commands, at most `maximum`: one of every key, and again.
  mutating func take(_ maximum: Int) -> [Item] {
    var items: [Item] = []
    items.reserveCapacity(min(maximum, count))
    while items.count < maximum, let key = turns.popFirst() {
      guard var line = lines.removeValue(forKey: key), let item = line.popFirst() else {
        preconditionFailure("a key has a turn, so it has a command")
      }
      items.append(item)
      if !line.isEmpty {
        lines[key] = line
        turns.append(key)
      }
    }
    count -= items.count
    return items
  }

  /// Everything that waits, which then waits no more.
  mutating func drain() -> [Item] { take(count) }
}
