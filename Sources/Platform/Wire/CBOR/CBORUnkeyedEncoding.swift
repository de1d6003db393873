// Arrays as the standard library's encoding sees them.

import Bytes

/// An array that elements are added to.
struct CBORUnkeyedEncoding: UnkeyedEncodingContainer {
  let state: CBOREncodingState
  let index: Int
  let path: CBORPath?

  var codingPath: [any CodingKey] { path?.keys ?? [] }
  var count: Int { state.tree.nodes[index].count }

  @inline(__always)
  private func put(_ append: (inout ByteBuffer) -> Void) { state.tree.addElement(to: index, append) }

  /// Adds an element that is still to come.
  private func place() -> CBOREncodingPlace {
    let key = CBORPlaceKey(intValue: count)
    return CBOREncodingPlace(
      state: state, index: state.tree.addChild(to: index, key: 0, keyCount: 0),
      path: CBORPath(key, under: path))
  }

  func encodeNil() { put { $0.append(0xf6) } }
  func encode(_ value: Bool) { put { $0.append(value ? 0xf5 : 0xf4) } }
  func encode(_ value: String) { put { $0.appendCBOR(value) } }
  func encode(_ value: Double) { put { $0.appendCBOR(value, floats: state.options.floats) } }
  func encode(_ value: Float) { put { $0.appendCBOR(value, floats: state.options.floats) } }
  func encode(_ value: Int) { put { $0.appendCBOR(value) } }
  func encode(_ value: Int8) { put { $0.appendCBOR(value) } }
  func encode(_ value: Int16) { put { $0.appendCBOR(value) } }
  func encode(_ value: Int32) { put { $0.appendCBOR(value) } }
  func encode(_ value: Int64) { put { $0.appendCBOR(value) } }
  func encode(_ value: UInt) { put { $0.appendCBOR(value) } }
  func encode(_ value: UInt8) { put { $0.appendCBOR(value) } }
  func encode(_ value: UInt16) { put { $0.appendCBOR(value) } }
  func encode(_ value: UInt32) { put { $0.appendCBOR(value) } }
  func encode(_ value: UInt64) { put { $0.appendCBOR(value) } }

  func encode<Value: Encodable>(_ value: Value) throws {
    if try CBORScalar.append(value, putting: { put($0) }, options: state.options) { return }
    try value.encode(to: place())
  }

  func nestedContainer<NestedKey: CodingKey>(keyedBy type: NestedKey.Type) -> KeyedEncodingContainer<
    NestedKey
  > {
    place().container(keyedBy: type)
  }

  func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { place().unkeyedContainer() }

  func superEncoder() -> any Encoder { place() }
}
