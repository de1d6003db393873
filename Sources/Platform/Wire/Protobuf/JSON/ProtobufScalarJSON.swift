// What each field type looks like in JSON. 64-bit integers are written as strings, because a JavaScript reader
// would round them; all are read from either form.

public import Bytes

extension ProtobufFieldType {
  /// Only `Value` and `NullValue` have a value that is `null`; for all others it means "not set".
  public static var readsNull: Bool { false }
}

extension ProtobufFieldType where Value: FixedWidthInteger {
  /// Reads a number or a string holding one.
  public static func decodeJSON(from decoder: inout ProtobufJSONDecoder) throws(ProtobufJSONError) -> Value? {
    try decoder.readInteger(Value.self)
  }

  /// Writes a number, or a string for 64 bits.
  public static func encodeJSON(
    _ value: Value, into encoder: inout ProtobufJSONEncoder
  ) throws(ProtobufJSONError) {
    if Value.bitWidth == 64 { encoder.writer.quotedInteger(value) } else { encoder.writer.integer(value) }
  }
}

extension ProtobufFieldType where Value == Bool {
  /// Reads `true` or `false`.
  public static func decodeJSON(from decoder: inout ProtobufJSONDecoder) throws(ProtobufJSONError) -> Bool? {
    try decoder.read { (reader) throws(JSONError) in try reader.readBool() }
  }

  /// Writes `true` or `false`.
  public static func encodeJSON(
    _ value: Bool, into encoder: inout ProtobufJSONEncoder
  ) throws(ProtobufJSONError) {
    encoder.writer.bool(value)
  }
}

extension ProtobufFieldType where Value: BinaryFloatingPoint & LosslessStringConvertible {
  /// Reads a number, a string holding one, or the name of a value that is not finite.
  public static func decodeJSON(from decoder: inout ProtobufJSONDecoder) throws(ProtobufJSONError) -> Value? {
    let kind = try decoder.peek()
    let start = decoder.reader.offset
    if kind == .string {
      var ahead = decoder
      switch try ahead.readString() {
      case "NaN":
        decoder = ahead
        return .nan
      case "Infinity":
        decoder = ahead
        return .infinity
      case "-Infinity":
        decoder = ahead
        return -.infinity
      default: break
      }
    }
    // From the text, not through a double: rounding twice can miss the nearest float.
    let text = try decoder.readNumber(for: "\(Value.self)").text
    guard let value = Value(text), value.isFinite else { throw decoder.invalid("\(Value.self)", at: start) }
    return value
  }
}

extension ProtobufFieldType where Value == Double {
  /// Writes the shortest number that reads back to the same double.
  public static func encodeJSON(
    _ value: Double, into encoder: inout ProtobufJSONEncoder
  ) throws(ProtobufJSONError) {
    try encoder.number(value)
  }
}

extension ProtobufFieldType where Value == Float {
  /// Writes the shortest number that reads back to the same float.
  public static func encodeJSON(
    _ value: Float, into encoder: inout ProtobufJSONEncoder
  ) throws(ProtobufJSONError) {
    try encoder.number(value)
  }
}

extension ProtobufFieldType where Value == String {
  /// Reads a string.
  public static func decodeJSON(from decoder: inout ProtobufJSONDecoder) throws(ProtobufJSONError) -> String?
  {
    try decoder.readString()
  }

  /// Writes a string.
  public static func encodeJSON(
    _ value: String, into encoder: inout ProtobufJSONEncoder
  ) throws(ProtobufJSONError) {
    encoder.writer.string(value)
  }
}

extension ProtobufFieldType where Value == ByteBuffer {
  /// Reads base64 of either alphabet, padded or not.
  public static func decodeJSON(
    from decoder: inout ProtobufJSONDecoder
  ) throws(ProtobufJSONError) -> ByteBuffer? {
    _ = try decoder.peek()
    let start = decoder.reader.offset
    let text = try decoder.readString()
    do throws(TextError) {
      return try Base64.lenient.decode(text)
    } catch {
      throw decoder.invalid("bytes", at: start)
    }
  }

  /// Writes padded base64.
  public static func encodeJSON(
    _ value: ByteBuffer, into encoder: inout ProtobufJSONEncoder
  ) throws(ProtobufJSONError) {
    encoder.writer.string(Base64.standard.encode(value.readable))
  }
}

extension ProtobufEnum {
  /// `NullValue` is `null`.
  public static var readsNull: Bool { Value.self == Google_Protobuf_NullValue.self }

  /// Reads a name or a number; nil for a name that does not exist, where that is to be ignored.
  public static func decodeJSON(from decoder: inout ProtobufJSONDecoder) throws(ProtobufJSONError) -> Value? {
    let kind = try decoder.peek()
    let start = decoder.reader.offset
    if kind == .null && readsNull {
      try decoder.skipValue()
      return Value()
    }
    guard kind == .string else { return Value(number: try decoder.readInteger(Int32.self)) }
    let name = try decoder.readString()
    if let value = Value(protoName: name) { return value }
    if decoder.options.ignoreUnknownFields { return nil }
    throw decoder.invalid("\(Value.self)", at: start)
  }

  /// Writes the name; the number when there is no name.
  public static func encodeJSON(
    _ value: Value, into encoder: inout ProtobufJSONEncoder
  ) throws(ProtobufJSONError) {
    if readsNull {
      encoder.writer.null()
    } else if let name = value.protoName, !encoder.options.alwaysPrintEnumsAsInts {
      encoder.writer.string(name)
    } else {
      encoder.writer.integer(value.number)
    }
  }
}

extension ProtobufMessage {
  /// `Value` can be `null`.
  public static var readsNull: Bool { Value.self == Google_Protobuf_Value.self }

  /// Reads a message.
  public static func decodeJSON(from decoder: inout ProtobufJSONDecoder) throws(ProtobufJSONError) -> Value? {
    var value = Value()
    try value.decodeJSON(from: &decoder)
    return value
  }

  /// Writes a message.
  public static func encodeJSON(
    _ value: Value, into encoder: inout ProtobufJSONEncoder
  ) throws(ProtobufJSONError) {
    try value.encodeJSON(into: &encoder)
  }
}

// MARK: Map keys

extension ProtobufMapKeyType where Value: FixedWidthInteger {
  /// The number in decimal.
  public static func jsonKey(_ value: Value) -> String { String(value) }

  /// The number the text is.
  public static func value(jsonKey text: String) -> Value? {
    guard let decimal = JSONNumber(text)?.decimal else { return nil }
    return decimal.exactInt64.flatMap { Value(exactly: $0) }
      ?? decimal.exactUInt64.flatMap { Value(exactly: $0) }
  }
}

extension ProtobufMapKeyType where Value == Bool {
  /// `true` or `false`.
  public static func jsonKey(_ value: Bool) -> String { value ? "true" : "false" }

  /// `true` or `false`.
  public static func value(jsonKey text: String) -> Bool? { Bool(text) }
}

extension ProtobufMapKeyType where Value == String {
  /// The string itself.
  public static func jsonKey(_ value: String) -> String { value }

  /// The string itself.
  public static func value(jsonKey text: String) -> String? { text }
}
