// Which keys the open objects have: how a reader notices a repeated key in constant time, by the bytes
// themselves and not by a hash alone.

import Bytes

/// The keys of every object read so far, in one open-addressing table.
///
/// Entries of closed objects stay until the reader goes: an entry is small and the document is bounded.
struct JSONKeyLedger {
  private struct Entry {
    var object: UInt32 = 0  // 0: free
    var isDecoded = false
    var hash = 0
    var offset = 0
    var count = 0
  }

  private var entries: [Entry] = []
  private var used = 0
  private var openObjects: [UInt32] = []
  private var objects: UInt32 = 0
  /// Keys that had escapes, which the document does not hold as they are compared.
  private var decoded = ByteBuffer()

  mutating func open() {
    objects += 1
    openObjects.append(objects)
  }

  mutating func close() { openObjects.removeLast() }

  /// Notes a key of the innermost object: at `offset` in the document, or nil when its escapes were decoded.
  /// False when the object has it already.
  mutating func insert(_ key: UnsafeRawBufferPointer, at offset: Int?, in document: UnsafeRawPointer) -> Bool
  {
    guard let object = openObjects.last else { return true }
    if (used + 1) * 2 > entries.count { grow() }
    var hasher = Hasher()  // seeded per process: nobody can choose keys that collide
    hasher.combine(object)
    hasher.combine(bytes: key)
    let hash = hasher.finalize()
    let mask = entries.count - 1
    var slot = hash & mask
    while entries[slot].object != 0 {
      let entry = entries[slot]
      if entry.hash == hash && entry.object == object && matches(entry, key, in: document) { return false }
      slot = (slot + 1) & mask
    }
    let at = offset ?? decoded.count
    if offset == nil { decoded.append(key) }
    entries[slot] = Entry(object: object, isDecoded: offset == nil, hash: hash, offset: at, count: key.count)
    used += 1
    return true
  }

  private func matches(
    _ entry: Entry, _ key: UnsafeRawBufferPointer, in document: UnsafeRawPointer
  ) -> Bool {
    guard entry.count == key.count else { return false }
    func equals(_ start: UnsafeRawPointer) -> Bool {
      UnsafeRawBufferPointer(start: start + entry.offset, count: entry.count).elementsEqual(key)
    }
    guard entry.isDecoded else { return equals(document) }
    return decoded.withReadableBytes { bytes in bytes.baseAddress.map(equals) ?? true }
  }

  private mutating func grow() {
    let old = entries
    entries = Array(repeating: Entry(), count: Swift.max(32, old.count * 2))
    let mask = entries.count - 1
    for entry in old where entry.object != 0 {
      var slot = entry.hash & mask
      while entries[slot].object != 0 { slot = (slot + 1) & mask }
      entries[slot] = entry
    }
  }
}
