// <offset>.snapshot: what a partition knows of its idempotent producers at an offset, so that recovery reads the
// log only from there. Kafka's layout, version 1.

public import Bytes
import Wire

/// The producers of a partition at one offset.
public struct ProducerSnapshot: Equatable, Sendable {
  /// The last word of one producer.
  public struct Entry: Equatable, Sendable {
    /// The producer.
    public var producerID: Int64
    /// Its epoch.
    public var epoch: Int16
    /// The sequence number of its last record; -1 after a control batch alone.
    public var lastSequence: Int32
    /// The offset of its last record; -1 when it has none.
    public var lastOffset: Int64
    /// The last batch's last offset, less its first one.
    public var offsetDelta: Int32
    /// The last batch's largest timestamp, in milliseconds since 1970.
    public var timestamp: Int64
    /// The epoch of the coordinator that last ended a transaction of it; -1 when none did.
    public var coordinatorEpoch: Int32
    /// Where its open transaction began; -1 when none is open.
    public var currentTransactionFirstOffset: Int64

    /// An entry of these fields.
    public init(
      producerID: Int64, epoch: Int16, lastSequence: Int32, lastOffset: Int64, offsetDelta: Int32,
      timestamp: Int64, coordinatorEpoch: Int32 = -1, currentTransactionFirstOffset: Int64 = -1
    ) {
      self.producerID = producerID
      self.epoch = epoch
      self.lastSequence = lastSequence
      self.lastOffset = lastOffset
      self.offsetDelta = offsetDelta
      self.timestamp = timestamp
      self.coordinatorEpoch = coordinatorEpoch
      self.currentTransactionFirstOffset = currentTransactionFirstOffset
    }

    static let byteCount = 46
  }

  /// The producers, each once.
  public var entries: [Entry]

  /// A snapshot of these entries.
  public init(entries: [Entry] = []) { self.entries = entries }

  /// Version, checksum, number of entries.
  private static let prefixBytes = 10
  private static let version: Int16 = 1

  /// The snapshot whose file content is `bytes`.
  public static func parse(_ bytes: RawSpan) throws(RecordError) -> ProducerSnapshot {
    if bytes.byteCount < prefixBytes { throw .truncated(needed: prefixBytes, got: bytes.byteCount) }
    return try bytes.withUnsafeBytes { bytes throws(RecordError) in try parse(bytes) }
  }

  private static func parse(_ bytes: UnsafeRawBufferPointer) throws(RecordError) -> ProducerSnapshot {
    guard let base = bytes.baseAddress else { throw .truncated(needed: prefixBytes, got: 0) }
    let version: Int16 = base.bigEndian(at: 0)
    if version != Self.version { throw malformed("its version is \(version), not 1") }
    let stored: UInt32 = base.bigEndian(at: 2)
    let computed = CRC32C.checksum(of: UnsafeRawBufferPointer(rebasing: bytes[6...]))
    if stored != computed { throw .checksumMismatch(expected: stored, computed: computed) }
    let count: Int32 = base.bigEndian(at: 6)
    guard count >= 0, count <= RecordLimits.producersMaximum else {
      throw malformed("it says \(count) entries")
    }
    let needed = prefixBytes + Int(count) * Entry.byteCount
    if bytes.count < needed { throw .truncated(needed: needed, got: bytes.count) }
    if bytes.count > needed { throw malformed("\(bytes.count - needed) bytes follow the last entry") }
    var entries: [Entry] = []
    entries.reserveCapacity(Int(count))
    var seen: Set<Int64> = []
    for index in 0..<Int(count) {
      let entry = Entry(at: base + (prefixBytes + index * Entry.byteCount))
      if let objection = entry.objection { throw malformed("entry \(index) has \(objection)") }
      if !seen.insert(entry.producerID).inserted {
        throw malformed("producer \(entry.producerID) is there twice")
      }
      entries.append(entry)
    }
    return ProducerSnapshot(entries: entries)
  }

  private static func malformed(_ reason: String) -> RecordError {
    .malformedSideFile(file: "producer snapshot", reason: reason)
  }

  /// The file's content.
  public func encoded() -> ByteBuffer {
    precondition(entries.count <= RecordLimits.producersMaximum, "more producers than a snapshot may list")
    var body = ByteBuffer(capacity: 4 + entries.count * Entry.byteCount)
    body.append(bigEndian: Int32(entries.count))
    for entry in entries { entry.append(to: &body) }
    var file = ByteBuffer(capacity: 6 + body.count)
    file.append(bigEndian: Self.version)
    file.append(bigEndian: CRC32C.checksum(of: body.readable))
    file.append(body)
    return file
  }
}

extension ProducerSnapshot.Entry {
  fileprivate init(at base: UnsafeRawPointer) {
    self.init(
      producerID: base.bigEndian(at: 0), epoch: base.bigEndian(at: 8), lastSequence: base.bigEndian(at: 10),
      lastOffset: base.bigEndian(at: 14), offsetDelta: base.bigEndian(at: 22),
      timestamp: base.bigEndian(at: 26), coordinatorEpoch: base.bigEndian(at: 34),
      currentTransactionFirstOffset: base.bigEndian(at: 38))
  }

  /// What is wrong with the fields; nil when nothing is. -1 is "none" wherever that can be.
  fileprivate var objection: String? {
    if producerID < 0 { return "producer id \(producerID)" }
    if epoch < -1 { return "epoch \(epoch)" }
    if lastSequence < -1 { return "sequence \(lastSequence)" }
    if lastOffset < -1 { return "last offset \(lastOffset)" }
    if offsetDelta < 0 { return "offset delta \(offsetDelta)" }
    if coordinatorEpoch < -1 { return "coordinator epoch \(coordinatorEpoch)" }
    if currentTransactionFirstOffset < -1 {
      return "transaction's first offset \(currentTransactionFirstOffset)"
    }
    return nil
  }

  fileprivate func append(to buffer: inout ByteBuffer) {
    buffer.append(bigEndian: producerID)
    buffer.append(bigEndian: epoch)
    buffer.append(bigEndian: lastSequence)
    buffer.append(bigEndian: lastOffset)
    buffer.append(bigEndian: offsetDelta)
    buffer.append(bigEndian: timestamp)
    buffer.append(bigEndian: coordinatorEpoch)
    buffer.append(bigEndian: currentTransactionFirstOffset)
  }
}
