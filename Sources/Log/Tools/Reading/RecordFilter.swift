// Which records a reader wants to see.

public import Bytes
public import LogEvents
public import Records

/// Conditions on a record; all must hold.
public struct RecordFilter: Sendable {
  /// The key; nil: any, or none.
  public var key: ByteBuffer?
  /// What the key begins with.
  public var keyPrefix: ByteBuffer?
  /// Headers that must be there with these values, whatever others there are.
  public var headers: [RecordHeader] = []
  /// The event type, as the header `ce_type` has it.
  public var eventType: EventTypeName?

  /// Every record.
  public init() {}

  /// Whether the record is wanted.
  public func matches(_ record: Record) -> Bool {
    if let key, record.key != key { return false }
    if let keyPrefix {
      guard let key = record.key, key.count >= keyPrefix.count,
        key.slice(from: 0, count: keyPrefix.count) == keyPrefix
      else { return false }
    }
    if !headers.allSatisfy(record.headers.contains) { return false }
    if let eventType {
      let wanted = RecordHeader(key: EventPayloads.typeHeader, value: ByteBuffer(eventType.description))
      return record.headers.contains(wanted)
    }
    return true
  }
}
