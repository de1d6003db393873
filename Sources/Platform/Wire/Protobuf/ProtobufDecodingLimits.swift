/// What a decoder accepts before it refuses: the answer to hostile input. One value per trust level, passed down.
public struct ProtobufDecodingLimits: Equatable, Sendable {
  /// How deep messages and groups may nest; the outermost message is not counted.
  public var depth: Int
  /// The size of the whole message.
  public var messageBytes: Int
  /// The length of one `string` or `bytes` value.
  public var fieldBytes: Int
  /// Repeated elements, map entries and messages in oneofs in the whole message, nested ones included. Two
  /// input bytes can make an element of hundreds of bytes in memory: the message size alone bounds nothing.
  public var elements: Int
  /// `bytes` values at least this long share the input's storage instead of being copied, when the input is
  /// a `ByteBuffer`. Sharing keeps the whole input alive, which a small value is not worth.
  public var sharedBytesMinimum: Int

  /// Limits; each parameter is documented at the property.
  public init(
    depth: Int = 100, messageBytes: Int = 64 << 20, fieldBytes: Int = 64 << 20, elements: Int = 1 << 20,
    sharedBytesMinimum: Int = 4096
  ) {
    precondition(depth >= 0 && messageBytes >= 0 && fieldBytes >= 0 && elements >= 0, "negative limit")
    self.depth = depth
    self.messageBytes = messageBytes
    self.fieldBytes = fieldBytes
    self.elements = elements
    self.sharedBytesMinimum = sharedBytesMinimum
  }

  /// 100 levels, 64 MiB, about a million elements.
  public static let standard = ProtobufDecodingLimits()
}
