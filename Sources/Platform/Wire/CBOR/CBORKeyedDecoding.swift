// Maps as the standard library's decoding sees them.

/// The pairs of a map, taken by key.
struct CBORKeyedDecoding<Key: CodingKey>: KeyedDecodingContainerProtocol {
  // One reference only: the standard library copies the container at every call.
  private let keys: CBORKeyIndex

  init(_ item: CBORItem, at key: (any CodingKey)?) throws {
    guard item.node.kind == .map else { throw item.mismatch([String: Any].self, key) }
    let path = key.map { CBORPath($0, under: item.path) } ?? item.path
    do throws(CBORError) {
      keys = try CBORKeyIndex(item.tape, map: item.contentIndex, path: path)
    } catch {
      throw DecodingError.malformed(error, item.keys(key))
    }
  }

  var codingPath: [any CodingKey] { keys.path?.keys ?? [] }

  var allKeys: [Key] {
    keys.all.compactMap { key in
      switch key {
      case .text(let text): Key(stringValue: text)
      case .integer(let value): Key(intValue: value)
      }
    }
  }

  func contains(_ key: Key) -> Bool { keys.place(of: key) != nil }

  /// The item under `key`.
  @inline(__always)
  private func item(_ key: Key) throws -> CBORItem {
    if let item = find(key) { return item }
    throw DecodingError.keyNotFound(
      key, DecodingError.Context(codingPath: codingPath, debugDescription: "the map has no such key"))
  }

  /// The item under `key`, if there is one.
  @inline(__always)
  private func find(_ key: Key) -> CBORItem? {
    keys.place(of: key).map { CBORItem(tape: keys.tape, index: $0, path: keys.path) }
  }

  /// The item under `key`, if there is one and it is not null.
  @inline(__always)
  private func present(_ key: Key) -> CBORItem? {
    guard let item = find(key), !item.isNull else { return nil }
    return item
  }

  func decodeNil(forKey key: Key) throws -> Bool { try item(key).isNull }

  func decode(_ type: Bool.Type, forKey key: Key) throws -> Bool { try item(key).bool(at: key) }
  func decode(_ type: String.Type, forKey key: Key) throws -> String { try item(key).string(at: key) }
  func decode(_ type: Double.Type, forKey key: Key) throws -> Double { try item(key).double(at: key) }
  func decode(_ type: Float.Type, forKey key: Key) throws -> Float { try item(key).float(at: key) }
  func decode(_ type: Int.Type, forKey key: Key) throws -> Int { try item(key).integer(type, at: key) }
  func decode(_ type: Int8.Type, forKey key: Key) throws -> Int8 { try item(key).integer(type, at: key) }
  func decode(_ type: Int16.Type, forKey key: Key) throws -> Int16 { try item(key).integer(type, at: key) }
  func decode(_ type: Int32.Type, forKey key: Key) throws -> Int32 { try item(key).integer(type, at: key) }
  func decode(_ type: Int64.Type, forKey key: Key) throws -> Int64 { try item(key).integer(type, at: key) }
  func decode(_ type: UInt.Type, forKey key: Key) throws -> UInt { try item(key).integer(type, at: key) }
  func decode(_ type: UInt8.Type, forKey key: Key) throws -> UInt8 { try item(key).integer(type, at: key) }
  func decode(_ type: UInt16.Type, forKey key: Key) throws -> UInt16 { try item(key).integer(type, at: key) }
  func decode(_ type: UInt32.Type, forKey key: Key) throws -> UInt32 { try item(key).integer(type, at: key) }
  func decode(_ type: UInt64.Type, forKey key: Key) throws -> UInt64 { try item(key).integer(type, at: key) }
  func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
    try item(key).decode(type, at: key)
  }

  // The defaults of these look a key up three times.

  func decodeIfPresent(_ type: Bool.Type, forKey key: Key) throws -> Bool? {
    try present(key)?.bool(at: key)
  }
  func decodeIfPresent(_ type: String.Type, forKey key: Key) throws -> String? {
    try present(key)?.string(at: key)
  }
  func decodeIfPresent(_ type: Double.Type, forKey key: Key) throws -> Double? {
    try present(key)?.double(at: key)
  }
  func decodeIfPresent(_ type: Float.Type, forKey key: Key) throws -> Float? {
    try present(key)?.float(at: key)
  }
  func decodeIfPresent(_ type: Int.Type, forKey key: Key) throws -> Int? {
    try present(key)?.integer(type, at: key)
  }
  func decodeIfPresent(_ type: Int8.Type, forKey key: Key) throws -> Int8? {
    try present(key)?.integer(type, at: key)
  }
  func decodeIfPresent(_ type: Int16.Type, forKey key: Key) throws -> Int16? {
    try present(key)?.integer(type, at: key)
  }
  func decodeIfPresent(_ type: Int32.Type, forKey key: Key) throws -> Int32? {
    try present(key)?.integer(type, at: key)
  }
  func decodeIfPresent(_ type: Int64.Type, forKey key: Key) throws -> Int64? {
    try present(key)?.integer(type, at: key)
  }
  func decodeIfPresent(_ type: UInt.Type, forKey key: Key) throws -> UInt? {
    try present(key)?.integer(type, at: key)
  }
  func decodeIfPresent(_ type: UInt8.Type, forKey key: Key) throws -> UInt8? {
    try present(key)?.integer(type, at: key)
  }
  func decodeIfPresent(_ type: UInt16.Type, forKey key: Key) throws -> UInt16? {
    try present(key)?.integer(type, at: key)
  }
  func decodeIfPresent(_ type: UInt32.Type, forKey key: Key) throws -> UInt32? {
    try present(key)?.integer(type, at: key)
  }
  func decodeIfPresent(_ type: UInt64.Type, forKey key: Key) throws -> UInt64? {
    try present(key)?.integer(type, at: key)
  }
  func decodeIfPresent<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value? {
    try present(key)?.decode(type, at: key)
  }

  func nestedContainer<NestedKey: CodingKey>(
    keyedBy type: NestedKey.Type, forKey key: Key
  ) throws -> KeyedDecodingContainer<NestedKey> {
    KeyedDecodingContainer(try CBORKeyedDecoding<NestedKey>(item(key), at: key))
  }

  func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
    try CBORUnkeyedDecoding(item(key), at: key)
  }

  func superDecoder() throws -> any Decoder {
    try superDecoder(CBORPlaceKey.super, keys.place(of: CBORPlaceKey.super))
  }

  func superDecoder(forKey key: Key) throws -> any Decoder { try superDecoder(key, keys.place(of: key)) }

  private func superDecoder(_ key: any CodingKey, _ place: Int?) throws -> any Decoder {
    guard let place else {
      throw DecodingError.keyNotFound(
        key, DecodingError.Context(codingPath: codingPath, debugDescription: "the map has no such key"))
    }
    return CBORItem(tape: keys.tape, index: place, path: CBORPath(key, under: keys.path))
  }
}
