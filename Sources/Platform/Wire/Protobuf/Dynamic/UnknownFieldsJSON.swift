// Fields without a description, as JSON: all that the wire says of them is a number and one of five forms.

import Bytes

/// Writes unknown fields as the member "@unknown", a list of objects with the field's number and its content:
/// `{"field":7,"varint":"42"}`, `"fixed64"`, `"fixed32"`, `"bytes"` (base64), or `"group"` (a list again).
enum UnknownFieldsJSON {
  /// Writes the member.
  static func write(
    _ fields: RawSpan, into json: inout ProtobufJSONEncoder, limits: ProtobufDecodingLimits
  ) throws(ProtobufJSONError) {
    json.writer.key("@unknown")
    try fields.withUnsafeBytes { (input) throws(ProtobufJSONError) in
      var decoder = try reading { () throws(ProtobufError) in
        try ProtobufDecoder(input, owner: nil, limits: limits)
      }
      try write(&decoder, until: nil, into: &json)
    }
  }

  private static func write(
    _ decoder: inout ProtobufDecoder, until endGroup: UInt32?, into json: inout ProtobufJSONEncoder
  ) throws(ProtobufJSONError) {
    try json.descend("@unknown")
    json.writer.beginArray()
    while let tag = try reading({ () throws(ProtobufError) in try decoder.nextTag() }) {
      if tag == endGroup {
        json.writer.endArray()
        return
      }
      try json.descend("@unknown")
      json.writer.beginObject()
      json.writer.key("field")
      json.writer.integer(tag >> 3)
      try writeContent(tag, &decoder, into: &json)
      json.writer.endObject()
    }
    if endGroup != nil { throw .any(.truncated(decoder.here)) }
    json.writer.endArray()
  }

  private static func writeContent(
    _ tag: UInt32, _ decoder: inout ProtobufDecoder, into json: inout ProtobufJSONEncoder
  ) throws(ProtobufJSONError) {
    switch tag & 7 {
    case 0:
      json.writer.key("varint")
      json.writer.quotedInteger(try reading { () throws(ProtobufError) in try decoder.readVarint() })
    case 1:
      json.writer.key("fixed64")
      json.writer.quotedInteger(
        try reading { () throws(ProtobufError) in try decoder.readFixed(UInt64.self) })
    case 2:
      json.writer.key("bytes")
      let bytes = try reading { () throws(ProtobufError) in try decoder.readBytes() }
      json.writer.base64(bytes.readable)
    case 3:
      json.writer.key("group")
      try reading { () throws(ProtobufError) in
        guard decoder.depthLeft > 0 else { throw .tooDeep(decoder.here, limit: decoder.limits.depth) }
        decoder.depthLeft -= 1
      }
      try write(&decoder, until: tag + 1, into: &json)
      decoder.depthLeft += 1
    case 4: throw .any(.endGroup(decoder.here))
    case 5:
      json.writer.key("fixed32")
      json.writer.integer(try reading { () throws(ProtobufError) in try decoder.readFixed(UInt32.self) })
    default: throw .any(.wireType(Int(tag & 7), decoder.here))
    }
  }

  /// Runs a step of the decoder; its errors are those of bytes that should have been a message.
  private static func reading<Result: ~Copyable>(
    _ step: () throws(ProtobufError) -> Result
  ) throws(ProtobufJSONError) -> Result {
    do throws(ProtobufError) {
      return try step()
    } catch {
      throw .any(error)
    }
  }
}
