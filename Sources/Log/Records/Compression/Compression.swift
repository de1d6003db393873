// How records can be compressed here. Kafka knows gzip and snappy besides, which are not supported.

/// How the records of a batch are compressed; the raw value is what the attributes carry.
@frozen public enum Compression: UInt8, CaseIterable, Sendable {
  /// Not at all.
  case none = 0
  /// One LZ4 frame.
  case lz4 = 3
  /// One Zstandard frame.
  case zstd = 4
}

extension Compression: LosslessStringConvertible {
  /// The compression of that name; nil when there is none.
  public init?(_ description: String) {
    guard let found = Self.allCases.first(where: { $0.description == description }) else { return nil }
    self = found
  }

  /// The name: `none`, `lz4` or `zstd`.
  public var description: String {
    switch self {
    case .none: "none"
    case .lz4: "lz4"
    case .zstd: "zstd"
    }
  }
}
