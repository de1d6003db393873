/// What one value of a field is. A message or enum is given by its place in `ProtobufDescriptors.messages` or
/// `.enums`: types refer to one another in circles.
public enum ProtobufFieldKind: Hashable, Sendable {
  /// `double` and `float`.
  case double, float
  /// Integers as varints.
  case int32, int64, uint32, uint64
  /// Integers as varints, small ones of either sign in few bytes.
  case sint32, sint64
  /// Integers in four or eight bytes.
  case fixed32, fixed64, sfixed32, sfixed64
  /// `bool`, `string` and `bytes`.
  case bool, string, bytes
  /// An enum.
  case enumeration(Int)
  /// A message with a length before it.
  case message(Int)
  /// A message between two tags (proto2).
  case group(Int)

  /// The low three bits of the tag of an unpacked value.
  public var wireType: UInt32 {
    switch self {
    case .int32, .int64, .uint32, .uint64, .sint32, .sint64, .bool, .enumeration: 0
    case .double, .fixed64, .sfixed64: 1
    case .string, .bytes, .message: 2
    case .group: 3
    case .float, .fixed32, .sfixed32: 5
    }
  }

  /// Whether repeated values may share one tag.
  public var isPackable: Bool { wireType != 2 && wireType != 3 }

  /// Whether a map may have keys of this kind.
  public var isMapKey: Bool {
    switch self {
    case .double, .float, .bytes, .enumeration, .message, .group: false
    default: true
    }
  }

  /// The kind that a number in a field descriptor stands for, where it is neither an enum nor a message.
  init?(scalar number: Int32) {
    switch number {
    case 1: self = .double
    case 2: self = .float
    case 3: self = .int64
    case 4: self = .uint64
    case 5: self = .int32
    case 6: self = .fixed64
    case 7: self = .fixed32
    case 8: self = .bool
    case 9: self = .string
    case 12: self = .bytes
    case 13: self = .uint32
    case 15: self = .sfixed32
    case 16: self = .sfixed64
    case 17: self = .sint32
    case 18: self = .sint64
    default: return nil
    }
  }
}
