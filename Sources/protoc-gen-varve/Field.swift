import Wire

/// A field of a message.
final class Field {
  /// What one value is.
  enum Kind {
    case scalar(Scalar)
    case enumeration(EnumType)
    case message(MessageType)
  }

  /// How values make up the field.
  enum Shape {
    /// A property with a default and no presence: proto3's plain scalars.
    case plain
    /// A property that knows whether it was set.
    case optional
    /// One of a oneof's members.
    case member(Oneof)
    case repeated(packed: Bool)
    case map(key: Field, value: Field)
  }

  let descriptor: Google_Protobuf_FieldDescriptorProto
  /// The Swift property, not escaped.
  let name: String
  let kind: Kind
  let path: [Int32]
  private let proto3: Bool
  /// The oneof it belongs to, once those are resolved.
  var oneof: Oneof?
  /// Whether the message this field holds is kept out of line.
  var isBoxed = false

  init(
    _ descriptor: Google_Protobuf_FieldDescriptorProto, name: String, kind: Kind, proto3: Bool, path: [Int32]
  ) {
    self.descriptor = descriptor
    self.name = name
    self.kind = kind
    self.proto3 = proto3
    self.path = path
  }

  var number: Int32 { descriptor.number }

  var shape: Shape {
    if descriptor.label == .repeated {
      if case .message(let entry) = kind, entry.isMapEntry {
        return .map(key: entry.fields[0], value: entry.fields[1])
      }
      return .repeated(
        packed: isPackable && (descriptor.options.hasPacked ? descriptor.options.packed : proto3))
    }
    if let oneof { return .member(oneof) }
    if case .message = kind { return .optional }
    return proto3 && !descriptor.proto3Optional ? .plain : .optional
  }

  var isPackable: Bool { wireType != 2 }

  var wireType: UInt32 {
    switch kind {
    case .scalar(let scalar): scalar.wireType
    case .enumeration: 0
    case .message: 2
    }
  }

  /// The tag of an unpacked value.
  var tag: UInt32 { UInt32(number) << 3 | wireType }

  /// The tag of a packed run.
  var packedTag: UInt32 { UInt32(number) << 3 | 2 }

  /// How many bytes its tag takes.
  var tagSize: Int { ProtobufSize.varint(UInt64(tag)) }

  /// The type of one value.
  var swiftType: String {
    switch kind {
    case .scalar(let scalar): scalar.swiftType
    case .enumeration(let type): type.swiftName
    case .message(let message): message.swiftName
    }
  }

  /// The runtime's type of one value, with the module in front.
  func fieldType(_ wire: String) -> String {
    switch kind {
    case .scalar(let scalar): wire + scalar.fieldType
    case .enumeration(let type): wire + "ProtobufEnum<\(type.swiftName)>"
    case .message(let message): wire + "ProtobufMessage<\(message.swiftName)>"
    }
  }

  /// Whether values are ByteBuffers.
  var isBytes: Bool {
    if case .scalar(.bytes) = kind { true } else { false }
  }

  /// The name with a capital, for `hasName` and `clearName`.
  var capitalized: String { name.prefix(1).uppercased() + name.dropFirst() }

  /// The stored property behind one with presence.
  var storedName: String { "_" + name }

  /// A Swift expression for the value of a field that was never set.
  func defaultValue() throws(GeneratorError) -> String {
    if descriptor.hasDefaultValue {
      return try DefaultValue.literal(descriptor.defaultValue, kind: kind, field: descriptor.name)
    }
    switch kind {
    case .scalar(let scalar): return scalar.zero
    case .enumeration(let type): return "." + type.defaultCase
    case .message(let message): return message.swiftName + "()"
    }
  }
}

/// A oneof: one property, whose value is an enum with a case for each member.
final class Oneof {
  /// The Swift property, not escaped.
  let name: String
  let protoName: String
  let members: [Field]
  let path: [Int32]

  init(name: String, protoName: String, members: [Field], path: [Int32]) {
    self.name = name
    self.protoName = protoName
    self.members = members
    self.path = path
  }

  /// The enum's name.
  var typeName: String { "OneOf_" + name.prefix(1).uppercased() + name.dropFirst() }
}
