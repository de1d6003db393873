// One item on the tape as the standard library's decoding sees it: what each Swift type takes from it, and
// the errors when it cannot.

import Bytes

/// An item that is being decoded.
struct CBORItem {
  let tape: CBORTape
  /// The item's node. Tags around the item come before it.
  let index: Int
  let path: CBORPath?

  /// The node of the item itself, tags passed over.
  @inline(__always)
  var contentIndex: Int {
    var index = index
    while tape.nodes[index].kind == .tag { index &+= 1 }
    return index
  }

  @inline(__always)
  var node: CBORNode { tape.nodes[contentIndex] }

  var isNull: Bool {
    let node = node
    return node.kind == .simple && (node.argument == 22 || node.argument == 23)
  }

  // MARK: What types take

  @inline(__always)
  func integer<Integer: FixedWidthInteger>(_ type: Integer.Type, at key: (any CodingKey)?) throws -> Integer {
    let node = node
    switch node.kind {
    case .unsigned:
      if let value = Integer(exactly: node.argument) { return value }
    case .negative:
      if Integer.isSigned, let value = Integer(exactly: node.argument) { return ~value }
    default: throw mismatch(type, key)
    }
    throw corrupted("the integer does not fit in \(type)", key)
  }

  func bool(at key: (any CodingKey)?) throws -> Bool {
    let node = node
    guard node.kind == .simple, node.argument == 20 || node.argument == 21 else {
      throw mismatch(Bool.self, key)
    }
    return node.argument == 21
  }

  func double(at key: (any CodingKey)?) throws -> Double {
    let node = node
    switch node.kind {
    case .float: return Double(bitPattern: node.argument)
    // Peers whose numbers are all alike send whole floats as integers.
    case .unsigned, .negative:
      guard let magnitude = Double(exactly: node.argument) else {
        throw corrupted("the integer is no exact Double", key)
      }
      if node.kind == .unsigned { return magnitude }
      let value = -1 - magnitude
      // -1 - n, where n is exact and n + 1 may not be.
      if -(value + 1) == magnitude { return value }
      throw corrupted("the integer is no exact Double", key)
    default: throw mismatch(Double.self, key)
    }
  }

  func float(at key: (any CodingKey)?) throws -> Float {
    let wide = try double(at: key)
    if wide.isNaN, let bits = CBORFloat.single(wide) { return Float(bitPattern: bits) }
    let value = Float(wide)
    if value.isInfinite && !wide.isInfinite { throw corrupted("the number does not fit in Float", key) }
    return value
  }

  func string(at key: (any CodingKey)?) throws -> String {
    do throws(CBORError) {
      if let text = try tape.text(at: node) { return text }
    } catch {
      throw DecodingError.malformed(error, keys(key))
    }
    throw mismatch(String.self, key)
  }

  func bytes(at key: (any CodingKey)?) throws -> ByteBuffer {
    do throws(CBORError) {
      if let bytes = try tape.bytes(at: node) { return bytes }
    } catch {
      throw DecodingError.malformed(error, keys(key))
    }
    throw mismatch(ByteBuffer.self, key)
  }

  func value(at key: (any CodingKey)?) throws -> CBORValue {
    do throws(CBORError) {
      return try tape.value(at: tape.nodes[index])
    } catch {
      throw DecodingError.malformed(error, keys(key))
    }
  }

  /// Decodes any type; `key`, when there is one, leads from the item's path to it.
  func decode<Value: Decodable>(_ type: Value.Type, at key: (any CodingKey)? = nil) throws -> Value {
    // The types whose own init(from:) would come straight back here, through three existentials; and arrays
    // of them, whose init(from:) takes a microsecond before it has the first element.
    if type == String.self { return unsafeBitCast(try string(at: key), to: type) }
    if type == Int.self { return unsafeBitCast(try integer(Int.self, at: key), to: type) }
    if type == ByteBuffer.self { return unsafeBitCast(try bytes(at: key), to: type) }
    if type == CBORValue.self { return unsafeBitCast(try value(at: key), to: type) }
    if type == UInt64.self { return unsafeBitCast(try integer(UInt64.self, at: key), to: type) }
    if type == UInt8.self { return unsafeBitCast(try integer(UInt8.self, at: key), to: type) }
    if type == Double.self { return unsafeBitCast(try double(at: key), to: type) }
    if type == [String].self { return unsafeBitCast(try array(at: key) { try $0.string(at: $1) }, to: type) }
    if type == [Int].self {
      return unsafeBitCast(try array(at: key) { try $0.integer(Int.self, at: $1) }, to: type)
    }
    if type == [UInt64].self {
      return unsafeBitCast(try array(at: key) { try $0.integer(UInt64.self, at: $1) }, to: type)
    }
    if type == [UInt8].self {
      return unsafeBitCast(try array(at: key) { try $0.integer(UInt8.self, at: $1) }, to: type)
    }
    if type == [ByteBuffer].self {
      return unsafeBitCast(try array(at: key) { try $0.bytes(at: $1) }, to: type)
    }
    return try Value(
      from: key.map { CBORItem(tape: tape, index: index, path: CBORPath($0, under: path)) } ?? self)
  }

  /// The elements of an array, each read by `read`.
  @inline(__always)
  private func array<Element>(
    at key: (any CodingKey)?, _ read: (CBORItem, any CodingKey) throws -> Element
  ) throws -> [Element] {
    let node = node
    guard node.kind == .array else { throw mismatch([Element].self, key) }
    let inside = key.map { CBORPath($0, under: path) } ?? path
    var elements: [Element] = []
    elements.reserveCapacity(Int(node.argument))
    var next = contentIndex + 1
    for index in 0..<Int(node.argument) {
      elements.append(try read(CBORItem(tape: tape, index: next, path: inside), CBORPlaceKey.index(index)))
      next = Int(tape.nodes[next].next)
    }
    return elements
  }

  // MARK: Errors

  func keys(_ key: (any CodingKey)?) -> [any CodingKey] {
    (path?.keys ?? []) + (key.map { [$0] } ?? [])
  }

  func corrupted(_ text: String, _ key: (any CodingKey)?) -> DecodingError {
    .dataCorrupted(
      DecodingError.Context(codingPath: keys(key), debugDescription: "CBOR at byte \(node.start): \(text)"))
  }

  func mismatch(_ type: Any.Type, _ key: (any CodingKey)?) -> DecodingError {
    let found = CBORKind(initial: tape.base.load(fromByteOffset: node.start, as: UInt8.self))
    let context = DecodingError.Context(
      codingPath: keys(key), debugDescription: "CBOR at byte \(node.start): found \(found.rawValue)")
    return isNull ? .valueNotFound(type, context) : .typeMismatch(type, context)
  }
}

extension CBORItem: Decoder {
  var codingPath: [any CodingKey] { path?.keys ?? [] }

  var userInfo: [CodingUserInfoKey: Any] { tape.userInfo }

  func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
    KeyedDecodingContainer(try CBORKeyedDecoding<Key>(self, at: nil))
  }

  func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
    try CBORUnkeyedDecoding(self, at: nil)
  }

  func singleValueContainer() -> any SingleValueDecodingContainer { self }
}

extension CBORItem: SingleValueDecodingContainer {
  func decodeNil() -> Bool { isNull }
  func decode(_ type: Bool.Type) throws -> Bool { try bool(at: nil) }
  func decode(_ type: String.Type) throws -> String { try string(at: nil) }
  func decode(_ type: Double.Type) throws -> Double { try double(at: nil) }
  func decode(_ type: Float.Type) throws -> Float { try float(at: nil) }
  func decode(_ type: Int.Type) throws -> Int { try integer(type, at: nil) }
  func decode(_ type: Int8.Type) throws -> Int8 { try integer(type, at: nil) }
  func decode(_ type: Int16.Type) throws -> Int16 { try integer(type, at: nil) }
  func decode(_ type: Int32.Type) throws -> Int32 { try integer(type, at: nil) }
  func decode(_ type: Int64.Type) throws -> Int64 { try integer(type, at: nil) }
  func decode(_ type: UInt.Type) throws -> UInt { try integer(type, at: nil) }
  func decode(_ type: UInt8.Type) throws -> UInt8 { try integer(type, at: nil) }
  func decode(_ type: UInt16.Type) throws -> UInt16 { try integer(type, at: nil) }
  func decode(_ type: UInt32.Type) throws -> UInt32 { try integer(type, at: nil) }
  func decode(_ type: UInt64.Type) throws -> UInt64 { try integer(type, at: nil) }
  func decode<Value: Decodable>(_ type: Value.Type) throws -> Value { try decode(type, at: nil) }
}
