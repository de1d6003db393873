// The field types of fixed size: four or eight bytes, least significant first.

/// `fixed32`.
public enum ProtobufFixed32: ProtobufPackableType, ProtobufMapKeyType {
  /// `UInt32`.
  public typealias Value = UInt32
  /// 32 bits.
  @inlinable public static var wireType: UInt32 { 5 }
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
    try decoder.readFixed(UInt32.self)
  }
  /// 4 bytes.
  @inlinable
  @inline(__always)
  public static func size(of value: UInt32) -> Int { 4 }
  /// Writes a value.
  @inlinable
  @inline(__always)
  public static func encode(_ value: UInt32, into encoder: inout ProtobufEncoder) {
    encoder.prepend(fixed: value)
  }
  /// 4 bytes each.
  @inlinable
  public static func packedCount(_ run: UnsafeRawBufferPointer) -> Int { run.count / 4 }
  /// 4 bytes each.
  @inlinable
  public static func packedSize(_ values: [UInt32]) -> Int { values.count * 4 }
  /// By value.
  @inlinable
  public static func precedes(_ left: UInt32, _ right: UInt32) -> Bool { left < right }
}

/// `fixed64`.
public enum ProtobufFixed64: ProtobufPackableType, ProtobufMapKeyType {
  /// `UInt64`.
  public typealias Value = UInt64
  /// 64 bits.
  @inlinable public static var wireType: UInt32 { 1 }
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
    try decoder.readFixed(UInt64.self)
  }
  /// 8 bytes.
  @inlinable
  @inline(__always)
  public static func size(of value: UInt64) -> Int { 8 }
  /// Writes a value.
  @inlinable
  @inline(__always)
  public static func encode(_ value: UInt64, into encoder: inout ProtobufEncoder) {
    encoder.prepend(fixed: value)
  }
  /// 8 bytes each.
  @inlinable
  public static func packedCount(_ run: UnsafeRawBufferPointer) -> Int { run.count / 8 }
  /// 8 bytes each.
  @inlinable
  public static func packedSize(_ values: [UInt64]) -> Int { values.count * 8 }
  /// By value.
  @inlinable
  public static func precedes(_ left: UInt64, _ right: UInt64) -> Bool { left < right }
}

/// `sfixed32`.
public enum ProtobufSFixed32: ProtobufPackableType, ProtobufMapKeyType {
  /// `Int32`.
  public typealias Value = Int32
  /// 32 bits.
  @inlinable public static var wireType: UInt32 { 5 }
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
    try decoder.readFixed(Int32.self)
  }
  /// 4 bytes.
  @inlinable
  @inline(__always)
  public static func size(of value: Int32) -> Int { 4 }
  /// Writes a value.
  @inlinable
  @inline(__always)
  public static func encode(_ value: Int32, into encoder: inout ProtobufEncoder) {
    encoder.prepend(fixed: value)
  }
  /// 4 bytes each.
  @inlinable
  public static func packedCount(_ run: UnsafeRawBufferPointer) -> Int { run.count / 4 }
  /// 4 bytes each.
  @inlinable
  public static func packedSize(_ values: [Int32]) -> Int { values.count * 4 }
  /// By value.
  @inlinable
  public static func precedes(_ left: Int32, _ right: Int32) -> Bool { left < right }
}

/// `sfixed64`.
public enum ProtobufSFixed64: ProtobufPackableType, ProtobufMapKeyType {
  /// `Int64`.
  public typealias Value = Int64
  /// 64 bits.
  @inlinable public static var wireType: UInt32 { 1 }
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
    try decoder.readFixed(Int64.self)
  }
  /// 8 bytes.
  @inlinable
  @inline(__always)
  public static func size(of value: Int64) -> Int { 8 }
  /// Writes a value.
  @inlinable
  @inline(__always)
  public static func encode(_ value: Int64, into encoder: inout ProtobufEncoder) {
    encoder.prepend(fixed: value)
  }
  /// 8 bytes each.
  @inlinable
  public static func packedCount(_ run: UnsafeRawBufferPointer) -> Int { run.count / 8 }
  /// 8 bytes each.
  @inlinable
  public static func packedSize(_ values: [Int64]) -> Int { values.count * 8 }
  /// By value.
  @inlinable
  public static func precedes(_ left: Int64, _ right: Int64) -> Bool { left < right }
}

/// `float`.
public enum ProtobufFloat: ProtobufPackableType {
  /// `Float`.
  public typealias Value = Float
  /// 32 bits.
  @inlinable public static var wireType: UInt32 { 5 }
  /// Zero.
  @inlinable public static var defaultValue: Float { 0 }
  /// Whether the value is zero; -0.0 is not.
  @inlinable
  @inline(__always)
  public static func isDefault(_ value: Float) -> Bool { value.bitPattern == 0 }
  /// Reads a value.
  @inlinable
  @inline(__always)
  public static func decode(from decoder: inout ProtobufDecoder) throws(ProtobufError) -> Float {
    Float(bitPattern: try decoder.readFixed(UInt32.self))
  }
  /// 4 bytes.
  @inlinable
  @inline(__always)
  public static func size(of value: Float) -> Int { 4 }
  /// Writes a value.
  @inlinable
  @inline(__always)
  public static func encode(_ value: Float, into encoder: inout ProtobufEncoder) {
    encoder.prepend(fixed: value.bitPattern)
  }
  /// 4 bytes each.
  @inlinable
  public static func packedCount(_ run: UnsafeRawBufferPointer) -> Int { run.count / 4 }
  /// 4 bytes each.
  @inlinable
  public static func packedSize(_ values: [Float]) -> Int { values.count * 4 }
}

/// `double`.
public enum ProtobufDouble: ProtobufPackableType {
  /// `Double`.
  public typealias Value = Double
  /// 64 bits.
  @inlinable public static var wireType: UInt32 { 1 }
  /// Zero.
  @inlinable public static var defaultValue: Double { 0 }
  /// Whether the value is zero; -0.0 is not.
  @inlinable
  @inline(__always)
  public static func isDefault(_ value: Double) -> Bool { value.bitPattern == 0 }
  /// Reads a value.
  @inlinable
  @inline(__always)
  public static func decode(from decoder: inout ProtobufDecoder) throws(ProtobufError) -> Double {
    Double(bitPattern: try decoder.readFixed(UInt64.self))
  }
  /// 8 bytes.
  @inlinable
  @inline(__always)
  public static func size(of value: Double) -> Int { 8 }
  /// Writes a value.
  @inlinable
  @inline(__always)
  public static func encode(_ value: Double, into encoder: inout ProtobufEncoder) {
    encoder.prepend(fixed: value.bitPattern)
  }
  /// 8 bytes each.
  @inlinable
  public static func packedCount(_ run: UnsafeRawBufferPointer) -> Int { run.count / 8 }
  /// 8 bytes each.
  @inlinable
  public static func packedSize(_ values: [Double]) -> Int { values.count * 8 }
}
