// Messages as JSON, by protobuf's canonical mapping.

public import Bytes

extension Message {
  /// Reads a message from JSON.
  public init(
    jsonString: String, options: ProtobufJSONDecodingOptions = .init()
  ) throws(ProtobufJSONError) {
    try self.init(jsonUTF8Bytes: ByteBuffer(jsonString), options: options)
  }

  /// Reads a message from JSON.
  public init(
    jsonUTF8Bytes bytes: ByteBuffer, options: ProtobufJSONDecodingOptions = .init()
  ) throws(ProtobufJSONError) {
    try self.init(jsonUTF8Bytes: bytes.readable, options: options)
  }

  /// Reads a message from JSON.
  public init(
    jsonUTF8Bytes bytes: RawSpan, options: ProtobufJSONDecodingOptions = .init()
  ) throws(ProtobufJSONError) {
    self.init()
    var decoder = try ProtobufJSONDecoder(bytes, options: options)
    try decodeJSON(from: &decoder)
    try decoder.finish()
  }

  /// The message as JSON. Fields it does not know have no names and are left out.
  public func jsonString(
    options: ProtobufJSONEncodingOptions = .init()
  ) throws(ProtobufJSONError) -> String {
    let bytes = try jsonUTF8Bytes(options: options)
    return bytes.withReadableBytes { String(decoding: $0, as: UTF8.self) }
  }

  /// The message as JSON. Fields it does not know have no names and are left out.
  public func jsonUTF8Bytes(
    options: ProtobufJSONEncodingOptions = .init()
  ) throws(ProtobufJSONError) -> ByteBuffer {
    var encoder = ProtobufJSONEncoder(options: options)
    try encodeJSON(into: &encoder)
    return encoder.writer.finish()
  }

  /// Reads an object whose members are the fields.
  public mutating func decodeJSON(from decoder: inout ProtobufJSONDecoder) throws(ProtobufJSONError) {
    try decodeJSONMembers(from: &decoder, ignoring: nil)
  }

  /// Writes an object whose members are the fields.
  public func encodeJSON(into encoder: inout ProtobufJSONEncoder) throws(ProtobufJSONError) {
    try encoder.object(of: Self.protoMessageName) { (encoder) throws(ProtobufJSONError) in
      try encodeJSONFields(into: &encoder)
    }
  }

  /// Reads an object whose members are the fields, but for the one member that is not.
  mutating func decodeJSONMembers(
    from decoder: inout ProtobufJSONDecoder, ignoring ignored: String?
  ) throws(ProtobufJSONError) {
    var seen = SeenFields()
    try decoder.readObject { (name, decoder) throws(ProtobufJSONError) in
      if let (index, number) = Self.fieldNames.find(name) {
        guard seen.insert(index) else { throw .repeatedField(name, decoder.reader.position) }
        try decodeJSONField(number, from: &decoder)
      } else if name == ignored || decoder.options.ignoreUnknownFields {
        try decoder.skipValue()
      } else {
        throw .unknownField(name, decoder.reader.position)
      }
    }
  }
}

/// Which fields of an object were read: a word for most messages, a set for those of more than 64 fields.
private struct SeenFields {
  private var low: UInt64 = 0
  private var high: Set<Int> = []

  /// Adds a field; false when it was there.
  mutating func insert(_ index: Int) -> Bool {
    if index >= 64 { return high.insert(index).inserted }
    let bit: UInt64 = 1 << UInt64(index)
    defer { low |= bit }
    return low & bit == 0
  }
}
