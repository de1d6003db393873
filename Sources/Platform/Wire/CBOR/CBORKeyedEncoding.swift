// Maps as the standard library's encoding sees them.

import Bytes

/// A map that pairs are added to.
struct CBORKeyedEncoding<Key: CodingKey>: KeyedEncodingContainerProtocol {
  let state: CBOREncodingState
  let index: Int
  let path: CBORPath?

  var codingPath: [any CodingKey] { path?.keys ?? [] }

  /// Adds a pair whose value is the scalar that `append` adds.
  @inline(__always)
  private func put(_ key: Key, _ append: (inout ByteBuffer) -> Void) {
    state.tree.addPair(to: index, key: key, asInteger: state.usesIntegerKeys, append)
  }

  /// Adds a pair whose value is still to come.
  private func place(_ key: some CodingKey) -> CBOREncodingPlace {
    CBOREncodingPlace(
      state: state, index: state.tree.addPair(to: index, key: key, asInteger: state.usesIntegerKeys),
      path: CBORPath(key, under: path))
  }

  func encodeNil(forKey key: Key) { put(key) { $0.append(0xf6) } }
  func encode(_ value: Bool, forKey key: Key) { put(key) { $0.append(value ? 0xf5 : 0xf4) } }
  func encode(_ value: String, forKey key: Key) { put(key) { $0.appendCBOR(value) } }
  func encode(_ value: Double, forKey key: Key) {
    put(key) { $0.appendCBOR(value, floats: state.options.floats) }
  }
  func encode(_ value: Float, forKey key: Key) {
    put(key) { $0.appendCBOR(value, floats: state.options.floats) }
  }
  func encode(_ value: Int, forKey key: Key) { put(key) { $0.appendCBOR(value) } }
  func encode(_ value: Int8, forKey key: Key) { put(key) { $0.appendCBOR(value) } }
  func encode(_ value: Int16, forKey key: Key) { put(key) { $0.appendCBOR(value) } }
  func encode(_ value: Int32, forKey key: Key) { put(key) { $0.appendCBOR(value) } }
  func encode(_ value: Int64, forKey key: Key) { put(key) { $0.appendCBOR(value) } }
  func encode(_ value: UInt, forKey key: Key) { put(key) { $0.appendCBOR(value) } }
  func encode(_ value: UInt8, forKey key: Key) { put(key) { $0.appendCBOR(value) } }
  func encode(_ value: UInt16, forKey key: Key) { put(key) { $0.appendCBOR(value) } }
  func encode(_ value: UInt32, forKey key: Key) { put(key) { $0.appendCBOR(value) } }
  func encode(_ value: UInt64, forKey key: Key) { put(key) { $0.appendCBOR(value) } }

  func encode<Value: Encodable>(_ value: Value, forKey key: Key) throws {
    try CBOREncodingPlace(
      state: state, index: state.tree.addPair(to: index, key: key, asInteger: state.usesIntegerKeys),
      path: path
    ).encode(
      value, at: key)
  }

  func nestedContainer<NestedKey: CodingKey>(
    keyedBy type: NestedKey.Type, forKey key: Key
  ) -> KeyedEncodingContainer<NestedKey> {
    place(key).container(keyedBy: type)
  }

  func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
    place(key).unkeyedContainer()
  }

  func superEncoder() -> any Encoder { place(CBORPlaceKey.super) }

  func superEncoder(forKey key: Key) -> any Encoder { place(key) }
}
