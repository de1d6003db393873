// The entries of a segment's two indexes, laid out as Kafka's. Both files are rows of one size, rising; both are
// caches that can be rebuilt from the segment.

/// A row of an `.index` file: at which position of the segment the batch with an offset begins.
@frozen public struct OffsetIndexEntry: Equatable, Sendable {
  /// The offset, less the segment's base offset.
  public var relativeOffset: UInt32
  /// The position in the segment file, in bytes.
  public var position: UInt32

  /// How many bytes a row takes.
  @inlinable public static var byteCount: Int { 8 }

  /// A row. Kafka stores both numbers signed, so neither may exceed `Int32.max`.
  @inlinable
  public init(relativeOffset: UInt32, position: UInt32) {
    precondition(relativeOffset <= Int32.max && position <= Int32.max, "an index row is signed on disk")
    self.relativeOffset = relativeOffset
    self.position = position
  }

  /// The row that `bytes` begin with.
  @inlinable
  public init(parsing bytes: UnsafeRawBufferPointer) throws(RecordError) {
    guard bytes.count >= Self.byteCount, let base = bytes.baseAddress else {
      throw .truncated(needed: Self.byteCount, got: bytes.count)
    }
    let relativeOffset: Int32 = base.bigEndian(at: 0)
    let position: Int32 = base.bigEndian(at: 4)
    if relativeOffset < 0 || position < 0 {
      throw .malformedSideFile(
        file: "offset index", reason: "relative offset \(relativeOffset), position \(position)")
    }
    self.init(relativeOffset: UInt32(relativeOffset), position: UInt32(position))
  }

  /// Writes the row's 8 bytes.
  @inlinable
  public func store(to memory: UnsafeMutableRawPointer) {
    memory.store(bigEndian: relativeOffset, at: 0)
    memory.store(bigEndian: position, at: 4)
  }
}

/// A row of a `.timeindex` file: no record up to an offset has a later timestamp.
@frozen public struct TimeIndexEntry: Equatable, Sendable {
  /// The largest timestamp so far, in milliseconds since 1970.
  public var timestamp: Int64
  /// The offset of the record that has it, less the segment's base offset.
  public var relativeOffset: UInt32

  /// How many bytes a row takes.
  @inlinable public static var byteCount: Int { 12 }

  /// A row. Kafka stores the offset signed, so it may not exceed `Int32.max`.
  @inlinable
  public init(timestamp: Int64, relativeOffset: UInt32) {
    precondition(relativeOffset <= Int32.max, "a time index row's offset is signed on disk")
    self.timestamp = timestamp
    self.relativeOffset = relativeOffset
  }

  /// The row that `bytes` begin with.
  @inlinable
  public init(parsing bytes: UnsafeRawBufferPointer) throws(RecordError) {
    guard bytes.count >= Self.byteCount, let base = bytes.baseAddress else {
      throw .truncated(needed: Self.byteCount, got: bytes.count)
    }
    let relativeOffset: Int32 = base.bigEndian(at: 8)
    if relativeOffset < 0 {
      throw .malformedSideFile(file: "time index", reason: "relative offset \(relativeOffset)")
    }
    self.init(timestamp: base.bigEndian(at: 0), relativeOffset: UInt32(relativeOffset))
  }

  /// Writes the row's 12 bytes.
  @inlinable
  public func store(to memory: UnsafeMutableRawPointer) {
    memory.store(bigEndian: timestamp, at: 0)
    memory.store(bigEndian: relativeOffset, at: 8)
  }
}
