// The length-prefixed field types: strings, bytes, messages.

public import Bytes

/// `string`.
public enum ProtobufString: ProtobufMapKeyType {
  /// `String`.
  public typealias Value = String
  /// Length-prefixed.
  @inlinable public static var wireType: UInt32 { 2 }
  /// Empty.
  @inlinable public static var defaultValue: String { "" }
  /// Whether the string is empty.
  @inlinable
  @inline(__always)
  public static func isDefault(_ value: String) -> Bool { value.isEmpty }
  /// Reads a string; refuses what is not UTF-8.
  @inlinable
  @inline(__always)
  public static func decode(from decoder: inout ProtobufDecoder) throws(ProtobufError) -> String {
    try decoder.readString()
  }
  /// How many bytes a string takes, length included.
  @inlinable
  @inline(__always)
  public static func size(of value: String) -> Int { ProtobufSize.delimited(value.utf8.count) }
  /// Writes a string.
  @inlinable
  @inline(__always)
  public static func encode(_ value: String, into encoder: inout ProtobufEncoder) { encoder.prepend(value) }
  /// By UTF-8 bytes, which is also by code point; `String`'s own order is neither.
  @inlinable
  public static func precedes(_ left: String, _ right: String) -> Bool {
    left.utf8.lexicographicallyPrecedes(right.utf8)
  }
}

/// `bytes`.
public enum ProtobufBytes: ProtobufFieldType {
  /// `ByteBuffer`.
  public typealias Value = ByteBuffer
  /// Length-prefixed.
  @inlinable public static var wireType: UInt32 { 2 }
  /// Empty.
  @inlinable public static var defaultValue: ByteBuffer { ByteBuffer() }
  /// Whether there are no bytes.
  @inlinable
  @inline(__always)
  public static func isDefault(_ value: ByteBuffer) -> Bool { value.isEmpty }
  /// Reads bytes; long ones share the input's storage where the limits say so.
  @inlinable
  @inline(__always)
  public static func decode(from decoder: inout ProtobufDecoder) throws(ProtobufError) -> ByteBuffer {
    try decoder.readBytes()
  }
  /// How many bytes they take, length included.
  @inlinable
  @inline(__always)
  public static func size(of value: ByteBuffer) -> Int { ProtobufSize.delimited(value.count) }
  /// Writes bytes.
  @inlinable
  @inline(__always)
  public static func encode(_ value: ByteBuffer, into encoder: inout ProtobufEncoder) {
    value.withReadableBytes { encoder.prepend($0) }
    encoder.prepend(varint: UInt64(value.count))
  }
}

/// A message.
public enum ProtobufMessage<Value: Message>: ProtobufFieldType {
  /// Length-prefixed.
  @inlinable public static var wireType: UInt32 { 2 }
  /// The message with every field at its default.
  @inlinable public static var defaultValue: Value { Value() }
  /// A message has presence: there is no value that stands for "not set".
  @inlinable
  @inline(__always)
  public static func isDefault(_ value: Value) -> Bool { false }
  /// Reads a message.
  @inlinable
  @inline(__always)
  public static func decode(from decoder: inout ProtobufDecoder) throws(ProtobufError) -> Value {
    var value = Value()
    try decoder.readMessage(&value)
    return value
  }
  /// Merges a message into an older one.
  @inlinable
  @inline(__always)
  public static func merge(
    into value: inout Value, from decoder: inout ProtobufDecoder
  ) throws(ProtobufError) {
    try decoder.readMessage(&value)
  }
  /// How many bytes a message takes, length included.
  @inlinable
  @inline(__always)
  public static func size(of value: Value) -> Int { ProtobufSize.delimited(value.serializedSize) }
  /// Writes a message.
  @inlinable
  @inline(__always)
  public static func encode(_ value: Value, into encoder: inout ProtobufEncoder) { encoder.prepend(value) }
  /// The size of a boxed field, tag included.
  @inlinable
  public static func fieldSize(present box: ProtobufBox<Value>?, tagSize: Int) -> Int {
    guard let box else { return 0 }
    return tagSize + size(of: box.value)
  }
  /// Writes a boxed field, tag included.
  @inlinable
  public static func encodeField(
    present box: ProtobufBox<Value>?, tag: UInt32, into encoder: inout ProtobufEncoder
  ) {
    guard let box else { return }
    encode(box.value, into: &encoder)
    encoder.prepend(varint: UInt64(tag))
  }
}
