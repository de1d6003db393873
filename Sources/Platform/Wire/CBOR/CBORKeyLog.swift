// How a reader notices that a map has a key twice, or out of order.
//
// The log has one entry a key of every map that is open, innermost map last. Keys are compared by their
// bytes, which is right when there is only one way to write each: a key with any irregularity (a long head,
// an indefinite length, a wide float, a map with its free order) is compared in its deterministic form
// instead. Up to `scannedMaximum` keys are compared as they come; those of a larger map are sorted when it
// ends, so that no map costs more than n log n.

import Bytes

/// The keys of the maps that are open.
struct CBORKeyLog {
  /// One key: where its bytes are, and the first eight of them, zeros after.
  struct Entry {
    let prefix: UInt64
    /// In the message, or, when it had to be normalized, in `normalized`.
    let start: Int
    let count: Int
    let isNormalized: Bool
    /// The key's place in the message, for errors.
    let position: Int
  }

  /// Up to this many keys a map are compared each with each.
  static let scannedMaximum = 24

  var entries: [Entry] = []
  /// The deterministic forms of keys that were written otherwise.
  var normalized = ByteBuffer()

  var count: Int { entries.count }
}

extension CBORReader {
  /// Whether anything has to look back at keys.
  private var remembersKeys: Bool { options.duplicateKeys == .refused || options.keyOrder != nil }

  /// In a map, before each item: remembers where a key begins, and, when its value begins, the key.
  @_lifetime(self: copy self)
  mutating func keyOrValueStarts() throws(CBORError) {
    guard remembersKeys else { return }
    // The item was counted already: an odd number left means that this one is a key.
    if frame.remaining & 1 == 1 {
      frame.keyStart = offset
      frame.keyIrregularities = irregularities
    } else {
      try recordKey(from: frame.keyStart, to: offset)
    }
  }

  @_lifetime(self: copy self)
  private mutating func recordKey(from start: Int, to end: Int) throws(CBORError) {
    let entry: CBORKeyLog.Entry
    if irregularities == frame.keyIrregularities {
      entry = CBORKeyLog.Entry(
        prefix: prefix(from: start, to: end), start: start, count: end - start, isNormalized: false,
        position: start)
    } else {
      entry = try normalizedKey(from: start, to: end)
    }
    if let order = options.keyOrder, keys.count > frame.firstKey {
      // In order means: greater than the one before, hence than all before.
      let previous = keys.entries[keys.count - 1]
      let comparison = compare(previous, entry, by: order)
      if comparison > 0 || comparison == 0 && options.duplicateKeys != .refused {
        throw .unorderedKey(at: start)
      }
      if comparison == 0 { throw .duplicateKey(at: start) }
      keys.entries[keys.count - 1] = entry
      return
    }
    if keys.entries.isEmpty { keys.entries.reserveCapacity(16) }
    if options.keyOrder == nil && keys.count - frame.firstKey < CBORKeyLog.scannedMaximum {
      for index in frame.firstKey..<keys.count {
        let other = keys.entries[index]
        if other.prefix == entry.prefix && other.count == entry.count && areEqual(other, entry) {
          throw .duplicateKey(at: start)
        }
      }
    }
    keys.entries.append(entry)
  }

  /// At a map's end: looks for duplicates among many keys, and forgets them.
  @_lifetime(self: copy self)
  mutating func finishKeys() throws(CBORError) {
    guard remembersKeys else { return }
    if keys.count - frame.firstKey > CBORKeyLog.scannedMaximum {
      var sorted = Array(keys.entries[frame.firstKey...])
      sorted.sort { left, right in
        left.prefix != right.prefix
          ? left.prefix < right.prefix : compare(left, right, by: .bytewise) < 0
      }
      for index in 1..<sorted.count where areEqual(sorted[index - 1], sorted[index]) {
        throw .duplicateKey(at: max(sorted[index - 1].position, sorted[index].position))
      }
    }
    keys.entries.removeSubrange(frame.firstKey...)
    if keys.entries.isEmpty { keys.normalized.clear() }
  }

  private func areEqual(_ left: CBORKeyLog.Entry, _ right: CBORKeyLog.Entry) -> Bool {
    if left.count != right.count || left.prefix != right.prefix { return false }
    return left.count <= 8 || compare(left, right, by: .bytewise) == 0
  }

  private func compare(_ left: CBORKeyLog.Entry, _ right: CBORKeyLog.Entry, by order: CBORKeyOrder) -> Int {
    keys.normalized.withReadableBytes { normalized in
      func bytes(of entry: CBORKeyLog.Entry) -> UnsafeRawBufferPointer {
        entry.isNormalized
          ? UnsafeRawBufferPointer(rebasing: normalized[entry.start..<entry.start + entry.count])
          : self.bytes(from: entry.start, to: entry.start + entry.count)
      }
      return order.compare(bytes(of: left), bytes(of: right))
    }
  }

  /// Up to eight bytes as a number whose order is theirs.
  @inline(__always)
  private func prefix(from start: Int, to end: Int) -> UInt64 {
    let count = end &- start
    if limit &- start >= 8 {
      let word = UInt64(bigEndian: (base + start).loadUnaligned(as: UInt64.self))
      return count >= 8 ? word : word & ~(UInt64.max >> UInt64(8 * count))
    }
    var word: UInt64 = 0
    for index in start..<min(end, start + 8) {
      word |= UInt64(byte(at: index)) << UInt64(56 - 8 * (index - start))
    }
    return word
  }

  @_lifetime(self: copy self)
  private mutating func normalizedKey(from start: Int, to end: Int) throws(CBORError) -> CBORKeyLog.Entry {
    // What is inside the key was checked when it was read. It is read again here, and, when keys are nested
    // in keys, once a level: its items count every time, so that the limit bounds this work too.
    var lenient = CBORReadingOptions(limits: options.limits, duplicateKeys: .allowed)
    lenient.limits.itemsMaximum = itemsLeft
    let form: ByteBuffer
    do {
      var reader = try CBORReader(RawSpan(_unsafeBytes: bytes(from: start, to: end)), options: lenient)
      form = try reader.readValue().encoded(CBORWritingOptions(keyOrder: .bytewise))
      itemsLeft = reader.itemsLeft
    } catch .duplicateKey {
      // Only where duplicates are allowed can a map inside a key have one.
      throw .duplicateKey(at: start)
    } catch .tooManyItems {
      throw .tooManyItems(maximum: options.limits.itemsMaximum, at: start)
    }
    var prefix: UInt64 = 0
    for index in 0..<min(8, form.count) { prefix |= UInt64(form[index]) << UInt64(56 - 8 * index) }
    let entry = CBORKeyLog.Entry(
      prefix: prefix, start: keys.normalized.count, count: form.count, isNormalized: true, position: start)
    keys.normalized.append(form)
    return entry
  }
}
