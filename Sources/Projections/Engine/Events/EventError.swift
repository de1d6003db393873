// Why a record of the log is no event that the domain can take.

public import Log
public import Records
public import Wire

/// What is wrong with a record, and where it stands.
public struct EventError: Error, Equatable, Sendable {
  /// What is wrong.
  public enum Cause: Equatable, Sendable {
    /// Its batch or its own bytes are damaged.
    case record(RecordError)
    /// It has no header `ce_type`.
    case noType
    /// It has no value.
    case noValue
    /// The domain knows no such type: it is of another topic, or of a newer version of the program.
    case unknownType(String)
    /// Its value is no message of its type.
    case undecodable(type: String, ProtobufError)
  }

  /// The partition.
  public let partition: PartitionID
  /// The record's offset.
  public let offset: Int64
  /// What is wrong with it.
  public let cause: Cause

  /// An error of the record at `offset`.
  init(_ partition: PartitionID, _ offset: Int64, _ cause: Cause) {
    self.partition = partition
    self.offset = offset
    self.cause = cause
  }
}

extension EventError: CustomStringConvertible {
  /// One line for a log.
  public var description: String { "\(partition) offset \(offset): \(cause)" }
}

extension EventError.Cause: CustomStringConvertible {
  /// What is wrong, without the place.
  public var description: String {
    switch self {
    case .record(let error): "\(error)"
    case .noType: "the record has no header ce_type"
    case .noValue: "the record has no value"
    case .unknownType(let name): "no event \(name) is known here"
    case .undecodable(let type, let error): "the value is no \(type): \(error)"
    }
  }
}
