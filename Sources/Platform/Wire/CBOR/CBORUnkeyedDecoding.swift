// Arrays as the standard library's decoding sees them.

/// The elements of an array, taken in order.
struct CBORUnkeyedDecoding: UnkeyedDecodingContainer {
  private let tape: CBORTape
  private let path: CBORPath?
  /// The node of the element that is next.
  private var next: Int
  private let total: Int
  private(set) var currentIndex = 0

  init(_ item: CBORItem, at key: (any CodingKey)?) throws {
    let node = item.node
    guard node.kind == .array else { throw item.mismatch([Any].self, key) }
    tape = item.tape
    path = key.map { CBORPath($0, under: item.path) } ?? item.path
    next = item.contentIndex + 1
    total = Int(node.argument)
  }

  var codingPath: [any CodingKey] { path?.keys ?? [] }
  var count: Int? { total }
  var isAtEnd: Bool { currentIndex == total }

  /// Takes the next element by `body`; it stays next when that throws.
  @inline(__always)
  private mutating func take<Value>(
    _ type: Any.Type, _ body: (CBORItem, any CodingKey) throws -> Value
  ) throws -> Value {
    let key = CBORPlaceKey(intValue: currentIndex)
    guard currentIndex < total else {
      throw DecodingError.valueNotFound(
        type, DecodingError.Context(codingPath: codingPath + [key], debugDescription: "no more elements"))
    }
    let value = try body(CBORItem(tape: tape, index: next, path: path), key)
    next = Int(tape.nodes[next].next)
    currentIndex += 1
    return value
  }

  mutating func decodeNil() throws -> Bool {
    guard currentIndex < total else {
      return try take(Never?.self) { _, _ in false }
    }
    guard CBORItem(tape: tape, index: next, path: path).isNull else { return false }
    return try take(Never?.self) { _, _ in true }
  }

  mutating func decode(_ type: Bool.Type) throws -> Bool { try take(type) { try $0.bool(at: $1) } }
  mutating func decode(_ type: String.Type) throws -> String { try take(type) { try $0.string(at: $1) } }
  mutating func decode(_ type: Double.Type) throws -> Double { try take(type) { try $0.double(at: $1) } }
  mutating func decode(_ type: Float.Type) throws -> Float { try take(type) { try $0.float(at: $1) } }
  mutating func decode(_ type: Int.Type) throws -> Int { try take(type) { try $0.integer(type, at: $1) } }
  mutating func decode(_ type: Int8.Type) throws -> Int8 { try take(type) { try $0.integer(type, at: $1) } }
  mutating func decode(_ type: Int16.Type) throws -> Int16 { try take(type) { try $0.integer(type, at: $1) } }
  mutating func decode(_ type: Int32.Type) throws -> Int32 { try take(type) { try $0.integer(type, at: $1) } }
  mutating func decode(_ type: Int64.Type) throws -> Int64 { try take(type) { try $0.integer(type, at: $1) } }
  mutating func decode(_ type: UInt.Type) throws -> UInt { try take(type) { try $0.integer(type, at: $1) } }
  mutating func decode(_ type: UInt8.Type) throws -> UInt8 { try take(type) { try $0.integer(type, at: $1) } }
  mutating func decode(_ type: UInt16.Type) throws -> UInt16 {
    try take(type) { try $0.integer(type, at: $1) }
  }
  mutating func decode(_ type: UInt32.Type) throws -> UInt32 {
    try take(type) { try $0.integer(type, at: $1) }
  }
  mutating func decode(_ type: UInt64.Type) throws -> UInt64 {
    try take(type) { try $0.integer(type, at: $1) }
  }

  mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
    try take(type) { try $0.decode(type, at: $1) }
  }

  mutating func nestedContainer<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key>
  {
    try take(KeyedDecodingContainer<Key>.self) {
      KeyedDecodingContainer(try CBORKeyedDecoding<Key>($0, at: $1))
    }
  }

  mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
    try take((any UnkeyedDecodingContainer).self) { try CBORUnkeyedDecoding($0, at: $1) }
  }

  mutating func superDecoder() throws -> any Decoder {
    try take((any Decoder).self) {
      CBORItem(tape: $0.tape, index: $0.index, path: CBORPath($1, under: $0.path))
    }
  }
}
