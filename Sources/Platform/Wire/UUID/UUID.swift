// UUIDs (RFC 9562) as a value of two words. Nothing here reads a clock or a random source: both are handed
// in, so that a simulation can own them. Text is in UUID+Text.swift, version 7 in UUIDVersion7Generator.swift.

public import Bytes

/// A universally unique identifier.
public struct UUID: Hashable, Sendable {
  /// The first eight bytes, most significant first.
  public let high: UInt64
  /// The last eight bytes, most significant first.
  public let low: UInt64

  /// A UUID of exactly these bits.
  public init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// The UUID whose 16 bytes are these; nil when there are not 16.
  public init?(bytes: RawSpan) {
    guard bytes.byteCount == 16 else { return nil }
    (high, low) = bytes.withUnsafeBytes {
      (
        UInt64(bigEndian: $0.loadUnaligned(as: UInt64.self)),
        UInt64(bigEndian: $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
      )
    }
  }

  /// A version 4 UUID: 122 bits from `random`.
  public init(version4 random: inout some RandomNumberGenerator) {
    let high: UInt64 = random.next()
    self.init(high: high, low: random.next(), version: 4)
  }

  /// A version 5 UUID from the SHA-1 digest of its namespace's 16 bytes and its name's. Hashing is not this
  /// module's business; Crypto has an initializer that does both.
  public init(version5Digest digest: RawSpan) {
    precondition(digest.byteCount == 20, "a SHA-1 digest has 20 bytes")
    (high, low) = digest.withUnsafeBytes {
      let exact = UUID(
        high: UInt64(bigEndian: $0.loadUnaligned(as: UInt64.self)),
        low: UInt64(bigEndian: $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self)), version: 5)
      return (exact.high, exact.low)
    }
  }

  /// These bits, but for the version and the variant that all versions share.
  init(high: UInt64, low: UInt64, version: UInt64) {
    self.high = high & ~0xf000 | version << 12
    self.low = low & ~(3 << 62) | 2 << 62
  }

  // MARK: Parts

  /// The version in the place all versions have it: 1 … 8 for UUIDs made by RFC 9562.
  public var version: Int { Int(high >> 12 & 0xf) }

  /// Whether the variant bits are RFC 9562's.
  public var hasStandardVariant: Bool { low >> 62 == 2 }

  /// When a version 7 UUID was made, in milliseconds since 1970; nil for other versions.
  public var unixMilliseconds: UInt64? { version == 7 && hasStandardVariant ? high >> 16 : nil }

  /// Appends the 16 bytes.
  public func append(to buffer: inout ByteBuffer) {
    buffer.append(bigEndian: high)
    buffer.append(bigEndian: low)
  }

  // MARK: Named values

  /// All zeros.
  public static let zero = UUID(high: 0, low: 0)
  /// All ones.
  public static let max = UUID(high: .max, low: .max)

  /// The namespace of domain names, for version 5.
  public static let domainNames = UUID(high: 0x6ba7_b810_9dad_11d1, low: 0x80b4_00c0_4fd4_30c8)
  /// The namespace of URLs, for version 5.
  public static let urls = UUID(high: 0x6ba7_b811_9dad_11d1, low: 0x80b4_00c0_4fd4_30c8)
  /// The namespace of ISO object identifiers, for version 5.
  public static let objectIdentifiers = UUID(high: 0x6ba7_b812_9dad_11d1, low: 0x80b4_00c0_4fd4_30c8)
  /// The namespace of X.500 distinguished names, for version 5.
  public static let distinguishedNames = UUID(high: 0x6ba7_b814_9dad_11d1, low: 0x80b4_00c0_4fd4_30c8)
}

extension UUID: Comparable {
  /// By the bytes, which is also by the text and, for version 7, by time.
  public static func < (left: UUID, right: UUID) -> Bool {
    left.high < right.high || left.high == right.high && left.low < right.low
  }
}
