// What every generated message is, and how it becomes bytes and comes back. The members a message must have
// are written by protoc-gen-varve; the ones in the extension are for people.

public import Bytes

/// A message generated from a .proto file.
public protocol Message: Hashable, Sendable {
  /// The full name in the .proto file, package included.
  static var protoMessageName: String { get }

  /// A message with every field at its default.
  init()

  /// Fields this version of the message does not know, kept as they came.
  var unknownFields: UnknownStorage { get set }

  /// Reads fields until the message's bytes end, merging them into this message.
  mutating func decodeFields(from decoder: inout ProtobufDecoder) throws(ProtobufError)

  /// How many bytes the message takes on the wire.
  var serializedSize: Int { get }

  /// Writes the fields, last one first.
  func encodeFields(into encoder: inout ProtobufEncoder)

  /// The fields' names in JSON.
  static var fieldNames: ProtobufFieldNames { get }

  /// Reads the value of one field from JSON.
  mutating func decodeJSONField(
    _ number: Int32, from decoder: inout ProtobufJSONDecoder
  ) throws(ProtobufJSONError)

  /// Writes the members of the object the message is in JSON.
  func encodeJSONFields(into encoder: inout ProtobufJSONEncoder) throws(ProtobufJSONError)

  /// Reads the message from JSON; well-known types do it their own way.
  mutating func decodeJSON(from decoder: inout ProtobufJSONDecoder) throws(ProtobufJSONError)

  /// Writes the message as JSON; well-known types do it their own way.
  func encodeJSON(into encoder: inout ProtobufJSONEncoder) throws(ProtobufJSONError)
}

extension Message {
  /// Decodes a message.
  ///
  /// - Parameters:
  ///   - bytes: The whole message; long `bytes` fields may share its storage (see `sharedBytesMinimum`).
  ///   - limits: What to accept.
  @inlinable
  public init(serializedBytes bytes: ByteBuffer, limits: ProtobufDecodingLimits = .standard)
    throws(ProtobufError)
  {
    self.init()
    try merge(serializedBytes: bytes, limits: limits)
  }

  /// Decodes a message from borrowed bytes; everything kept is copied.
  @inlinable
  public init(serializedBytes bytes: RawSpan, limits: ProtobufDecodingLimits = .standard)
    throws(ProtobufError)
  {
    self.init()
    try merge(serializedBytes: bytes, limits: limits)
  }

  /// Decodes a message from an array; everything kept is copied.
  @inlinable
  public init(serializedBytes bytes: [UInt8], limits: ProtobufDecodingLimits = .standard)
    throws(ProtobufError)
  {
    self.init()
    try merge(serializedBytes: bytes.span.bytes, limits: limits)
  }

  /// Merges an encoded message into this one: scalars are replaced, messages merged, repeated fields
  /// appended to. When it throws, what was read before the error stays merged.
  @inlinable
  public mutating func merge(
    serializedBytes bytes: ByteBuffer, limits: ProtobufDecodingLimits = .standard
  ) throws(ProtobufError) {
    try bytes.withReadableBytes { (input) throws(ProtobufError) in
      var decoder = try ProtobufDecoder(input, owner: bytes, limits: limits)
      try decodeFields(from: &decoder)
    }
  }

  /// Merges an encoded message into this one from borrowed bytes.
  @inlinable
  public mutating func merge(
    serializedBytes bytes: RawSpan, limits: ProtobufDecodingLimits = .standard
  ) throws(ProtobufError) {
    try bytes.withUnsafeBytes { (input) throws(ProtobufError) in
      var decoder = try ProtobufDecoder(input, owner: nil, limits: limits)
      try decodeFields(from: &decoder)
    }
  }

  /// The encoded message: fields in the order of their numbers, map entries in the order of their keys, so
  /// that equal messages give equal bytes. One allocation of the exact size.
  @inlinable
  public func serializedBytes() throws(ProtobufError) -> ByteBuffer {
    let size = try checkedSize()
    var bytes = ByteBuffer(capacity: size)
    serialize(size, into: &bytes)
    return bytes
  }

  /// Appends the encoded message to `bytes`.
  @inlinable
  public func serialize(into bytes: inout ByteBuffer) throws(ProtobufError) {
    serialize(try checkedSize(), into: &bytes)
  }

  @inlinable
  func checkedSize() throws(ProtobufError) -> Int {
    let size = serializedSize
    guard size <= ProtobufEncoder.messageBytesMaximum else {
      throw .messageTooLarge(bytes: size, limit: ProtobufEncoder.messageBytesMaximum)
    }
    return size
  }

  @inlinable
  func serialize(_ size: Int, into bytes: inout ByteBuffer) {
    if size == 0 { return }
    _ = bytes.withWritableBytes(minimum: size) { room in
      var encoder = ProtobufEncoder(filling: UnsafeMutableRawBufferPointer(rebasing: room[..<size]))
      encodeFields(into: &encoder)
      precondition(encoder.isFull, "\(Self.protoMessageName): serializedSize and encodeFields disagree")
      return size
    }
  }
}
