// Writes a DynamicMessage as JSON with the encoder that generated code writes with: scalars and well-known types
// look the same because the same functions write them.

import Bytes

/// Writes messages of types known at run time.
struct DynamicJSONEncoder: ~Copyable {
  private var json: ProtobufJSONEncoder
  private let types: ProtobufDescriptors
  private let options: ProtobufDynamicJSONOptions
  /// The fields that lead to what is being written; after an error, to what could not be.
  private(set) var path = DynamicPath()
  /// How many more times an `Any` may be in an `Any`: its content is read as a message of its own.
  private var anyDepthLeft: Int

  init(
    continuing writer: consuming JSONWriter, types: ProtobufDescriptors, options: ProtobufDynamicJSONOptions
  ) {
    var encoding = ProtobufJSONEncodingOptions()
    encoding.preserveProtoFieldNames = options.preserveProtoFieldNames
    encoding.alwaysPrintEnumsAsInts = options.alwaysPrintEnumsAsInts
    encoding.includeDefaultValues = options.includeDefaultValues
    json = ProtobufJSONEncoder(continuing: writer, options: encoding)
    self.types = types
    self.options = options
    anyDepthLeft = options.limits.depth
  }

  /// Gives the writer back.
  consuming func takeWriter() -> JSONWriter { json.takeWriter() }

  /// Writes a value.
  mutating func write(_ value: DynamicValue, of kind: ProtobufFieldKind) throws(ProtobufJSONError) {
    guard json.writer.count <= options.jsonBytes else {
      throw .notRepresentable(type: "JSON", reason: "more than \(options.jsonBytes) bytes")
    }
    switch value {
    case .int32(let value): try ProtobufInt32.encodeJSON(value, into: &json)
    case .int64(let value): try ProtobufInt64.encodeJSON(value, into: &json)
    case .uint32(let value): try ProtobufUInt32.encodeJSON(value, into: &json)
    case .uint64(let value): try ProtobufUInt64.encodeJSON(value, into: &json)
    case .bool(let value): try ProtobufBool.encodeJSON(value, into: &json)
    case .float(let value): try ProtobufFloat.encodeJSON(value, into: &json)
    case .double(let value): try ProtobufDouble.encodeJSON(value, into: &json)
    case .string(let value): try ProtobufString.encodeJSON(value, into: &json)
    case .bytes(let value): try ProtobufBytes.encodeJSON(value, into: &json)
    case .enumeration(let number): writeEnum(number, of: kind)
    case .message(let message):
      try json.descend(types.messages[message.type].fullName)
      json.writer.beginObject()
      try writeMembers(of: message)
      json.writer.endObject()
    case .wellKnown(let message): try write(message)
    }
  }

  private mutating func write(_ message: any WellKnownJSON) throws(ProtobufJSONError) {
    if let any = message as? Google_Protobuf_Any {
      try write(any)
    } else {
      try message.encodeJSON(into: &json)
    }
  }

  private mutating func writeEnum(_ number: Int32, of kind: ProtobufFieldKind) {
    guard case .enumeration(let place) = kind else {
      preconditionFailure("an enum in a field of another kind")
    }
    if types.areNull[place] {
      json.writer.null()
    } else if let name = types.enums[place].name(of: number), !options.alwaysPrintEnumsAsInts {
      json.writer.string(name)
    } else {
      json.writer.integer(number)
    }
  }

  // MARK: Fields

  private mutating func writeMembers(of message: DynamicMessage) throws(ProtobufJSONError) {
    let type = types.messages[message.type]
    if options.includeDefaultValues {
      for field in type.fields { try write(field, of: message) }
    } else {
      // Not every field of the type: the work is to be as much as came, whatever the type could hold.
      for number in message.numbers {
        guard let place = type.place(of: number) else {
          preconditionFailure("a field that is not the type's")
        }
        try write(type.fields[place], of: message)
      }
    }
    try write(message.unknownFields)
  }

  private mutating func write(_ fields: UnknownStorage) throws(ProtobufJSONError) {
    guard options.listsUnknownFields && !fields.isEmpty else { return }
    try UnknownFieldsJSON.write(fields.bytes.span.bytes, into: &json, limits: options.limits)
  }

  private mutating func write(
    _ field: ProtobufFieldDescription, of message: DynamicMessage
  ) throws(ProtobufJSONError) {
    path.push(field.name)
    let number = field.number
    switch field.shape {
    case .plain:
      let value = message.values[number] ?? types.defaultValue(of: field.kind)
      if !value.isDefault || options.includeDefaultValues {
        json.key(field.jsonName, field.name)
        try write(value, of: field.kind)
      }
    case .optional:
      if let value = message.values[number] {
        json.key(field.jsonName, field.name)
        try write(value, of: field.kind)
      }
    case .repeated:
      let values = message.lists[number] ?? []
      if !values.isEmpty || options.includeDefaultValues { try write(values, of: field) }
    case .map(_, let kind):
      let entries = message.maps[number] ?? [:]
      if !entries.isEmpty || options.includeDefaultValues { try write(entries, of: field, kind) }
    }
    path.pop()
  }

  private mutating func write(
    _ values: [DynamicValue], of field: ProtobufFieldDescription
  ) throws(ProtobufJSONError) {
    json.key(field.jsonName, field.name)
    try json.descend(field.name)
    json.writer.beginArray()
    for (index, value) in values.enumerated() {
      path.push(index: index)
      try write(value, of: field.kind)
      path.pop()
    }
    json.writer.endArray()
  }

  private mutating func write(
    _ entries: [DynamicKey: DynamicValue], of field: ProtobufFieldDescription, _ kind: ProtobufFieldKind
  ) throws(ProtobufJSONError) {
    json.key(field.jsonName, field.name)
    try json.descend(field.name)
    json.writer.beginObject()
    for (key, value) in entries.sorted(by: { DynamicKey.precedes($0.key, $1.key) }) {
      path.push(key: key)
      json.writer.key(key.jsonKey)
      try write(value, of: kind)
      path.pop()
    }
    json.writer.endObject()
  }

  // MARK: Any

  private mutating func write(_ any: Google_Protobuf_Any) throws(ProtobufJSONError) {
    try json.descend(Google_Protobuf_Any.protoMessageName)
    if any.typeURL.isEmpty && any.value.isEmpty {
      json.writer.beginObject()
      json.writer.endObject()
      return
    }
    guard anyDepthLeft > 0 else {
      throw .notRepresentable(
        type: Google_Protobuf_Any.protoMessageName, reason: "nested deeper than \(options.limits.depth)")
    }
    anyDepthLeft -= 1
    path.push("value")
    let content = try content(of: any)
    json.writer.beginObject()
    json.writer.key("@type")
    json.writer.string(any.typeURL)
    switch content {
    case .members(let message): try writeMembers(of: message)
    case .value(let message):
      json.writer.key("value")
      try write(message)
    case .unknown(let fields): try write(fields)
    }
    json.writer.endObject()
    path.pop()
    anyDepthLeft += 1
  }

  /// What is in an `Any`.
  private enum Content {
    /// A message whose members stand beside "@type".
    case members(DynamicMessage)
    /// A message that is the member "value".
    case value(any WellKnownJSON)
    /// A message of a type without fields, or of an unknown one.
    case unknown(UnknownStorage)
  }

  private mutating func content(of any: Google_Protobuf_Any) throws(ProtobufJSONError) -> Content {
    let name = ProtobufTypeRegistry.name(inURL: any.typeURL)
    do throws(ProtobufError) {
      if let place = name.flatMap({ types.place(of: $0) }) {
        switch try types.decode(place, any.value.readable, limits: options.limits, failedAt: &path) {
        case .message(let message): return .members(message)
        case .wellKnown(let message): return .value(message)
        default: preconditionFailure("a message is read as a message")
        }
      }
      // The well-known types need no descriptors here either.
      if let name, case .wellKnown(let type) = DynamicForm(of: name) {
        return .value(try type.init(serializedBytes: any.value.readable, limits: options.limits))
      }
      if name == Google_Protobuf_Empty.protoMessageName || options.listsUnknownFields {
        let empty = try Google_Protobuf_Empty(serializedBytes: any.value.readable, limits: options.limits)
        return .unknown(empty.unknownFields)
      }
    } catch {
      throw .any(error)
    }
    throw .unknownType(any.typeURL)
  }
}
