// Trees from bytes and back.

import Bytes

extension JSONValue {
  /// Reads the one document in `bytes`. A repeated key is refused unless told otherwise.
  public init(
    parsing bytes: RawSpan, limits: JSONLimits = .standard, duplicateKeys: JSONDuplicateKeys = .refuse
  ) throws(JSONError) {
    var reader = try JSONReader(bytes, limits: limits, duplicateKeys: duplicateKeys)
    self = try reader.readValue()
    try reader.finish()
  }

  /// Reads the one document in `text`.
  public init(
    parsing text: String, limits: JSONLimits = .standard, duplicateKeys: JSONDuplicateKeys = .refuse
  ) throws(JSONError) {
    let bytes = ByteBuffer(text)
    try self.init(parsing: bytes.readable, limits: limits, duplicateKeys: duplicateKeys)
  }

  /// The document as text.
  public func text(style: JSONWriter.Style = .compact) -> String {
    var writer = JSONWriter(style: style)
    writer.value(self)
    return writer.finish().withReadableBytes { String(decoding: $0, as: UTF8.self) }
  }
}

extension JSONReader {
  /// Reads the next value, whatever it is, as a tree.
  @_lifetime(self: copy self)
  public mutating func readValue() throws(JSONError) -> JSONValue {
    // Recursion is bounded by `limits.depthMaximum`, 512 at the most.
    switch try peek() {
    case .null:
      try readNull()
      return .null
    case .bool: return .bool(try readBool())
    case .number: return .number(try readNumber())
    case .string: return .string(try readString())
    case .array:
      var elements: [JSONValue] = []
      try beginArray()
      while try nextElement() { elements.append(try readValue()) }
      return .array(elements)
    case .object:
      var members: [JSONObject.Member] = []
      try beginObject()
      while try nextKey() {
        let key = text
        members.append(JSONObject.Member(key: key, value: try readValue()))
      }
      return .object(JSONObject(members))
    }
  }
}

extension JSONWriter {
  /// Writes a whole tree.
  public mutating func value(_ value: JSONValue) {
    switch value {
    case .null: null()
    case .bool(let truth): bool(truth)
    case .number(let number): self.number(number)
    case .string(let text): string(text)
    case .array(let elements):
      beginArray()
      for element in elements { self.value(element) }
      endArray()
    case .object(let object):
      beginObject()
      for member in object.members {
        key(member.key)
        self.value(member.value)
      }
      endObject()
    }
  }
}
