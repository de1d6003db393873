// The latest offset of each key in the part of a log that was not compacted yet. Keys are remembered by digest,
// so an entry takes 24 bytes however long the key is; the number of entries is bounded.

import Bytes

/// The latest offsets of keys.
struct CompactionKeys {
  private var offsets: [KeyDigest: Int64] = [:]
  private let keysMaximum: Int

  init(keysMaximum: Int) {
    precondition(keysMaximum > 0, "a pass that remembers no key never ends")
    self.keysMaximum = keysMaximum
  }

  /// How many keys there are.
  var count: Int { offsets.count }

  /// Notes a record; false when its key is one too many, and was not noted.
  mutating func note(_ key: RawSpan, at offset: Int64) -> Bool {
    let digest = KeyDigest(key)
    if offsets.count == keysMaximum && offsets[digest] == nil { return false }
    offsets[digest] = offset
    return true
  }

  /// The latest offset of a key; nil when nothing new was said about it.
  func latest(of key: RawSpan) -> Int64? { offsets[KeyDigest(key)] }
}
