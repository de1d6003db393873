// FieldMask: its paths in lowerCamelCase, joined by commas.

extension Google_Protobuf_FieldMask: WellKnownJSON {
  /// Reads `"userName,address.zipCode"`.
  public mutating func decodeJSON(from decoder: inout ProtobufJSONDecoder) throws(ProtobufJSONError) {
    _ = try decoder.peek()
    let start = decoder.reader.offset
    let text = try decoder.readString()
    if text.isEmpty { return }
    for path in text.utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
      guard let snake = Self.snakeCase(path) else { throw decoder.invalid(Self.protoMessageName, at: start) }
      paths.append(snake)
    }
  }

  /// Writes the paths; one that would not come back the same has no JSON.
  public func encodeJSON(into encoder: inout ProtobufJSONEncoder) throws(ProtobufJSONError) {
    var names: [String] = []
    for path in paths {
      guard let camel = Self.camelCase(path) else {
        throw .notRepresentable(type: Self.protoMessageName, reason: "path '\(path)' would not come back")
      }
      names.append(camel)
    }
    encoder.writer.string(names.joined(separator: ","))
  }

  private static let capitals = UInt8(ascii: "A")...UInt8(ascii: "Z")
  private static let smalls = UInt8(ascii: "a")...UInt8(ascii: "z")
  private static let underscore = UInt8(ascii: "_")

  /// `userName` as `user_name`; nil when it has an underscore already.
  private static func snakeCase(_ path: Substring.UTF8View) -> String? {
    var result: [UInt8] = []
    for byte in path {
      if byte == underscore { return nil }
      if capitals.contains(byte) {
        result += [underscore, byte | 0x20]
      } else {
        result.append(byte)
      }
    }
    return String(decoding: result, as: UTF8.self)
  }

  /// `user_name` as `userName`; nil when it has capitals or a comma, or an underscore no small letter follows.
  private static func camelCase(_ path: String) -> String? {
    var result: [UInt8] = []
    var raise = false
    for byte in path.utf8 {
      if capitals.contains(byte) || byte == UInt8(ascii: ",") { return nil }
      if raise {
        guard smalls.contains(byte) else { return nil }
        result.append(byte & ~0x20)
        raise = false
      } else if byte == underscore {
        raise = true
      } else {
        result.append(byte)
      }
    }
    return raise ? nil : String(decoding: result, as: UTF8.self)
  }
}
