// The scalar field types. Varint types differ in how 64 bits become a value; a value too wide for its type is
// cut to its low bits, as every protobuf implementation does, so that a field may change its integer type.

/// `int32`.
public enum ProtobufInt32: ProtobufPackableType, ProtobufMapKeyType {
  /// `Int32`.
  public typealias Value = Int32
  /// A varint.
  @inlinable public static var wireType: UInt32 { 0 }
  /// Zero.
  @inlinable public static var defaultValue: Int32 { 0 }
  /// Whether the value is zero.
  @inlinable
  @inline(__always)
  public static func isDefault(_ value: Int32) -> Bool { value == 0 }
  /// Reads a value.
  @inlinable
  @inline(__always)
  public static func decode(from decoder: inout ProtobufDecoder) throws(ProtobufError) -> Int32 {
    Int32(truncatingIfNeeded: try decoder.readVarint())
  }
  /// How many bytes a value takes.
  @inlinable
  @inline(__always)
  public static func size(of value: Int32) -> Int { ProtobufSize.varint(UInt64(bitPattern: Int64(value))) }
  /// Writes a value.
  @inlinable
  @inline(__always)
  public static func encode(_ value: Int32, into encoder: inout ProtobufEncoder) {
    encoder.prepend(varint: UInt64(bitPattern: Int64(value)))
  }
  /// By value.
  @inlinable
  public static func precedes(_ left: Int32, _ right: Int32) -> Bool { left < right }
}

/// `int64`.
public enum ProtobufInt64: ProtobufPackableType, ProtobufMapKeyType {
  /// `Int64`.
  public typealias Value = Int64
  /// A varint.
  @inlinable public static var wireType: UInt32 { 0 }
  /// Zero.
  @inlinable public static var defaultValue: Int64 { 0 }
  /// Whether the value is zero.
  @inlinable
  @inline(__always)
  public static func isDefault(_ value: Int64) -> Bool { value == 0 }
  /// Reads a value.
  @inlinable
  @inline(__always)
  public static func decode(from decoder: inout ProtobufDecoder) throws(ProtobufError) -> Int64 {
    Int64(bitPattern: try decoder.readVarint())
  }
  /// How many bytes a value takes.
  @inlinable
  @inline(__always)
  public static func size(of value: Int64) -> Int { ProtobufSize.varint(UInt64(bitPattern: value)) }
  /// Writes a value.
  @inlinable
  @inline(__always)
  public static func encode(_ value: Int64, into encoder: inout ProtobufEncoder) {
    encoder.prepend(varint: UInt64(bitPattern: value))
  }
  /// By value.
  @inlinable
  public static func precedes(_ left: Int64, _ right: Int64) -> Bool { left < right }
}

/// `uint32`.
public enum ProtobufUInt32: ProtobufPackableType, ProtobufMapKeyType {
  /// `UInt32`.
  public typealias Value = UInt32
  /// A varint.
  @inlinable public static var wireType: UInt32 { 0 }
  /// Zero.
  @inlinable public static var defaultValue: UInt32 { 0 }
  /// Whether the value is zero.
  @inlinable
  @inline(__always)
  public static func isDefault(_ value: UInt32) -> Bool { value == 0 }
  /// Reads a value.
  @inlinable
  @inline(__always)
  public static func decode(from decoder: inout ProtobufDecoder) throws(ProtobufError) -> UInt32 {
    UInt32(truncatingIfNeeded: try decoder.readVarint())
  }
  /// How many bytes a value takes.
  @inlinable
  @inline(__always)
  public static func size(of value: UInt32) -> Int { ProtobufSize.varint(UInt64(value)) }
  /// Writes a value.
  @inlinable
  @inline(__always)
  public static func encode(_ value: UInt32, into encoder: inout ProtobufEncoder) {
    encoder.prepend(varint: UInt64(value))
  }
  /// By value.
  @inlinable
  public static func precedes(_ left: UInt32, _ right: UInt32) -> Bool { left < right }
}

/// `uint64`.
public enum ProtobufUInt64: ProtobufPackableType, ProtobufMapKeyType {
  /// `UInt64`.
  public typealias Value = UInt64
  /// A varint.
  @inlinable public static var wireType: UInt32 { 0 }
  /// Zero.
  @inlinable public static var defaultValue: UInt64 { 0 }
  /// Whether the value is zero.
  @inlinable
  @inline(__always)
  public static func isDefault(_ value: UInt64) -> Bool { value == 0 }
  /// Reads a value.
  @inlinable
  @inline(__always)
  public static func decode(from decoder: inout ProtobufDecoder) throws(ProtobufError) -> UInt64 {
    try decoder.readVarint()
  }
  /// How many bytes a value takes.
  @inlinable
  @inline(__always)
  public static func size(of value: UInt64) -> Int { ProtobufSize.varint(value) }
  /// Writes a value.
  @inlinable
  @inline(__always)
  public static func encode(_ value: UInt64, into encoder: inout ProtobufEncoder) {
    encoder.prepend(varint: value)
  }
  /// By value.
  @inlinable
  public static func precedes(_ left: UInt64, _ right: UInt64) -> Bool { left < right }
}

/// `sint32`.
public enum ProtobufSInt32: ProtobufPackableType, ProtobufMapKeyType {
  /// `Int32`.
  public typealias Value = Int32
  /// A varint.
  @inlinable public static var wireType: UInt32 { 0 }
  /// Zero.
  @inlinable public static var defaultValue: Int32 { 0 }
  /// Whether the value is zero.
  @inlinable
  @inline(__always)
  public static func isDefault(_ value: Int32) -> Bool { value == 0 }
  /// Reads a value.
  @inlinable
  @inline(__always)
  public static func decode(from decoder: inout ProtobufDecoder) throws(ProtobufError) -> Int32 {
    let raw = UInt32(truncatingIfNeeded: try decoder.readVarint())
    return Int32(bitPattern: raw >> 1) ^ -Int32(bitPattern: raw & 1)
  }
  /// How many bytes a value takes.
  @inlinable
  @inline(__always)
  public static func size(of value: Int32) -> Int {
    ProtobufSize.varint(UInt64(UInt32(bitPattern: (value << 1) ^ (value >> 31))))
  }
  /// Writes a value.
  @inlinable
  @inline(__always)
  public static func encode(_ value: Int32, into encoder: inout ProtobufEncoder) {
    encoder.prepend(varint: UInt64(UInt32(bitPattern: (value << 1) ^ (value >> 31))))
  }
  /// By value.
  @inlinable
  public static func precedes(_ left: Int32, _ right: Int32) -> Bool { left < right }
}

/// `sint64`.
public enum ProtobufSInt64: ProtobufPackableType, ProtobufMapKeyType {
  /// `Int64`.
  public typealias Value = Int64
  /// A varint.
  @inlinable public static var wireType: UInt32 { 0 }
  /// Zero.
  @inlinable public static var defaultValue: Int64 { 0 }
  /// Whether the value is zero.
  @inlinable
  @inline(__always)
  public static func isDefault(_ value: Int64) -> Bool { value == 0 }
  /// Reads a value.
  @inlinable
  @inline(__always)
  public static func decode(from decoder: inout ProtobufDecoder) throws(ProtobufError) -> Int64 {
    let raw = try decoder.readVarint()
    return Int64(bitPattern: raw >> 1) ^ -Int64(bitPattern: raw & 1)
  }
  /// How many bytes a value takes.
  @inlinable
  @inline(__always)
  public static func size(of value: Int64) -> Int {
    ProtobufSize.varint(UInt64(bitPattern: (value << 1) ^ (value >> 63)))
  }
  /// Writes a value.
  @inlinable
  @inline(__always)
  public static func encode(_ value: Int64, into encoder: inout ProtobufEncoder) {
    encoder.prepend(varint: UInt64(bitPattern: (value << 1) ^ (value >> 63)))
  }
  /// By value.
  @inlinable
  public static func precedes(_ left: Int64, _ right: Int64) -> Bool { left < right }
}

/// `bool`.
public enum ProtobufBool: ProtobufPackableType, ProtobufMapKeyType {
  /// `Bool`.
  public typealias Value = Bool
  /// A varint.
  @inlinable public static var wireType: UInt32 { 0 }
  /// False.
  @inlinable public static var defaultValue: Bool { false }
  /// Whether the value is false.
  @inlinable
  @inline(__always)
  public static func isDefault(_ value: Bool) -> Bool { !value }
  /// Reads a value.
  @inlinable
  @inline(__always)
  public static func decode(from decoder: inout ProtobufDecoder) throws(ProtobufError) -> Bool {
    try decoder.readVarint() != 0
  }
  /// How many bytes a value takes.
  @inlinable
  @inline(__always)
  public static func size(of value: Bool) -> Int { 1 }
  /// Writes a value.
  @inlinable
  @inline(__always)
  public static func encode(_ value: Bool, into encoder: inout ProtobufEncoder) {
    encoder.prepend(varint: value ? 1 : 0)
  }
  /// False before true.
  @inlinable
  public static func precedes(_ left: Bool, _ right: Bool) -> Bool { !left && right }
}

/// An enum.
public enum ProtobufEnum<Value: Enum>: ProtobufPackableType {
  /// A varint.
  @inlinable public static var wireType: UInt32 { 0 }
  /// The enum's default.
  @inlinable public static var defaultValue: Value { Value() }
  /// Whether the number is 0.
  @inlinable
  @inline(__always)
  public static func isDefault(_ value: Value) -> Bool { value.number == 0 }
  /// Reads a value; any number will do.
  @inlinable
  @inline(__always)
  public static func decode(from decoder: inout ProtobufDecoder) throws(ProtobufError) -> Value {
    Value(number: Int32(truncatingIfNeeded: try decoder.readVarint()))
  }
  /// How many bytes a value takes: ten when its number is negative.
  @inlinable
  @inline(__always)
  public static func size(of value: Value) -> Int { ProtobufInt32.size(of: value.number) }
  /// Writes a value.
  @inlinable
  @inline(__always)
  public static func encode(_ value: Value, into encoder: inout ProtobufEncoder) {
    ProtobufInt32.encode(value.number, into: &encoder)
  }
}

extension ProtobufPackableType {
  /// The number of bytes with a clear top bit: each ends a varint.
  @inlinable
  public static func packedCount(_ run: UnsafeRawBufferPointer) -> Int {
    var count = 0
    for byte in run { count &+= Int(~byte >> 7) }
    return count
  }

  /// The sum of the values' sizes.
  @inlinable
  public static func packedSize(_ values: [Value]) -> Int {
    var total = 0
    for value in values { total += size(of: value) }
    return total
  }
}
