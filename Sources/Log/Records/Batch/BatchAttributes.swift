// The 16 attribute bits of a batch. Bits 7 to 15 have no meaning yet; they are kept as found.

/// How the records of a batch are stored, and what they are.
@frozen public struct BatchAttributes: RawRepresentable, Hashable, Sendable {
  /// The bits as stored.
  public var rawValue: UInt16

  /// These bits.
  @inlinable
  public init(rawValue: UInt16) { self.rawValue = rawValue }

  /// Attributes of a batch that is written here.
  @inlinable
  public init(
    compression: Compression = .none, isLogAppendTime: Bool = false, isTransactional: Bool = false,
    isControl: Bool = false
  ) {
    rawValue =
      UInt16(compression.rawValue) | (isLogAppendTime ? 0x08 : 0) | (isTransactional ? 0x10 : 0)
      | (isControl ? 0x20 : 0)
  }

  /// How the records are compressed, as a number from 0 to 7.
  @inlinable public var compressionCode: UInt8 { UInt8(truncatingIfNeeded: rawValue & 7) }

  /// How the records are compressed; nil when it is a way that is not supported. Setting nil is an error.
  @inlinable
  public var compression: Compression? {
    get { Compression(rawValue: compressionCode) }
    set {
      guard let newValue else { preconditionFailure("a batch is stored in a supported compression") }
      rawValue = rawValue & ~7 | UInt16(newValue.rawValue)
    }
  }

  /// Whether every record has the time at which the batch was appended, which stands in `maxTimestamp`.
  @inlinable
  public var isLogAppendTime: Bool {
    get { rawValue & 0x08 != 0 }
    set { set(0x08, newValue) }
  }

  /// Whether the batch is part of a transaction.
  @inlinable
  public var isTransactional: Bool {
    get { rawValue & 0x10 != 0 }
    set { set(0x10, newValue) }
  }

  /// Whether the batch holds a control record, which consumers do not see.
  @inlinable
  public var isControl: Bool {
    get { rawValue & 0x20 != 0 }
    set { set(0x20, newValue) }
  }

  /// Whether `baseTimestamp` is when compaction may drop the batch's tombstones. Record timestamps are
  /// deltas to it all the same.
  @inlinable
  public var hasDeleteHorizon: Bool {
    get { rawValue & 0x40 != 0 }
    set { set(0x40, newValue) }
  }

  @inlinable
  mutating func set(_ bit: UInt16, _ isOn: Bool) {
    rawValue = isOn ? rawValue | bit : rawValue & ~bit
  }
}
