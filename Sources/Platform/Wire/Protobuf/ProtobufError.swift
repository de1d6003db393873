// Why protobuf bytes were refused, and where: every case carries the byte position counted from the start of
// the outermost message and the number of the innermost field being read (0 before the first tag).

/// Where in the input a decoder stopped.
public struct ProtobufPosition: Equatable, Sendable, CustomStringConvertible {
  /// Bytes from the start of the outermost message.
  public var byte: Int
  /// The number of the field being read; 0 when no tag was read yet.
  public var field: Int

  /// A position.
  public init(byte: Int, field: Int) {
    self.byte = byte
    self.field = field
  }

  /// For logs: `byte 12, field 3`.
  public var description: String { "byte \(byte), field \(field)" }
}

/// Why protobuf bytes could not be decoded, or a message not be encoded.
public enum ProtobufError: Error, Equatable, Sendable {
  /// The input, or the enclosing message, ends inside a tag or value, or a length points past it.
  case truncated(ProtobufPosition)
  /// A varint is longer than ten bytes (a tag: five) or its value does not fit.
  case varintOverflow(ProtobufPosition)
  /// A tag has field number 0.
  case fieldNumberZero(ProtobufPosition)
  /// A tag has wire type 6 or 7, which do not exist.
  case wireType(Int, ProtobufPosition)
  /// A group is ended that was not begun, or that is not the innermost one.
  case endGroup(ProtobufPosition)
  /// A `string` field's bytes are not UTF-8.
  case notUTF8(ProtobufPosition)
  /// Messages or groups are nested deeper than the limit.
  case tooDeep(ProtobufPosition, limit: Int)
  /// The message has more repeated elements and map entries than the limit.
  case tooManyElements(ProtobufPosition, limit: Int)
  /// A `string` or `bytes` field is longer than the limit.
  case fieldTooLong(ProtobufPosition, bytes: Int, limit: Int)
  /// The whole message is larger than the limit; when encoding, larger than any protobuf reader accepts.
  case messageTooLarge(bytes: Int, limit: Int)
}
