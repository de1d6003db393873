// Makes the pool of what DescriptorReader read: gives every type its full name and its place, resolves the names
// that fields call their types by, and refuses what no .proto file could have said.

/// Builds the pool in two passes: declare every type, then link the fields to them.
struct DescriptorLinker {
  /// Where a name leads.
  private enum Place {
    case message(Int)
    case enumeration(Int)
  }

  /// A message whose fields are not linked yet.
  private struct Declared {
    let fullName: String
    let message: ReadMessage
    let isProto3: Bool
  }

  private static let numbers: ClosedRange<Int32> = 1...536_870_911
  private static let typeMessage: Int32 = 11, typeGroup: Int32 = 10, typeEnum: Int32 = 14

  private let limits: ProtobufDescriptorLimits
  private var places: [String: Place] = [:]
  private var declared: [Declared] = []
  private(set) var enums: [ProtobufEnumDescription] = []

  init(_ files: [ReadFile], limits: ProtobufDescriptorLimits) throws(ProtobufDescriptorError) {
    self.limits = limits
    var names: Set<String> = []
    for file in files {
      guard names.insert(file.name).inserted else { throw .duplicateFile(file.name) }
      guard ["", "proto2", "proto3"].contains(file.syntax) else {
        throw .syntax(file.syntax, file: file.name)
      }
      let parts = file.package.split(separator: ".", omittingEmptySubsequences: false)
      guard file.package.isEmpty || parts.allSatisfy({ Self.isIdentifier($0) }) else {
        throw .name(file.package, in: file.name)
      }
      for message in file.messages {
        try declare(message, in: file.package, isProto3: file.syntax == "proto3", depth: 1)
      }
      for type in file.enums { try declare(type, in: file.package) }
    }
  }

  // MARK: Declaring

  private mutating func declare(
    _ message: ReadMessage, in scope: String, isProto3: Bool, depth: Int
  ) throws(ProtobufDescriptorError) {
    let fullName = try fullName(message.name, in: scope)
    guard depth <= limits.depth else { throw .tooDeep(fullName, limit: limits.depth) }
    try place(.message(declared.count), at: fullName)
    declared.append(Declared(fullName: fullName, message: message, isProto3: isProto3))
    for nested in message.messages {
      try declare(nested, in: fullName, isProto3: isProto3, depth: depth + 1)
    }
    for type in message.enums { try declare(type, in: fullName) }
  }

  private mutating func declare(_ type: ReadEnum, in scope: String) throws(ProtobufDescriptorError) {
    let fullName = try fullName(type.name, in: scope)
    try place(.enumeration(enums.count), at: fullName)
    for value in type.values where !Self.isIdentifier(value.name) { throw .name(value.name, in: fullName) }
    enums.append(ProtobufEnumDescription(fullName: fullName, values: type.values))
  }

  private mutating func place(_ place: Place, at name: String) throws(ProtobufDescriptorError) {
    guard places.updateValue(place, forKey: name) == nil else { throw .duplicateType(name) }
  }

  private func fullName(_ name: String, in scope: String) throws(ProtobufDescriptorError) -> String {
    guard Self.isIdentifier(name) else { throw .name(name, in: scope) }
    let fullName = scope.isEmpty ? name : scope + "." + name
    guard fullName.utf8.count <= limits.nameBytes else {
      throw .nameTooLong(fullName, limit: limits.nameBytes)
    }
    return fullName
  }

  private static func isIdentifier(_ name: some StringProtocol) -> Bool {
    guard let first = name.utf8.first, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else {
      return false
    }
    return name.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
        true
      default: false
      }
    }
  }

  // MARK: Linking

  /// The messages in the order they were declared in, with the places of their fields' types.
  func messages() throws(ProtobufDescriptorError) -> [ProtobufMessageDescription] {
    var messages: [ProtobufMessageDescription] = []
    messages.reserveCapacity(declared.count)
    for type in declared {
      var fields: [ProtobufFieldDescription] = []
      var names: Set<String> = []
      var numbers: Set<Int32> = []
      for field in type.message.fields {
        fields.append(try link(field, in: type))
        guard names.insert(field.name).inserted else {
          throw .duplicateField(field.name, message: type.fullName)
        }
        guard numbers.insert(field.number).inserted else {
          throw .duplicateNumber(field.number, message: type.fullName)
        }
      }
      messages.append(
        ProtobufMessageDescription(
          fullName: type.fullName, fields: fields, isMapEntry: type.message.isMapEntry))
    }
    return messages
  }

  /// Every message's place by its name.
  var messagePlaces: [String: Int] {
    places.compactMapValues { if case .message(let place) = $0 { place } else { nil } }
  }

  private func link(
    _ field: ReadField, in type: Declared
  ) throws(ProtobufDescriptorError) -> ProtobufFieldDescription {
    guard Self.isIdentifier(field.name) else { throw .name(field.name, in: type.fullName) }
    let name = type.fullName + "." + field.name
    guard Self.numbers.contains(field.number) else { throw .number(field.number, field: name) }
    if let oneof = field.oneof, !(0..<type.message.oneofs).contains(Int(oneof)) {
      throw .oneof(oneof, field: name)
    }
    let kind = try kind(of: field, named: name)
    return ProtobufFieldDescription(
      name: field.name, jsonName: field.jsonName ?? Self.jsonName(field.name), number: field.number,
      kind: kind, shape: try shape(of: field, kind, named: name, isProto3: type.isProto3),
      oneof: field.oneof.map { Int($0) })
  }

  private func kind(
    of field: ReadField, named name: String
  ) throws(ProtobufDescriptorError) -> ProtobufFieldKind {
    if field.typeName.isEmpty {
      guard let kind = ProtobufFieldKind(scalar: field.type) else {
        throw .fieldType(field.type, field: name)
      }
      return kind
    }
    // protoc writes every name in full, with a point before it.
    guard field.typeName.first == ".", let place = places[String(field.typeName.dropFirst())] else {
      throw .unresolvedType(field.typeName, field: name)
    }
    switch (place, field.type) {
    case (.message(let place), 0), (.message(let place), Self.typeMessage): return .message(place)
    case (.message(let place), Self.typeGroup): return .group(place)
    case (.enumeration(let place), 0), (.enumeration(let place), Self.typeEnum): return .enumeration(place)
    default: throw .fieldType(field.type, field: name)
    }
  }

  private func shape(
    of field: ReadField, _ kind: ProtobufFieldKind, named name: String, isProto3: Bool
  ) throws(ProtobufDescriptorError) -> ProtobufFieldDescription.Shape {
    var entry: ReadMessage?
    if case .message(let place) = kind, declared[place].message.isMapEntry { entry = declared[place].message }
    switch field.label {
    case 3:
      guard let entry else { return .repeated }
      return try map(entry, named: name)
    case 1, 2:
      if let entry { throw .mapEntry(name + ": " + entry.name) }
      switch kind {
      case .message, .group: return .optional
      default: return isProto3 && field.oneof == nil && !field.isProto3Optional ? .plain : .optional
      }
    default: throw .label(field.label, field: name)
    }
  }

  private func map(
    _ entry: ReadMessage, named name: String
  ) throws(ProtobufDescriptorError) -> ProtobufFieldDescription.Shape {
    let isPair = entry.fields.count == 2 && entry.fields.allSatisfy { $0.label == 1 }
    guard isPair, let key = entry.fields.first(where: { $0.number == 1 }),
      let value = entry.fields.first(where: { $0.number == 2 })
    else { throw .mapEntry(name) }
    let (keyKind, valueKind) = (
      try kind(of: key, named: name + ".key"), try kind(of: value, named: name + ".value")
    )
    if case .group = valueKind { throw .mapEntry(name) }
    guard keyKind.isMapKey else { throw .mapEntry(name) }
    return .map(key: keyKind, value: valueKind)
  }

  /// What protoc would call the field in JSON: without underscores, with a capital after each.
  private static func jsonName(_ name: String) -> String {
    var result: [UInt8] = []
    var raise = false
    for byte in name.utf8 {
      if byte == UInt8(ascii: "_") {
        raise = true
      } else {
        let isSmall = (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
        result.append(raise && isSmall ? byte & ~0x20 : byte)
        raise = false
      }
    }
    return String(decoding: result, as: UTF8.self)
  }
}
