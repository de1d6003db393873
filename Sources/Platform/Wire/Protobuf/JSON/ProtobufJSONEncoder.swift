/// Writes messages as JSON.
public struct ProtobufJSONEncoder: ~Copyable {
  var writer: JSONWriter
  let options: ProtobufJSONEncodingOptions

  init(options: ProtobufJSONEncodingOptions) {
    self.options = options
    writer = JSONWriter(style: options.style)
  }

  /// Goes on where `writer` is; its style is the writer's own.
  init(continuing writer: consuming JSONWriter, options: ProtobufJSONEncodingOptions) {
    self.options = options
    self.writer = writer
  }

  /// Gives the writer back.
  consuming func takeWriter() -> JSONWriter { writer }

  /// Writes a field's name.
  mutating func key(_ json: String, _ proto: String) {
    writer.key(options.preserveProtoFieldNames ? proto : json)
  }

  /// Writes an object around what `body` writes.
  mutating func object(
    of type: String, _ body: (inout ProtobufJSONEncoder) throws(ProtobufJSONError) -> Void
  ) throws(ProtobufJSONError) {
    try descend(type)
    writer.beginObject()
    try body(&self)
    writer.endObject()
  }

  /// Writes an array around what `body` writes.
  mutating func array(
    of type: String, _ body: (inout ProtobufJSONEncoder) throws(ProtobufJSONError) -> Void
  ) throws(ProtobufJSONError) {
    try descend(type)
    writer.beginArray()
    try body(&self)
    writer.endArray()
  }

  /// Checks that one more container may be opened.
  func descend(_ type: String) throws(ProtobufJSONError) {
    guard writer.depth < JSONLimits.deepestPossible else {
      throw .notRepresentable(type: type, reason: "more than \(JSONLimits.deepestPossible) levels")
    }
  }

  /// Writes a number, or the string that stands for one that is not finite.
  mutating func number(_ value: Double) throws(ProtobufJSONError) {
    if !value.isFinite {
      writer.plainString(value.isNaN ? "NaN" : value < 0 ? "-Infinity" : "Infinity")
    } else if value == 0 && value.sign == .minus {
      // Not "-0": readers that take whole numbers for integers would lose the sign.
      writer.raw("-0.0")
    } else {
      do throws(JSONError) { try writer.double(value) } catch { throw .json(error) }
    }
  }

  /// Writes a number by the digits a `Float` needs.
  mutating func number(_ value: Float) throws(ProtobufJSONError) {
    if !value.isFinite || value == 0 { return try number(Double(value)) }
    do throws(JSONError) { try writer.float(value) } catch { throw .json(error) }
  }
}
