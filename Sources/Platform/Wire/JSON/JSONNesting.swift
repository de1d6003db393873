// The containers that are open, one bit each: what the reader and the writer both must remember.

/// A stack of "object or array", `JSONLimits.deepestPossible` deep, without an allocation.
@usableFromInline
struct JSONNesting {
  private var objects: InlineArray<8, UInt64> = .init(repeating: 0)
  @usableFromInline private(set) var depth = 0

  init() {}

  /// Whether the innermost open container is an object; false at the top level.
  var isInObject: Bool {
    depth > 0 && objects[(depth &- 1) >> 6] & (1 &<< UInt64(truncatingIfNeeded: depth &- 1)) != 0
  }

  mutating func push(object: Bool) {
    precondition(depth < JSONLimits.deepestPossible, "JSON nested deeper than \(JSONLimits.deepestPossible)")
    let bit: UInt64 = 1 &<< UInt64(truncatingIfNeeded: depth)
    if object { objects[depth >> 6] |= bit } else { objects[depth >> 6] &= ~bit }
    depth &+= 1
  }

  mutating func pop() {
    precondition(depth > 0, "no JSON container is open")
    depth &-= 1
  }
}
