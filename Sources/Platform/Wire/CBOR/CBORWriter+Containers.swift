// Opening and ending arrays and maps, and putting the pairs of a map in order when it ends.

import Bytes

extension CBORWriter {
  /// Opens an array of `count` elements, to be closed by `end()`.
  public mutating func beginArray(count: Int) {
    open(4, count: count, items: count)
  }

  /// Opens a map of `count` pairs, to be closed by `end()`. Key and value are written in turn.
  public mutating func beginMap(count: Int) {
    open(5, count: count, items: count * 2)
  }

  /// Opens an array of any number of elements, to be closed by `end()`. Not for deterministic encoding.
  public mutating func beginIndefiniteArray() {
    openIndefinite(0x9f, isMap: false)
  }

  /// Opens a map of any number of pairs, to be closed by `end()`. Not for deterministic encoding.
  public mutating func beginIndefiniteMap() {
    openIndefinite(0xbf, isMap: true)
  }

  /// Closes the open container. When maps are sorted, a map with the same key twice is an error whose
  /// position counts from the beginning of the buffer.
  public mutating func end() throws(CBORError) {
    precondition(!outer.isEmpty, "no CBOR container is open")
    precondition(!isTagPending, "a tag was written, the item it applies to was not")
    if frame.isIndefinite {
      precondition(!frame.isMap || frame.remaining & 1 == 0, "the last key of the CBOR map has no value")
      buffer.append(0xff)
    } else {
      precondition(frame.remaining == 0, "fewer items than the CBOR container was said to have")
    }
    if frame.isMap, let order = options.keyOrder {
      try sortPairs(by: order)
      marks.removeSubrange(frame.firstMark...)
    }
    frame = outer.removeLast()
  }

  private mutating func open(_ major: UInt8, count: Int, items: Int) {
    precondition(count >= 0, "negative count")
    startItem()
    buffer.appendCBORHead(major, UInt64(count))
    outer.append(frame)
    frame = Frame(remaining: items, isMap: major == 5, firstMark: marks.count)
  }

  private mutating func openIndefinite(_ initial: UInt8, isMap: Bool) {
    precondition(options.keyOrder == nil, "deterministic CBOR has definite lengths only")
    startItem()
    buffer.append(initial)
    outer.append(frame)
    frame = Frame(remaining: CBORFrame.uncounted, isMap: isMap, isIndefinite: true, firstMark: marks.count)
  }

  private mutating func sortPairs(by order: CBORKeyOrder) throws(CBORError) {
    let first = frame.firstMark
    let count = (marks.count - first) / 2
    if count < 2 { return }
    let end = buffer.count
    let pairs = (0..<count).map { index in
      Pair(
        start: marks[first + 2 * index], value: marks[first + 2 * index + 1],
        end: index + 1 < count ? marks[first + 2 * index + 2] : end)
    }
    try buffer.withMutableReadableBytes { (bytes) throws(CBORError) in
      let source = UnsafeRawBufferPointer(bytes)
      let compare = { (left: Pair, right: Pair) in
        order.compare(
          UnsafeRawBufferPointer(rebasing: source[left.start..<left.value]),
          UnsafeRawBufferPointer(rebasing: source[right.start..<right.value]))
      }
      if (1..<count).allSatisfy({ compare(pairs[$0 - 1], pairs[$0]) < 0 }) { return }
      let sorted = pairs.sorted { compare($0, $1) < 0 }
      for index in 1..<count where compare(sorted[index - 1], sorted[index]) == 0 {
        throw .duplicateKey(at: max(sorted[index - 1].start, sorted[index].start))
      }
      var moved = ByteBuffer(capacity: end - pairs[0].start)
      for pair in sorted { moved.append(UnsafeRawBufferPointer(rebasing: source[pair.start..<pair.end])) }
      moved.withReadableBytes { bytes[pairs[0].start..<end].copyBytes(from: $0) }
    }
  }

  /// Where a pair's key and value are in the buffer.
  private struct Pair {
    let start: Int
    let value: Int
    let end: Int
  }
}
