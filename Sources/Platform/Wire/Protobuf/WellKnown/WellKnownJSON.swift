/// A well-known type whose JSON is not an object of its fields. Inside an `Any` that form is the member "value".
protocol WellKnownJSON: Message {}

/// A wrapper, which in JSON is the value it wraps.
protocol WrapperJSON: WellKnownJSON {
  associatedtype Field: ProtobufFieldType
  var value: Field.Value { get set }
}

extension WrapperJSON {
  /// Reads the wrapped value.
  public mutating func decodeJSON(from decoder: inout ProtobufJSONDecoder) throws(ProtobufJSONError) {
    if let read = try Field.decodeJSON(from: &decoder) { value = read }
  }

  /// Writes the wrapped value.
  public func encodeJSON(into encoder: inout ProtobufJSONEncoder) throws(ProtobufJSONError) {
    try Field.encodeJSON(value, into: &encoder)
  }
}

extension Google_Protobuf_DoubleValue: WrapperJSON { typealias Field = ProtobufDouble }
extension Google_Protobuf_FloatValue: WrapperJSON { typealias Field = ProtobufFloat }
extension Google_Protobuf_Int64Value: WrapperJSON { typealias Field = ProtobufInt64 }
extension Google_Protobuf_UInt64Value: WrapperJSON { typealias Field = ProtobufUInt64 }
extension Google_Protobuf_Int32Value: WrapperJSON { typealias Field = ProtobufInt32 }
extension Google_Protobuf_UInt32Value: WrapperJSON { typealias Field = ProtobufUInt32 }
extension Google_Protobuf_BoolValue: WrapperJSON { typealias Field = ProtobufBool }
extension Google_Protobuf_StringValue: WrapperJSON { typealias Field = ProtobufString }
extension Google_Protobuf_BytesValue: WrapperJSON { typealias Field = ProtobufBytes }
