/// The scalar field types.
enum Scalar: String {
  case double, float, int64, uint64, int32, fixed64, fixed32, bool, string, bytes, uint32, sfixed32, sfixed64
  case sint32, sint64

  /// The runtime's field type, without the module.
  var fieldType: String {
    switch self {
    case .double: "ProtobufDouble"
    case .float: "ProtobufFloat"
    case .int64: "ProtobufInt64"
    case .uint64: "ProtobufUInt64"
    case .int32: "ProtobufInt32"
    case .fixed64: "ProtobufFixed64"
    case .fixed32: "ProtobufFixed32"
    case .bool: "ProtobufBool"
    case .string: "ProtobufString"
    case .bytes: "ProtobufBytes"
    case .uint32: "ProtobufUInt32"
    case .sfixed32: "ProtobufSFixed32"
    case .sfixed64: "ProtobufSFixed64"
    case .sint32: "ProtobufSInt32"
    case .sint64: "ProtobufSInt64"
    }
  }

  /// The property's type.
  var swiftType: String {
    switch self {
    case .double: "Double"
    case .float: "Float"
    case .int64, .sfixed64, .sint64: "Int64"
    case .uint64, .fixed64: "UInt64"
    case .int32, .sfixed32, .sint32: "Int32"
    case .uint32, .fixed32: "UInt32"
    case .bool: "Bool"
    case .string: "String"
    case .bytes: "ByteBuffer"
    }
  }

  var wireType: UInt32 {
    switch self {
    case .double, .fixed64, .sfixed64: 1
    case .float, .fixed32, .sfixed32: 5
    case .string, .bytes: 2
    default: 0
    }
  }

  /// What a property holds before it is set.
  var zero: String {
    switch self {
    case .bool: "false"
    case .string: "\"\""
    case .bytes: "ByteBuffer()"
    default: "0"
    }
  }

  /// How many bytes of a struct a value takes.
  var inlineSize: Int {
    switch self {
    case .bool: 1
    case .float, .int32, .uint32, .fixed32, .sfixed32, .sint32: 4
    case .string: 16
    case .bytes: 24
    default: 8
    }
  }
}
