// What a value encoded, until it is written out: scalars and keys as bytes in one buffer, and nodes that say
// how they belong together. Containers may be filled in any order, even after the one around them went on.

import Bytes

/// What the places of one value share.
final class CBOREncodingState {
  var tree = CBOREncodingTree()
  let options: CBORWritingOptions
  let usesIntegerKeys: Bool
  let userInfo: [CodingUserInfoKey: any Sendable]

  init(_ encoder: CBOREncoder) {
    options = encoder.options
    usesIntegerKeys = encoder.usesIntegerKeys
    userInfo = encoder.userInfo
  }
}

/// The items that were encoded.
struct CBOREncodingTree {
  /// One item, or, in an array, a row of scalars that lie side by side.
  struct Node {
    enum Kind: UInt8 { case empty, scalars, array, map }

    var kind: Kind = .empty
    /// Where the key's bytes begin in `scratch`, if it has one, and how many they are.
    var key = 0
    var keyCount = 0
    /// Where the scalars' bytes begin in `scratch`, and how many they are.
    var content = 0
    var contentCount = 0
    /// The container's elements or pairs.
    var count = 0
    var firstChild = 0
    var lastChild = 0
    /// The next child of the same container; 0, the root, for none.
    var sibling = 0
  }

  var nodes: [Node] = [Node()]
  var scratch = ByteBuffer(capacity: 256)

  init() { nodes.reserveCapacity(24) }

  // MARK: Collecting

  /// Makes the node a container; false when something else was encoded in its place already.
  mutating func open(_ kind: Node.Kind, at index: Int) -> Bool {
    if nodes[index].kind == .empty { nodes[index].kind = kind }
    return nodes[index].kind == kind
  }

  /// Adds an item to a container, whose bytes are still to come.
  mutating func addChild(to parent: Int, key: Int, keyCount: Int) -> Int {
    let child = nodes.count
    nodes.append(Node(key: key, keyCount: keyCount))
    if nodes[parent].count == 0 {
      nodes[parent].firstChild = child
    } else {
      nodes[nodes[parent].lastChild].sibling = child
    }
    nodes[parent].lastChild = child
    nodes[parent].count += 1
    return child
  }

  /// Adds an item under a key to a map.
  @inline(__always)
  mutating func addPair(to parent: Int, key: some CodingKey, asInteger: Bool) -> Int {
    let start = scratch.count
    if asInteger, let integer = key.integerForm {
      scratch.appendCBOR(integer)
    } else {
      scratch.appendCBOR(key.stringValue)
    }
    return addChild(to: parent, key: start, keyCount: scratch.count - start)
  }

  /// Adds a scalar under a key to a map.
  @inline(__always)
  mutating func addPair(
    to parent: Int, key: some CodingKey, asInteger: Bool, _ append: (inout ByteBuffer) -> Void
  ) {
    let child = addPair(to: parent, key: key, asInteger: asInteger)
    let start = scratch.count
    append(&scratch)
    nodes[child].kind = .scalars
    nodes[child].content = start
    nodes[child].contentCount = scratch.count - start
  }

  /// Gives the node the scalar that `append` adds to the buffer; false when it had content already.
  @inline(__always)
  mutating func setScalar(at index: Int, _ append: (inout ByteBuffer) -> Void) -> Bool {
    guard nodes[index].kind == .empty else { return false }
    let start = scratch.count
    append(&scratch)
    nodes[index].kind = .scalars
    nodes[index].content = start
    nodes[index].contentCount = scratch.count - start
    return true
  }

  /// Adds a scalar to an array, to the row before it when that is where its bytes come to lie.
  @inline(__always)
  mutating func addElement(to parent: Int, _ append: (inout ByteBuffer) -> Void) {
    let start = scratch.count
    append(&scratch)
    let last = nodes[parent].lastChild
    if nodes[parent].count > 0, nodes[last].kind == .scalars,
      nodes[last].content + nodes[last].contentCount == start
    {
      nodes[last].contentCount += scratch.count - start
      nodes[parent].count += 1
      return
    }
    let child = addChild(to: parent, key: 0, keyCount: 0)
    nodes[child].kind = .scalars
    nodes[child].content = start
    nodes[child].contentCount = scratch.count - start
  }

  // MARK: Writing

  /// Appends everything that was encoded to `target`.
  func write(into target: inout ByteBuffer, keyOrder: CBORKeyOrder?) throws {
    let before = target.count
    // Heads of containers, apart from the nodes themselves, are all that is added to the bytes collected.
    target.reserve(scratch.count + nodes.count)
    do {
      try scratch.withReadableBytes { source in
        try write(0, from: source, into: &target, keyOrder: keyOrder)
      }
    } catch {
      target.truncate(to: before)
      throw error
    }
  }

  private func write(
    _ index: Int, from source: UnsafeRawBufferPointer, into target: inout ByteBuffer, keyOrder: CBORKeyOrder?
  ) throws {
    let node = nodes[index]
    switch node.kind {
    case .scalars: target.append(run(source, node.content, node.contentCount))
    case .array:
      target.appendCBORHead(4, UInt64(node.count))
      var child = node.firstChild
      while child != 0 {
        try write(child, from: source, into: &target, keyOrder: keyOrder)
        child = nodes[child].sibling
      }
    case .map:
      target.appendCBORHead(5, UInt64(node.count))
      if keyOrder == nil && node.count <= Self.scannedMaximum {
        try checkKeys(of: node, source)
        var child = node.firstChild
        while child != 0 {
          try writePair(child, from: source, into: &target, keyOrder: keyOrder)
          child = nodes[child].sibling
        }
      } else {
        for child in try pairs(of: node, source, keyOrder) {
          try writePair(child, from: source, into: &target, keyOrder: keyOrder)
        }
      }
    // A type that encodes nothing at all is a struct without fields.
    case .empty: target.appendCBORHead(5, 0)
    }
  }

  private func writePair(
    _ index: Int, from source: UnsafeRawBufferPointer, into target: inout ByteBuffer, keyOrder: CBORKeyOrder?
  ) throws {
    let node = nodes[index]
    if node.kind == .scalars && node.content == node.key + node.keyCount {
      target.append(run(source, node.key, node.keyCount + node.contentCount))
    } else {
      target.append(run(source, node.key, node.keyCount))
      try write(index, from: source, into: &target, keyOrder: keyOrder)
    }
  }

  @inline(__always)
  private func run(_ source: UnsafeRawBufferPointer, _ start: Int, _ count: Int) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: source[start..<start + count])
  }

  /// Up to this many keys a map are compared each with each.
  private static let scannedMaximum = 24

  /// Checks that a small map has no key twice.
  private func checkKeys(of map: Node, _ source: UnsafeRawBufferPointer) throws {
    var left = map.firstChild
    while left != 0 {
      var right = nodes[left].sibling
      while right != 0 {
        if nodes[left].keyCount == nodes[right].keyCount && isSameKey(left, right, source) {
          throw duplicate(right, source)
        }
        right = nodes[right].sibling
      }
      left = nodes[left].sibling
    }
  }

  private func isSameKey(_ left: Int, _ right: Int, _ source: UnsafeRawBufferPointer) -> Bool {
    let count = nodes[left].keyCount
    return compareBytewise(run(source, nodes[left].key, count), run(source, nodes[right].key, count)) == 0
  }

  /// The map's pairs in the order to write them in, no key twice.
  private func pairs(of map: Node, _ source: UnsafeRawBufferPointer, _ keyOrder: CBORKeyOrder?) throws
    -> [Int]
  {
    var children: [Int] = []
    children.reserveCapacity(map.count)
    var child = map.firstChild
    while child != 0 {
      children.append(child)
      child = nodes[child].sibling
    }
    let key = { (child: Int) in run(source, nodes[child].key, nodes[child].keyCount) }
    let order = keyOrder ?? .lengthFirst
    let sorted = children.sorted { order.compare(key($0), key($1)) < 0 }
    for index in sorted.indices.dropFirst()
    where order.compare(key(sorted[index - 1]), key(sorted[index])) == 0 {
      throw duplicate(sorted[index], source)
    }
    return keyOrder == nil ? children : sorted
  }

  private func duplicate(_ child: Int, _ source: UnsafeRawBufferPointer) -> any Error {
    let encoded = ByteBuffer(copying: run(source, nodes[child].key, nodes[child].keyCount))
    do throws(CBORError) {
      let key = try CBORValue(decoding: encoded)
      return EncodingError.invalidValue(
        key, EncodingError.Context(codingPath: [], debugDescription: "the key \(key) was encoded twice"))
    } catch {
      return error
    }
  }
}

extension ByteBuffer {
  /// Appends an integer with its head.
  @inline(__always)
  mutating func appendCBOR<Integer: FixedWidthInteger>(_ value: Integer) {
    if value < 0 {
      appendCBORHead(1, UInt64(truncatingIfNeeded: ~value))
    } else {
      appendCBORHead(0, UInt64(truncatingIfNeeded: value))
    }
  }

  /// Appends a byte string with its head.
  mutating func appendCBOR(_ bytes: ByteBuffer) {
    appendCBORHead(2, UInt64(bytes.count))
    append(bytes)
  }
}
