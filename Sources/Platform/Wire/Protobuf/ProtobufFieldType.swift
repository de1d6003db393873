// The types a field can have, as types without values: generated code names one (`ProtobufSInt32`) and the
// generic functions here and in ProtobufDecoder+Containers do the rest. All is inlinable, so a call in
// generated code of another module becomes the few instructions that type needs.

/// How values of one protobuf field type are read, measured and written, without their tag.
public protocol ProtobufFieldType {
  /// The Swift type of a value.
  associatedtype Value: Hashable & Sendable
  /// The low three bits of the tag of an unpacked value.
  static var wireType: UInt32 { get }
  /// The value of a field that was never set.
  static var defaultValue: Value { get }
  /// Whether a field without presence is left out for this value.
  static func isDefault(_ value: Value) -> Bool
  /// Reads a value.
  static func decode(from decoder: inout ProtobufDecoder) throws(ProtobufError) -> Value
  /// Reads a value over an older one of the same field; only messages keep anything of the older one.
  static func merge(into value: inout Value, from decoder: inout ProtobufDecoder) throws(ProtobufError)
  /// How many bytes `encode` writes.
  static func size(of value: Value) -> Int
  /// Writes a value.
  static func encode(_ value: Value, into encoder: inout ProtobufEncoder)
  /// Whether JSON's `null` is a value of this type.
  static var readsNull: Bool { get }
  /// Reads a value from JSON; nil for one that is to be ignored.
  static func decodeJSON(from decoder: inout ProtobufJSONDecoder) throws(ProtobufJSONError) -> Value?
  /// Writes a value as JSON.
  static func encodeJSON(_ value: Value, into encoder: inout ProtobufJSONEncoder) throws(ProtobufJSONError)
}

/// A field type whose repeated values may share one tag.
public protocol ProtobufPackableType: ProtobufFieldType {
  /// How many values a packed run holds, if it is well formed.
  static func packedCount(_ run: UnsafeRawBufferPointer) -> Int
  /// How many bytes the values take one after the other.
  static func packedSize(_ values: [Value]) -> Int
}

/// A field type that can be the key of a map.
public protocol ProtobufMapKeyType: ProtobufFieldType {
  /// The order in which map entries are written.
  static func precedes(_ left: Value, _ right: Value) -> Bool
  /// The member's name a key is in JSON.
  static func jsonKey(_ value: Value) -> String
  /// The key a member's name in JSON is; nil when it is none.
  static func value(jsonKey text: String) -> Value?
}

extension ProtobufFieldType {
  /// Replaces the older value.
  @inlinable
  @inline(__always)
  public static func merge(
    into value: inout Value, from decoder: inout ProtobufDecoder
  ) throws(ProtobufError) {
    value = try decode(from: &decoder)
  }
}

// MARK: Size of a field, tag included

extension ProtobufFieldType {
  /// A field without presence: nothing when it has the default value.
  @inlinable
  @inline(__always)
  public static func fieldSize(_ value: Value, tagSize: Int) -> Int {
    isDefault(value) ? 0 : tagSize + size(of: value)
  }

  /// A field with presence: nothing when it was never set.
  @inlinable
  @inline(__always)
  public static func fieldSize(present value: Value?, tagSize: Int) -> Int {
    guard let value else { return 0 }
    return tagSize + size(of: value)
  }

  /// A repeated field, one tag for each value.
  @inlinable
  public static func fieldSize(repeated values: [Value], tagSize: Int) -> Int {
    var total = values.count * tagSize
    for value in values { total += size(of: value) }
    return total
  }
}

extension ProtobufPackableType {
  /// A packed repeated field: one tag in all.
  @inlinable
  public static func fieldSize(packed values: [Value], tagSize: Int) -> Int {
    values.isEmpty ? 0 : tagSize + ProtobufSize.delimited(packedSize(values))
  }
}

extension ProtobufMapKeyType {
  /// A map from this type to `valueType`.
  @inlinable
  public static func fieldSize<Mapped: ProtobufFieldType>(
    map: [Value: Mapped.Value], to valueType: Mapped.Type, tagSize: Int
  ) -> Int {
    var total = map.count * tagSize
    for (key, value) in map {
      total += ProtobufSize.delimited(2 + size(of: key) + Mapped.size(of: value))
    }
    return total
  }
}

// MARK: Writing a field, tag included

extension ProtobufFieldType {
  /// A field without presence: nothing when it has the default value.
  @inlinable
  @inline(__always)
  public static func encodeField(_ value: Value, tag: UInt32, into encoder: inout ProtobufEncoder) {
    if isDefault(value) { return }
    encode(value, into: &encoder)
    encoder.prepend(varint: UInt64(tag))
  }

  /// A field with presence: nothing when it was never set.
  @inlinable
  @inline(__always)
  public static func encodeField(
    present value: Value?, tag: UInt32, into encoder: inout ProtobufEncoder
  ) {
    guard let value else { return }
    encode(value, into: &encoder)
    encoder.prepend(varint: UInt64(tag))
  }

  /// A repeated field, one tag for each value.
  @inlinable
  public static func encodeField(
    repeated values: [Value], tag: UInt32, into encoder: inout ProtobufEncoder
  ) {
    var index = values.count
    while index > 0 {
      index -= 1
      encode(values[index], into: &encoder)
      encoder.prepend(varint: UInt64(tag))
    }
  }
}

extension ProtobufPackableType {
  /// A packed repeated field: one tag in all.
  @inlinable
  public static func encodeField(packed values: [Value], tag: UInt32, into encoder: inout ProtobufEncoder) {
    if values.isEmpty { return }
    let before = encoder.left
    var index = values.count
    while index > 0 {
      index -= 1
      encode(values[index], into: &encoder)
    }
    encoder.prepend(varint: UInt64(before - encoder.left))
    encoder.prepend(varint: UInt64(tag))
  }
}

extension ProtobufMapKeyType {
  /// A map from this type to `valueType`, sorted by key.
  @inlinable
  public static func encodeField<Mapped: ProtobufFieldType>(
    map: [Value: Mapped.Value], to valueType: Mapped.Type, tag: UInt32, into encoder: inout ProtobufEncoder
  ) {
    if map.isEmpty { return }
    for (key, value) in map.sorted(by: { precedes($0.key, $1.key) }).reversed() {
      let before = encoder.left
      Mapped.encode(value, into: &encoder)
      encoder.prepend(varint: UInt64(16 | Mapped.wireType))
      encode(key, into: &encoder)
      encoder.prepend(varint: UInt64(8 | wireType))
      encoder.prepend(varint: UInt64(before - encoder.left))
      encoder.prepend(varint: UInt64(tag))
    }
  }
}
