// A place for one item, as the standard library's encoding sees it.

import Bytes

/// A place on the tree that is being encoded into.
struct CBOREncodingPlace {
  let state: CBOREncodingState
  let index: Int
  let path: CBORPath?

  /// Encodes a scalar here.
  @inline(__always)
  func put(_ value: Any, _ append: (inout ByteBuffer) -> Void) throws {
    guard state.tree.setScalar(at: index, append) else {
      throw EncodingError.invalidValue(
        value,
        EncodingError.Context(codingPath: codingPath, debugDescription: "a value was encoded here already"))
    }
  }

  /// Encodes any type here; `key`, when there is one, leads from the place's path to it.
  func encode<Value: Encodable>(_ value: Value, at key: (any CodingKey)? = nil) throws {
    if try CBORScalar.append(value, putting: { try put(value, $0) }, options: state.options) { return }
    try value.encode(
      to: key.map { CBOREncodingPlace(state: state, index: index, path: CBORPath($0, under: path)) } ?? self)
  }

  /// Makes this place a container. Asking twice for the same kind gives the same container.
  func open(_ kind: CBOREncodingTree.Node.Kind) {
    precondition(state.tree.open(kind, at: index), "another kind of value was encoded here already")
  }
}

/// The types that go straight into a tree's bytes: those whose own `encode(to:)` would only come back here
/// through three existentials, and those that mean something in CBOR alone.
enum CBORScalar {
  /// Hands `put` what appends the value, if it is of such a type.
  @inline(__always)
  static func append<Value: Encodable>(
    _ value: Value, putting put: ((inout ByteBuffer) -> Void) throws -> Void, options: CBORWritingOptions
  ) throws -> Bool {
    if Value.self == String.self {
      let text = unsafeBitCast(value, to: String.self)
      try put { $0.appendCBOR(text) }
    } else if Value.self == Int.self {
      let integer = unsafeBitCast(value, to: Int.self)
      try put { $0.appendCBOR(integer) }
    } else if Value.self == ByteBuffer.self {
      let bytes = unsafeBitCast(value, to: ByteBuffer.self)
      try put { $0.appendCBOR(bytes) }
    } else if Value.self == UInt64.self {
      let integer = unsafeBitCast(value, to: UInt64.self)
      try put { $0.appendCBOR(integer) }
    } else if Value.self == UInt8.self {
      let integer = unsafeBitCast(value, to: UInt8.self)
      try put { $0.appendCBOR(integer) }
    } else if Value.self == Double.self {
      let number = unsafeBitCast(value, to: Double.self)
      try put { $0.appendCBOR(number, floats: options.floats) }
    } else if Value.self == CBORValue.self {
      let encoded: ByteBuffer
      do throws(CBORError) {
        encoded = try unsafeBitCast(value, to: CBORValue.self).encoded(options)
      } catch {
        throw EncodingError.invalidValue(
          value,
          EncodingError.Context(codingPath: [], debugDescription: error.description, underlyingError: error))
      }
      try put { $0.append(encoded) }
    } else {
      return false
    }
    return true
  }
}

extension CBOREncodingPlace: Encoder {
  var codingPath: [any CodingKey] { path?.keys ?? [] }

  var userInfo: [CodingUserInfoKey: Any] { state.userInfo }

  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
    open(.map)
    return KeyedEncodingContainer(CBORKeyedEncoding<Key>(state: state, index: index, path: path))
  }

  func unkeyedContainer() -> any UnkeyedEncodingContainer {
    open(.array)
    return CBORUnkeyedEncoding(state: state, index: index, path: path)
  }

  func singleValueContainer() -> any SingleValueEncodingContainer { self }
}

extension CBOREncodingPlace: SingleValueEncodingContainer {
  func encodeNil() throws { try put(Any?.none as Any) { $0.append(0xf6) } }
  func encode(_ value: Bool) throws { try put(value) { $0.append(value ? 0xf5 : 0xf4) } }
  func encode(_ value: String) throws { try put(value) { $0.appendCBOR(value) } }
  func encode(_ value: Double) throws {
    try put(value) { $0.appendCBOR(value, floats: state.options.floats) }
  }
  func encode(_ value: Float) throws { try put(value) { $0.appendCBOR(value, floats: state.options.floats) } }
  func encode(_ value: Int) throws { try put(value) { $0.appendCBOR(value) } }
  func encode(_ value: Int8) throws { try put(value) { $0.appendCBOR(value) } }
  func encode(_ value: Int16) throws { try put(value) { $0.appendCBOR(value) } }
  func encode(_ value: Int32) throws { try put(value) { $0.appendCBOR(value) } }
  func encode(_ value: Int64) throws { try put(value) { $0.appendCBOR(value) } }
  func encode(_ value: UInt) throws { try put(value) { $0.appendCBOR(value) } }
  func encode(_ value: UInt8) throws { try put(value) { $0.appendCBOR(value) } }
  func encode(_ value: UInt16) throws { try put(value) { $0.appendCBOR(value) } }
  func encode(_ value: UInt32) throws { try put(value) { $0.appendCBOR(value) } }
  func encode(_ value: UInt64) throws { try put(value) { $0.appendCBOR(value) } }
  func encode<Value: Encodable>(_ value: Value) throws { try encode(value, at: nil) }
}
