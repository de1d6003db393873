// Any: the message inside it as JSON, with "@type" saying which it is.

import Bytes

extension Google_Protobuf_Any: WellKnownJSON {
  private static var typeKey: String { "@type" }
  private static var valueKey: String { "value" }

  /// Reads an object with "@type", which may come anywhere in it.
  public mutating func decodeJSON(from decoder: inout ProtobufJSONDecoder) throws(ProtobufJSONError) {
    var url: String?
    var isEmpty = true
    var ahead = decoder
    try ahead.readObject { (name, ahead) throws(ProtobufJSONError) in
      isEmpty = false
      if name != Self.typeKey { return try ahead.skipValue() }
      guard url == nil else { throw .repeatedField(name, ahead.reader.position) }
      url = try ahead.readString()
    }
    if isEmpty {
      decoder = ahead
      return
    }
    guard let url, let type = decoder.options.types.type(forURL: url) else { throw .unknownType(url ?? "") }
    typeURL = url
    try decodeContent(type, from: &decoder)
  }

  private mutating func decodeContent<Content: Message>(
    _ type: Content.Type, from decoder: inout ProtobufJSONDecoder
  ) throws(ProtobufJSONError) {
    var content = Content()
    if type is any WellKnownJSON.Type {
      var isRead = false
      try decoder.readObject { (name, decoder) throws(ProtobufJSONError) in
        if name == Self.valueKey {
          if isRead { throw .repeatedField(name, decoder.reader.position) }
          isRead = true
          try content.decodeJSON(from: &decoder)
        } else if name == Self.typeKey || decoder.options.ignoreUnknownFields {
          try decoder.skipValue()
        } else {
          throw .unknownField(name, decoder.reader.position)
        }
      }
    } else {
      try content.decodeJSONMembers(from: &decoder, ignoring: Self.typeKey)
    }
    do throws(ProtobufError) {
      value = try content.serializedBytes()
    } catch {
      throw .any(error)
    }
  }

  /// Writes an object with "@type" and the message's members; an empty `Any` as an empty object.
  public func encodeJSON(into encoder: inout ProtobufJSONEncoder) throws(ProtobufJSONError) {
    if typeURL.isEmpty && value.isEmpty {
      return try encoder.object(of: Self.protoMessageName) { (_) throws(ProtobufJSONError) in }
    }
    guard let type = encoder.options.types.type(forURL: typeURL) else { throw .unknownType(typeURL) }
    try encodeContent(type, into: &encoder)
  }

  private func encodeContent<Content: Message>(
    _ type: Content.Type, into encoder: inout ProtobufJSONEncoder
  ) throws(ProtobufJSONError) {
    let content: Content
    do throws(ProtobufError) {
      content = try Content(serializedBytes: value)
    } catch {
      throw .any(error)
    }
    try encoder.object(of: Self.protoMessageName) { (encoder) throws(ProtobufJSONError) in
      encoder.writer.key(Self.typeKey)
      encoder.writer.string(typeURL)
      if type is any WellKnownJSON.Type {
        encoder.writer.key(Self.valueKey)
        try content.encodeJSON(into: &encoder)
      } else {
        try content.encodeJSONFields(into: &encoder)
      }
    }
  }
}
