// A record as callers append it and as owned copies of what is read. The fast way to read is RecordIterator,
// whose views own nothing.

public import Bytes

/// A named value beside a record's own.
public struct RecordHeader: Hashable, Sendable {
  /// The name. It need not be the only header of that name.
  public var key: String
  /// The value; nil is not the same as empty.
  public var value: ByteBuffer?

  /// A header of that name and value.
  public init(key: String, value: ByteBuffer?) {
    self.key = key
    self.value = value
  }
}

/// A record without its place in the log.
public struct Record: Equatable, Sendable {
  /// What the record is about; nil when it says nothing of the kind.
  public var key: ByteBuffer?
  /// The content; nil is a tombstone, which compaction takes as "the key is no more".
  public var value: ByteBuffer?
  /// Named values, in order.
  public var headers: [RecordHeader]
  /// Milliseconds since 1970; nil: the time of appending.
  public var timestamp: Int64?

  /// A record of these parts.
  public init(
    key: ByteBuffer? = nil, value: ByteBuffer?, headers: [RecordHeader] = [], timestamp: Int64? = nil
  ) {
    self.key = key
    self.value = value
    self.headers = headers
    self.timestamp = timestamp
  }
}

/// A record with its place in the log.
public struct StoredRecord: Equatable, Sendable {
  /// Where it stands.
  public let offset: Int64
  /// Milliseconds since 1970: the producer's time or that of appending, as the topic wants it.
  public let timestamp: Int64
  /// Key, value and headers; its own timestamp is the one above.
  public let record: Record

  /// A record at that offset.
  public init(offset: Int64, timestamp: Int64, record: Record) {
    self.offset = offset
    self.timestamp = timestamp
    self.record = record
  }
}
