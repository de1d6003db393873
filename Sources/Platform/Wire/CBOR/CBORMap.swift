// The pairs of a map in the order they were written in.

/// A map that keeps its order. Two maps are equal when they have the same pairs, in whatever order.
public struct CBORMap: Sendable {
  /// A key and its value.
  public struct Pair: Hashable, Sendable {
    /// The key.
    public var key: CBORValue
    /// The value.
    public var value: CBORValue

    /// A pair.
    public init(_ key: CBORValue, _ value: CBORValue) {
      self.key = key
      self.value = value
    }
  }

  /// The pairs, in order. Nothing keeps a key from being there twice.
  public var pairs: [Pair]

  /// A map of these pairs.
  public init(_ pairs: [Pair] = []) { self.pairs = pairs }

  /// How many pairs there are.
  public var count: Int { pairs.count }

  /// The value of the last pair with this key, found by looking at each. Setting it replaces that value, or
  /// adds a pair; setting nil removes every pair with the key.
  public subscript(key: CBORValue) -> CBORValue? {
    get { pairs.last { $0.key == key }?.value }
    set {
      guard let newValue else { return pairs.removeAll { $0.key == key } }
      if let index = pairs.lastIndex(where: { $0.key == key }) {
        pairs[index].value = newValue
      } else {
        pairs.append(Pair(key, newValue))
      }
    }
  }

  /// The map with the last value of each key only, in the place of the key's first pair.
  func keepingLastValues() -> CBORMap {
    var places: [CBORValue: Int] = [:]
    places.reserveCapacity(pairs.count)
    var kept: [Pair] = []
    kept.reserveCapacity(pairs.count)
    for pair in pairs {
      if let place = places[pair.key] {
        kept[place].value = pair.value
      } else {
        places[pair.key] = kept.count
        kept.append(pair)
      }
    }
    return CBORMap(kept)
  }
}

extension CBORMap: Hashable {
  /// Equal when both have the same pairs, each as often.
  public static func == (left: CBORMap, right: CBORMap) -> Bool {
    if left.count != right.count { return false }
    if left.pairs == right.pairs { return true }
    var counts: [Pair: Int] = [:]
    for pair in left.pairs { counts[pair, default: 0] += 1 }
    for pair in right.pairs {
      guard let count = counts[pair], count > 0 else { return false }
      counts[pair] = count - 1
    }
    return true
  }

  /// Hashes the pairs so that their order does not count.
  public func hash(into hasher: inout Hasher) {
    var sum = 0
    for pair in pairs { sum &+= pair.hashValue }
    hasher.combine(pairs.count)
    hasher.combine(sum)
  }
}

extension CBORMap: ExpressibleByDictionaryLiteral {
  /// A map of the literal's pairs, in its order.
  public init(dictionaryLiteral elements: (CBORValue, CBORValue)...) {
    pairs = elements.map { Pair($0.0, $0.1) }
  }
}
