/// A field of a message, as its .proto file describes it.
public struct ProtobufFieldDescription: Equatable, Sendable {
  /// How values make up the field.
  public enum Shape: Equatable, Sendable {
    /// One value that is there or has its default: proto3's plain scalars.
    case plain
    /// One value that may be missing: `optional`, messages, members of a oneof, all of proto2.
    case optional
    /// Any number of values.
    case repeated
    /// Values by keys.
    case map(key: ProtobufFieldKind, value: ProtobufFieldKind)
  }

  /// The name in the .proto file.
  public let name: String
  /// The name in JSON.
  public let jsonName: String
  /// The number on the wire.
  public let number: Int32
  /// What one value is; a map's is the message its entries are.
  public let kind: ProtobufFieldKind
  /// How values make up the field.
  public let shape: Shape
  /// Which of the message's oneofs it is in. An `optional` of proto3 is in one of its own.
  public let oneof: Int?
}
