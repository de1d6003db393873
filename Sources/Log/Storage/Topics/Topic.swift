// A topic: its settings and its open partitions.

public import Bytes
public import Wire

/// A topic of an open log.
public struct Topic: Sendable {
  /// Its name.
  public let name: TopicName
  /// Sixteen bytes that no other topic has, not even a later one of the same name.
  public let id: UUID
  /// How it keeps its records.
  public let settings: TopicSettings
  /// Its partitions, by number.
  public let partitions: [Partition]

  /// The partition for records with this key: the one that Kafka's own producers choose.
  public func partition(forKey key: ByteBuffer) -> Partition {
    partitions[KeyPartitioning.index(of: key, partitions: partitions.count)]
  }
}

/// Which partition a key belongs to: Kafka's default, so that a bridged topic keeps its keys where they are.
public enum KeyPartitioning {
  /// The partition's number among `partitions`.
  public static func index(of key: ByteBuffer, partitions: Int) -> Int {
    Int(murmur2(key) & 0x7fff_ffff) % partitions
  }

  /// MurmurHash 2, 32 bits, with the seed that Kafka uses.
  static func murmur2(_ key: ByteBuffer) -> UInt32 {
    let multiplier: UInt32 = 0x5bd1_e995
    return key.withReadableBytes { bytes in
      var hash: UInt32 = 0x9747_b28c ^ UInt32(truncatingIfNeeded: bytes.count)
      let whole = bytes.count & ~3
      for start in stride(from: 0, to: whole, by: 4) {
        var word = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: start, as: UInt32.self))
        word &*= multiplier
        word ^= word >> 24
        word &*= multiplier
        hash &*= multiplier
        hash ^= word
      }
      let rest = bytes[whole...]
      if !rest.isEmpty {
        for (shift, byte) in rest.enumerated() { hash ^= UInt32(byte) << UInt32(8 * shift) }
        hash &*= multiplier
      }
      hash ^= hash >> 13
      hash &*= multiplier
      return hash ^ (hash >> 15)
    }
  }
}
