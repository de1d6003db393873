// Reads a DynamicMessage with the cursor that generated code reads with, so that both accept the same bytes and
// refuse the others with the same errors. Each value that is kept counts as an element: a tree costs more than
// the struct a generated message is.

import Bytes

/// A cursor over a message of a type known at run time.
struct DynamicDecoder: ~Copyable {
  private var cursor: ProtobufDecoder
  private let types: ProtobufDescriptors
  /// The fields that lead to where the cursor is; after an error, to where that is.
  private(set) var path = DynamicPath()

  init(
    _ input: UnsafeRawBufferPointer, types: ProtobufDescriptors, limits: ProtobufDecodingLimits
  ) throws(ProtobufError) {
    cursor = try ProtobufDecoder(input, owner: nil, limits: limits)
    self.types = types
  }

  /// Reads fields until the message ends: where its bytes do, or at the tag that ends a group.
  mutating func read(_ message: inout DynamicMessage, until endGroup: UInt32? = nil) throws(ProtobufError) {
    let type = types.messages[message.type]
    while let tag = try cursor.nextTag() {
      if tag == endGroup { return }
      guard let place = type.place(of: Int32(tag >> 3)) else {
        try cursor.keepUnknown(tag, in: &message.unknownFields)
        continue
      }
      let field = type.fields[place]
      path.push(field.name)
      if !(try read(field, tag & 7, into: &message)) {
        try cursor.keepUnknown(tag, in: &message.unknownFields)
      }
      path.pop()
    }
    if endGroup != nil { throw .truncated(cursor.here) }
  }

  /// Reads a value of a field; false when the wire type is not the field's.
  private mutating func read(
    _ field: ProtobufFieldDescription, _ wireType: UInt32, into message: inout DynamicMessage
  ) throws(ProtobufError) -> Bool {
    switch field.shape {
    case .plain, .optional:
      guard wireType == field.kind.wireType else { return false }
      var slot = message.take(field)
      try cursor.spend(elements: 1)
      message.values[field.number] = try value(field, over: &slot)
    case .repeated:
      if wireType == field.kind.wireType {
        try cursor.spend(elements: 1)
        path.push(index: message.lists[field.number]?.count ?? 0)
        var slot: DynamicValue?
        let element = try value(field, over: &slot)
        message.lists[field.number, default: []].append(element)
        path.pop()
      } else if wireType == 2 && field.kind.isPackable {
        try readPacked(field.kind, into: &message.lists[field.number, default: []])
        if message.lists[field.number]?.isEmpty == true { message.lists[field.number] = nil }
      } else {
        return false
      }
    case .map(let key, let value):
      guard wireType == 2 else { return false }
      try readEntry(key, value, into: &message.maps[field.number, default: [:]])
    }
    return true
  }

  private mutating func value(
    _ field: ProtobufFieldDescription, over slot: inout DynamicValue?
  ) throws(ProtobufError) -> DynamicValue {
    guard case .group(let place) = field.kind else { return try value(field.kind, over: &slot) }
    guard cursor.depthLeft > 0 else { throw .tooDeep(cursor.here, limit: cursor.limits.depth) }
    cursor.depthLeft -= 1
    var group = Self.takeMessage(from: &slot) ?? DynamicMessage(type: place)
    try read(&group, until: UInt32(field.number) << 3 | 4)
    cursor.depthLeft += 1
    return .message(group)
  }

  private mutating func readPacked(
    _ kind: ProtobufFieldKind, into values: inout [DynamicValue]
  ) throws(ProtobufError) {
    let length = try cursor.readLength()
    let outer = cursor.end
    cursor.end = cursor.position + length
    var slot: DynamicValue?
    while cursor.position < cursor.end {
      try cursor.spend(elements: 1)
      values.append(try value(kind, over: &slot))
    }
    cursor.end = outer
  }

  private mutating func readEntry(
    _ keyKind: ProtobufFieldKind, _ valueKind: ProtobufFieldKind,
    into map: inout [DynamicKey: DynamicValue]
  ) throws(ProtobufError) {
    try cursor.spend(elements: 1)
    let outer = try cursor.enter()
    var (key, mapped): (DynamicValue?, DynamicValue?) = (nil, nil)
    while let tag = try cursor.nextTag() {
      if tag == 8 | keyKind.wireType {
        path.push("key")
        key = try value(keyKind, over: &key)
      } else if tag == 16 | valueKind.wireType {
        path.push("value")
        mapped = try value(valueKind, over: &mapped)
      } else {
        try cursor.skipField(tag)
        continue
      }
      path.pop()
    }
    cursor.leave(to: outer)
    guard let key = DynamicKey(key ?? types.defaultValue(of: keyKind)) else {
      preconditionFailure("the linker lets no such key through")
    }
    map[key] = mapped ?? types.defaultValue(of: valueKind)
  }

  /// Reads a value; only messages keep anything of the older one in `slot`. They take it from there: while two
  /// held it, every merge would copy all that was read before.
  private mutating func value(
    _ kind: ProtobufFieldKind, over slot: inout DynamicValue?
  ) throws(ProtobufError) -> DynamicValue {
    switch kind {
    case .double: return .double(try ProtobufDouble.decode(from: &cursor))
    case .float: return .float(try ProtobufFloat.decode(from: &cursor))
    case .int32: return .int32(try ProtobufInt32.decode(from: &cursor))
    case .int64: return .int64(try ProtobufInt64.decode(from: &cursor))
    case .uint32: return .uint32(try ProtobufUInt32.decode(from: &cursor))
    case .uint64: return .uint64(try ProtobufUInt64.decode(from: &cursor))
    case .sint32: return .int32(try ProtobufSInt32.decode(from: &cursor))
    case .sint64: return .int64(try ProtobufSInt64.decode(from: &cursor))
    case .fixed32: return .uint32(try ProtobufFixed32.decode(from: &cursor))
    case .fixed64: return .uint64(try ProtobufFixed64.decode(from: &cursor))
    case .sfixed32: return .int32(try ProtobufSFixed32.decode(from: &cursor))
    case .sfixed64: return .int64(try ProtobufSFixed64.decode(from: &cursor))
    case .bool: return .bool(try ProtobufBool.decode(from: &cursor))
    case .string: return .string(try ProtobufString.decode(from: &cursor))
    case .bytes: return .bytes(try ProtobufBytes.decode(from: &cursor))
    case .enumeration: return .enumeration(try ProtobufInt32.decode(from: &cursor))
    case .message(let place):
      switch types.forms[place] {
      case .object:
        var message = Self.takeMessage(from: &slot) ?? DynamicMessage(type: place)
        let outer = try cursor.enter()
        try read(&message)
        cursor.leave(to: outer)
        return .message(message)
      case .wellKnown(let type):
        var message = Self.takeKnown(from: &slot) ?? type.init()
        try merge(into: &message)
        return .wellKnown(message)
      }
    case .group: preconditionFailure("a group is read by its field")
    }
  }

  private mutating func merge(into message: inout some WellKnownJSON) throws(ProtobufError) {
    try cursor.readMessage(&message)
  }

  private static func takeMessage(from slot: inout DynamicValue?) -> DynamicMessage? {
    guard case .message(let message)? = slot else { return nil }
    slot = nil
    return message
  }

  private static func takeKnown(from slot: inout DynamicValue?) -> (any WellKnownJSON)? {
    guard case .wellKnown(let message)? = slot else { return nil }
    slot = nil
    return message
  }
}
