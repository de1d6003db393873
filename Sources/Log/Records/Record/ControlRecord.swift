// What a control batch holds: the mark that ends a transaction, or one of a consensus protocol's own.

import Bytes

/// The content of a control record.
public struct ControlRecord: Equatable, Sendable {
  /// What a control record says.
  public enum Kind: Equatable, Sendable {
    /// The producer's transaction is void.
    case abort
    /// The producer's transaction holds.
    case commit
    /// Something else, by number.
    case other(Int16)

    /// The kind stored as `code`.
    public init(code: Int16) {
      self =
        switch code {
        case 0: .abort
        case 1: .commit
        default: .other(code)
        }
    }

    /// The number it is stored as.
    public var code: Int16 {
      switch self {
      case .abort: 0
      case .commit: 1
      case .other(let code): code
      }
    }
  }

  /// The version of the key's layout.
  public var version: Int16
  /// What it says.
  public var kind: Kind
  /// The epoch of the transaction coordinator that wrote the mark; nil for other kinds than abort and commit.
  public var coordinatorEpoch: Int32?

  /// The mark that ends a transaction.
  public init(_ kind: Kind, coordinatorEpoch: Int32?, version: Int16 = 0) {
    self.version = version
    self.kind = kind
    self.coordinatorEpoch = coordinatorEpoch
  }

  /// The control record of that key and value. A later version may have more bytes behind the known ones.
  public init(parsing key: RawSpan?, value: RawSpan?) throws(RecordError) {
    guard let key else { throw .malformedControlRecord("it has no key") }
    var reader = ByteReader(key)
    do {
      version = try reader.readBigEndian()
      kind = Kind(code: try reader.readBigEndian())
    } catch { throw .malformedControlRecord("its key has \(key.byteCount) bytes, of at least 4") }
    if version < 0 { throw .malformedControlRecord("its key has version \(version)") }
    guard kind == .abort || kind == .commit else { return }
    guard let value else { throw .malformedControlRecord("it ends a transaction and has no value") }
    var content = ByteReader(value)
    let valueVersion: Int16
    do {
      valueVersion = try content.readBigEndian()
      coordinatorEpoch = try content.readBigEndian()
    } catch { throw .malformedControlRecord("its value has \(value.byteCount) bytes, of at least 6") }
    if valueVersion < 0 { throw .malformedControlRecord("its value has version \(valueVersion)") }
  }

  /// The record to be put in a control batch; its value is nil for kinds other than abort and commit.
  public func record(timestamp: Int64? = nil) -> Record {
    var key = ByteBuffer(capacity: 4)
    key.append(bigEndian: version)
    key.append(bigEndian: kind.code)
    var record = Record(key: key, value: nil, timestamp: timestamp)
    if let coordinatorEpoch {
      var value = ByteBuffer(capacity: 6)
      value.append(bigEndian: 0 as Int16)
      value.append(bigEndian: coordinatorEpoch)
      record.value = value
    }
    return record
  }
}
