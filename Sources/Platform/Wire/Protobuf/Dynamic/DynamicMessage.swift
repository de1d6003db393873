// A message of a type known only at run time, as a tree. It is a tree, and not JSON written while reading, because
// the wire may bring fields in any order and more than once: the last scalar wins, messages merge.

import Bytes

/// A message without a generated type.
struct DynamicMessage: Sendable {
  /// The type's place in the descriptors.
  let type: Int
  /// Fields with one value.
  var values: [Int32: DynamicValue] = [:]
  /// Repeated fields.
  var lists: [Int32: [DynamicValue]] = [:]
  /// Maps.
  var maps: [Int32: [DynamicKey: DynamicValue]] = [:]
  /// The member that each oneof has.
  private var chosen: [Int: Int32] = [:]
  /// Fields the type does not know.
  var unknownFields = UnknownStorage()

  init(type: Int) { self.type = type }

  /// The numbers of the fields that came, in their order.
  var numbers: [Int32] { (Array(values.keys) + Array(lists.keys) + Array(maps.keys)).sorted() }

  /// Takes out the value a field has; another member of the field's oneof goes.
  mutating func take(_ field: ProtobufFieldDescription) -> DynamicValue? {
    if let oneof = field.oneof, let other = chosen.updateValue(field.number, forKey: oneof),
      other != field.number
    {
      values[other] = nil
    }
    return values.removeValue(forKey: field.number)
  }
}

/// One value of a field, by what it is in memory.
enum DynamicValue: Sendable {
  case int32(Int32)
  case int64(Int64)
  case uint32(UInt32)
  case uint64(UInt64)
  case bool(Bool)
  case float(Float)
  case double(Double)
  case string(String)
  case bytes(ByteBuffer)
  case enumeration(Int32)
  case message(DynamicMessage)
  /// A message whose JSON is not an object of its fields, as its built-in type.
  indirect case wellKnown(any WellKnownJSON)

  /// Whether a field without presence is left out for this value.
  var isDefault: Bool {
    switch self {
    case .int32(let value), .enumeration(let value): ProtobufInt32.isDefault(value)
    case .int64(let value): ProtobufInt64.isDefault(value)
    case .uint32(let value): ProtobufUInt32.isDefault(value)
    case .uint64(let value): ProtobufUInt64.isDefault(value)
    case .bool(let value): ProtobufBool.isDefault(value)
    case .float(let value): ProtobufFloat.isDefault(value)
    case .double(let value): ProtobufDouble.isDefault(value)
    case .string(let value): ProtobufString.isDefault(value)
    case .bytes(let value): ProtobufBytes.isDefault(value)
    case .message, .wellKnown: false
    }
  }
}

/// The key of a map entry.
enum DynamicKey: Hashable, Sendable {
  case signed(Int64)
  case unsigned(UInt64)
  case bool(Bool)
  case string(String)

  /// The key a value is; nil for a value that can be none.
  init?(_ value: DynamicValue) {
    switch value {
    case .int32(let value): self = .signed(Int64(value))
    case .int64(let value): self = .signed(value)
    case .uint32(let value): self = .unsigned(UInt64(value))
    case .uint64(let value): self = .unsigned(value)
    case .bool(let value): self = .bool(value)
    case .string(let value): self = .string(value)
    default: return nil
    }
  }

  /// The member's name it is in JSON.
  var jsonKey: String {
    switch self {
    case .signed(let value): ProtobufInt64.jsonKey(value)
    case .unsigned(let value): ProtobufUInt64.jsonKey(value)
    case .bool(let value): ProtobufBool.jsonKey(value)
    case .string(let value): value
    }
  }

  /// The order in which entries are written; the keys of one map are all of one case.
  static func precedes(_ left: DynamicKey, _ right: DynamicKey) -> Bool {
    switch (left, right) {
    case (.signed(let left), .signed(let right)): left < right
    case (.unsigned(let left), .unsigned(let right)): left < right
    case (.bool(let left), .bool(let right)): ProtobufBool.precedes(left, right)
    case (.string(let left), .string(let right)): ProtobufString.precedes(left, right)
    default: preconditionFailure("keys of two kinds in one map")
    }
  }
}

extension ProtobufDescriptors {
  /// The value of a field that was never set.
  func defaultValue(of kind: ProtobufFieldKind) -> DynamicValue {
    switch kind {
    case .double: .double(0)
    case .float: .float(0)
    case .int32, .sint32, .sfixed32: .int32(0)
    case .int64, .sint64, .sfixed64: .int64(0)
    case .uint32, .fixed32: .uint32(0)
    case .uint64, .fixed64: .uint64(0)
    case .bool: .bool(false)
    case .string: .string("")
    case .bytes: .bytes(ByteBuffer())
    case .enumeration(let place): .enumeration(enums[place].defaultNumber)
    case .message(let place), .group(let place):
      switch forms[place] {
      case .object: .message(DynamicMessage(type: place))
      case .wellKnown(let type): .wellKnown(type.init())
      }
    }
  }
}
