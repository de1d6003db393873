// The JSON of fields of every shape: what generated code calls, one line a field.

// MARK: Reading

extension ProtobufFieldType {
  /// A field without presence.
  public static func decodeJSONField(
    _ value: inout Value, from decoder: inout ProtobufJSONDecoder
  ) throws(ProtobufJSONError) {
    if try decoder.readNull(unless: readsNull) { return }
    if let read = try decodeJSON(from: &decoder) { value = read }
  }

  /// A field with presence.
  public static func decodeJSONField(
    present value: inout Value?, from decoder: inout ProtobufJSONDecoder
  ) throws(ProtobufJSONError) {
    if let read = try decodeJSONMember(from: &decoder) { value = read }
  }

  /// A member of a oneof; nil when it is not set after all.
  public static func decodeJSONMember(
    from decoder: inout ProtobufJSONDecoder
  ) throws(ProtobufJSONError) -> Value? {
    try decoder.readNull(unless: readsNull) ? nil : try decodeJSON(from: &decoder)
  }

  /// A repeated field.
  public static func decodeJSONField(
    repeated values: inout [Value], from decoder: inout ProtobufJSONDecoder
  ) throws(ProtobufJSONError) {
    if try decoder.readNull(unless: false) { return }
    try decoder.readArray { (decoder) throws(ProtobufJSONError) in
      if let value = try decodeJSON(from: &decoder) { values.append(value) }
    }
  }
}

extension ProtobufMessage {
  /// A message in a box.
  public static func decodeJSONField(
    present box: inout ProtobufBox<Value>?, from decoder: inout ProtobufJSONDecoder
  ) throws(ProtobufJSONError) {
    if let read = try decodeJSONMember(from: &decoder) { box = ProtobufBox(read) }
  }
}

extension ProtobufMapKeyType {
  /// A map from this type to `valueType`. A key given twice is refused.
  public static func decodeJSONField<Mapped: ProtobufFieldType>(
    map: inout [Value: Mapped.Value], to valueType: Mapped.Type, from decoder: inout ProtobufJSONDecoder
  ) throws(ProtobufJSONError) {
    if try decoder.readNull(unless: false) { return }
    try decoder.readObject { (name, decoder) throws(ProtobufJSONError) in
      guard let key = value(jsonKey: name) else {
        throw .invalidValue(type: "\(Value.self)", decoder.reader.position)
      }
      guard map[key] == nil else { throw .repeatedField(name, decoder.reader.position) }
      if let value = try Mapped.decodeJSON(from: &decoder) { map[key] = value }
    }
  }
}

// MARK: Writing

extension ProtobufFieldType {
  /// A field without presence: left out when it has its default value.
  public static func encodeJSONField(
    _ value: Value, _ json: String, _ proto: String, into encoder: inout ProtobufJSONEncoder
  ) throws(ProtobufJSONError) {
    if isDefault(value) && !encoder.options.includeDefaultValues { return }
    encoder.key(json, proto)
    try encodeJSON(value, into: &encoder)
  }

  /// A field with presence: left out when it was never set.
  public static func encodeJSONField(
    present value: Value?, _ json: String, _ proto: String, into encoder: inout ProtobufJSONEncoder
  ) throws(ProtobufJSONError) {
    guard let value else { return }
    encoder.key(json, proto)
    try encodeJSON(value, into: &encoder)
  }

  /// A repeated field.
  public static func encodeJSONField(
    repeated values: [Value], _ json: String, _ proto: String, into encoder: inout ProtobufJSONEncoder
  ) throws(ProtobufJSONError) {
    if values.isEmpty && !encoder.options.includeDefaultValues { return }
    encoder.key(json, proto)
    try encoder.array(of: proto) { (encoder) throws(ProtobufJSONError) in
      for value in values { try encodeJSON(value, into: &encoder) }
    }
  }
}

extension ProtobufMessage {
  /// A message in a box.
  public static func encodeJSONField(
    present box: ProtobufBox<Value>?, _ json: String, _ proto: String,
    into encoder: inout ProtobufJSONEncoder
  ) throws(ProtobufJSONError) {
    try encodeJSONField(present: box?.value, json, proto, into: &encoder)
  }
}

extension ProtobufMapKeyType {
  /// A map from this type to `valueType`, in the order of its keys.
  public static func encodeJSONField<Mapped: ProtobufFieldType>(
    map: [Value: Mapped.Value], to valueType: Mapped.Type, _ json: String, _ proto: String,
    into encoder: inout ProtobufJSONEncoder
  ) throws(ProtobufJSONError) {
    if map.isEmpty && !encoder.options.includeDefaultValues { return }
    encoder.key(json, proto)
    try encoder.object(of: proto) { (encoder) throws(ProtobufJSONError) in
      for (key, value) in map.sorted(by: { precedes($0.key, $1.key) }) {
        encoder.writer.key(jsonKey(key))
        try Mapped.encodeJSON(value, into: &encoder)
      }
    }
  }
}
