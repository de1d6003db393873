// Writes DER: a tree of elements, measured first and then written once, straight into memory that is wiped
// when it is released, since most of what is written here are private keys.

/// An element to be written.
indirect enum DERNode {
  /// An element of plain bytes.
  case bytes(UInt8, [UInt8])
  /// An element of secret bytes.
  case secret(UInt8, SecretBytes)
  /// A non-negative INTEGER by its magnitude.
  case unsigned(SecretBytes)
  /// An element that holds elements; in a BIT STRING, after the byte that counts unused bits.
  case nested(UInt8, [DERNode])

  static func sequence(_ children: DERNode...) -> DERNode { .nested(DERTag.sequence, children) }
  static func version(_ number: UInt8) -> DERNode { .bytes(DERTag.integer, [number]) }
  static func identifier(_ identifier: ObjectIdentifier) -> DERNode {
    .bytes(DERTag.objectIdentifier, identifier.encoded)
  }
  static func bitString(_ bytes: RawSpan) -> DERNode { .bytes(DERTag.bitString, [0] + [UInt8](bytes)) }
  static let null = DERNode.bytes(DERTag.null, [])

  /// The element's bytes.
  var encoded: SecretBytes {
    SecretBytes(count: byteCount) { target in
      let end = write(to: target, at: 0)
      precondition(end == target.count, "measured \(target.count) bytes of DER, wrote \(end)")
    }
  }

  private var byteCount: Int {
    let contents = contentCount
    return 1 + Self.lengthCount(contents) + contents
  }

  private var contentCount: Int {
    switch self {
    case .bytes(_, let bytes): bytes.count
    case .secret(_, let secret): secret.count
    case .unsigned(let magnitude): Self.significant(magnitude) + (Self.needsZero(magnitude) ? 1 : 0)
    case .nested(let tag, let children):
      children.reduce(tag == DERTag.bitString ? 1 : 0) { $0 + $1.byteCount }
    }
  }

  private func write(to target: UnsafeMutableRawBufferPointer, at start: Int) -> Int {
    var offset = start
    func put(_ byte: UInt8) {
      target[offset] = byte
      offset += 1
    }
    func put(_ bytes: UnsafeRawBufferPointer) {
      UnsafeMutableRawBufferPointer(rebasing: target[offset...]).copyMemory(from: bytes)
      offset += bytes.count
    }
    func putHeader(_ tag: UInt8) {
      let count = contentCount
      precondition(count <= 0xffff, "keys are smaller than 64 KiB")
      put(tag)
      if count >= 0x100 {
        put(0x82)
        put(UInt8(count >> 8))
      } else if count >= 0x80 {
        put(0x81)
      }
      put(UInt8(truncatingIfNeeded: count))
    }
    switch self {
    case .bytes(let tag, let bytes):
      putHeader(tag)
      bytes.withUnsafeBytes { put($0) }
    case .secret(let tag, let secret):
      putHeader(tag)
      secret.withUnsafeBytes { put($0) }
    case .unsigned(let magnitude):
      putHeader(DERTag.integer)
      if Self.needsZero(magnitude) { put(0) }
      magnitude.withUnsafeBytes {
        put(UnsafeRawBufferPointer(rebasing: $0.suffix(Self.significant(magnitude))))
      }
    case .nested(let tag, let children):
      putHeader(tag)
      if tag == DERTag.bitString { put(0) }
      for child in children { offset = child.write(to: target, at: offset) }
    }
    return offset
  }

  private static func lengthCount(_ count: Int) -> Int { count < 0x80 ? 1 : count < 0x100 ? 2 : 3 }

  private static func significant(_ magnitude: SecretBytes) -> Int {
    magnitude.withUnsafeBytes { bytes in bytes.count - (bytes.firstIndex { $0 != 0 } ?? bytes.count) }
  }

  private static func needsZero(_ magnitude: SecretBytes) -> Bool {
    magnitude.withUnsafeBytes { bytes in (bytes.first { $0 != 0 } ?? 0xff) >= 0x80 }
  }
}
