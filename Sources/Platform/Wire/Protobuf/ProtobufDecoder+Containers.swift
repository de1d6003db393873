// Everything that holds other values: nested messages, repeated fields, map entries, unknown fields, groups.

import Bytes

extension ProtobufDecoder {
  /// Steps into a length-prefixed message; the result is what `leave` must be given.
  @inlinable
  @inline(__always)
  mutating func enter() throws(ProtobufError) -> UnsafeRawPointer {
    let length = try readLength()
    if depthLeft == 0 { throw .tooDeep(here, limit: limits.depth) }
    depthLeft &-= 1
    let outer = end
    end = position + length
    return outer
  }

  @inlinable
  @inline(__always)
  mutating func leave(to outer: UnsafeRawPointer) {
    depthLeft &+= 1
    end = outer
  }

  /// Merges a nested message into `message`.
  @inlinable
  public mutating func readMessage<Nested: Message>(_ message: inout Nested) throws(ProtobufError) {
    let outer = try enter()
    try message.decodeFields(from: &self)
    leave(to: outer)
  }

  /// Merges a nested message into `message`, made first when there is none.
  @inlinable
  public mutating func readMessage<Nested: Message>(_ message: inout Nested?) throws(ProtobufError) {
    if message == nil { message = Nested() }
    try readMessage(&message!)
  }

  /// Merges a nested message into the one in the box, made first when there is none.
  @inlinable
  public mutating func readMessage<Nested: Message>(
    _ message: inout ProtobufBox<Nested>?
  ) throws(ProtobufError) {
    if message == nil { message = ProtobufBox(Nested()) }
    try readMessage(&message!.value)
  }

  /// Merges a nested message into a oneof's. That moves the message out of its enum and back in, which for a
  /// large one costs more than the few bytes that ask for it: hence an element of the budget each time.
  @inlinable
  public mutating func readMember<Nested: Message>(_ message: inout Nested) throws(ProtobufError) {
    try spend(elements: 1)
    try readMessage(&message)
  }

  /// Appends one message to a repeated field.
  @inlinable
  public mutating func appendMessage<Nested: Message>(_ messages: inout [Nested]) throws(ProtobufError) {
    try spend(elements: 1)
    makeRoom(in: &messages)
    messages.append(Nested())
    try readMessage(&messages[messages.count - 1])
  }

  /// Appends one value to a repeated field.
  @inlinable
  public mutating func appendElement<Field: ProtobufFieldType>(
    _ values: inout [Field.Value], _ type: Field.Type
  ) throws(ProtobufError) {
    try spend(elements: 1)
    makeRoom(in: &values)
    values.append(try Field.decode(from: &self))
  }

  /// The first few elements share one allocation; left alone, an array grows by one, two, four.
  @inlinable
  @inline(__always)
  func makeRoom<Element>(in values: inout [Element]) {
    if values.capacity == 0 { values.reserveCapacity(4) }
  }

  /// Appends a packed run of values to a repeated field.
  @inlinable
  public mutating func appendPacked<Field: ProtobufPackableType>(
    _ values: inout [Field.Value], _ type: Field.Type
  ) throws(ProtobufError) {
    let length = try readLength()
    let outer = end
    end = position + length
    let count = Field.packedCount(UnsafeRawBufferPointer(start: position, count: length))
    guard count > 0 else {
      // No value ends in the run: it is empty, or its only value is cut short, which decoding it tells.
      // (Appending nothing would still write the length of the empty array that all threads share.)
      if length > 0 { _ = try Field.decode(from: &self) }
      end = outer
      return
    }
    try spend(elements: count)
    try values.append(addingCapacity: count) { (room) throws(ProtobufError) in
      while position < end { room.append(try Field.decode(from: &self)) }
    }
    end = outer
  }

  /// Puts one map entry into `map`; a key that is there already is replaced.
  @inlinable
  public mutating func readMapEntry<Key: ProtobufMapKeyType, Value: ProtobufFieldType>(
    _ map: inout [Key.Value: Value.Value], _ keyType: Key.Type, _ valueType: Value.Type
  ) throws(ProtobufError) {
    try spend(elements: 1)
    let outer = try enter()
    var key = Key.defaultValue
    var value = Value.defaultValue
    while let tag = try nextTag() {
      if tag == 8 | Key.wireType {
        key = try Key.decode(from: &self)
      } else if tag == 16 | Value.wireType {
        try Value.merge(into: &value, from: &self)
      } else {
        try skipField(tag)
      }
    }
    leave(to: outer)
    map[key] = value
  }

  // MARK: Unknown fields

  /// Keeps the field whose tag was just read, byte for byte.
  @inline(never)
  public mutating func keepUnknown(_ tag: UInt32, in storage: inout UnknownStorage) throws(ProtobufError) {
    let start = fieldStart
    try skipField(tag)
    storage.append(UnsafeRawBufferPointer(start: start, count: position - start))
  }

  /// Steps over the value of the field whose tag was just read.
  @usableFromInline
  mutating func skipField(_ tag: UInt32) throws(ProtobufError) {
    switch tag & 7 {
    case 0: _ = try readVarint()
    case 1: _ = try readFixed(UInt64.self)
    case 2: position += try readLength()
    case 3: try skipGroup(tag)
    case 4: throw .endGroup(here)
    case 5: _ = try readFixed(UInt32.self)
    default: throw .wireType(Int(tag & 7), here)
    }
  }

  private mutating func skipGroup(_ start: UInt32) throws(ProtobufError) {
    if depthLeft == 0 { throw .tooDeep(here, limit: limits.depth) }
    depthLeft -= 1
    while let tag = try nextTag() {
      if tag & 7 == 4 {
        // The end carries the same field number as the start.
        guard tag == start + 1 else { throw .endGroup(here) }
        depthLeft += 1
        return
      }
      try skipField(tag)
    }
    throw .truncated(here)
  }
}
