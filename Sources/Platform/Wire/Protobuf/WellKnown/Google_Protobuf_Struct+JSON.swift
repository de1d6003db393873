// Struct, Value and ListValue: JSON as a message.

extension Google_Protobuf_Struct: WellKnownJSON {
  /// Reads an object.
  public mutating func decodeJSON(from decoder: inout ProtobufJSONDecoder) throws(ProtobufJSONError) {
    try ProtobufString.decodeJSONField(
      map: &fields, to: ProtobufMessage<Google_Protobuf_Value>.self, from: &decoder)
  }

  /// Writes an object, its members in the order of their names.
  public func encodeJSON(into encoder: inout ProtobufJSONEncoder) throws(ProtobufJSONError) {
    try encoder.object(of: Self.protoMessageName) { (encoder) throws(ProtobufJSONError) in
      for (name, value) in fields.sorted(by: { ProtobufString.precedes($0.key, $1.key) }) {
        encoder.writer.key(name)
        try value.encodeJSON(into: &encoder)
      }
    }
  }
}

extension Google_Protobuf_ListValue: WellKnownJSON {
  /// Reads an array.
  public mutating func decodeJSON(from decoder: inout ProtobufJSONDecoder) throws(ProtobufJSONError) {
    try ProtobufMessage<Google_Protobuf_Value>.decodeJSONField(repeated: &values, from: &decoder)
  }

  /// Writes an array.
  public func encodeJSON(into encoder: inout ProtobufJSONEncoder) throws(ProtobufJSONError) {
    try encoder.array(of: Self.protoMessageName) { (encoder) throws(ProtobufJSONError) in
      for value in values { try value.encodeJSON(into: &encoder) }
    }
  }
}

extension Google_Protobuf_Value: WellKnownJSON {
  /// Reads any JSON value.
  public mutating func decodeJSON(from decoder: inout ProtobufJSONDecoder) throws(ProtobufJSONError) {
    switch try decoder.peek() {
    case .null:
      try decoder.skipValue()
      kind = .nullValue(.nullValue)
    case .bool: kind = try ProtobufBool.decodeJSON(from: &decoder).map { .boolValue($0) }
    case .number: kind = try ProtobufDouble.decodeJSON(from: &decoder).map { .numberValue($0) }
    case .string: kind = .stringValue(try decoder.readString())
    case .array:
      var list = Google_Protobuf_ListValue()
      try list.decodeJSON(from: &decoder)
      kind = .listValue(list)
    case .object:
      var object = Google_Protobuf_Struct()
      try object.decodeJSON(from: &decoder)
      kind = .structValue(object)
    }
  }

  /// Writes the value. One that was never set has no JSON, nor has a number that is not finite.
  public func encodeJSON(into encoder: inout ProtobufJSONEncoder) throws(ProtobufJSONError) {
    switch kind {
    case nil: throw .notRepresentable(type: Self.protoMessageName, reason: "no value is set")
    case .nullValue: encoder.writer.null()
    case .boolValue(let value): encoder.writer.bool(value)
    case .stringValue(let value): encoder.writer.string(value)
    case .numberValue(let value):
      guard value.isFinite else {
        throw .notRepresentable(type: Self.protoMessageName, reason: "the number is not finite")
      }
      try encoder.number(value)
    case .listValue(let value): try value.encodeJSON(into: &encoder)
    case .structValue(let value): try value.encodeJSON(into: &encoder)
    }
  }
}
