import Wire

/// Writes a message: its properties, and how it is read and written in binary.
struct MessageWriter {
  let message: MessageType
  let options: GeneratorOptions

  private var visible: String { options.visibility.modifier }
  private var wire: String { options.wire }

  func write(to text: inout SourceText) throws(GeneratorError) {
    let comment = message.file.comments.documentation(at: message.path)
    text.line(comment ?? "/// The message `\(message.fullName.dropFirst())`.")
    let name = SwiftNames.escaped(message.localName)
    try text.block("\(visible)struct \(name): \(wire)Message") { (text) throws(GeneratorError) in
      let properties = PropertyWriter(message: message, options: options)
      try properties.write(to: &text)
      text.line()
      text.line("\(visible)init() {}")
      for type in message.enums {
        text.line()
        EnumWriter(type: type, file: message.file, options: options).write(to: &text)
      }
      for nested in message.messages where !nested.isMapEntry {
        text.line()
        try MessageWriter(message: nested, options: options).write(to: &text)
      }
      text.line()
      text.line("\(visible)static var protoMessageName: String { \"\(message.fullName.dropFirst())\" }")
      writeDecode(to: &text)
      writeSize(to: &text)
      writeEncode(to: &text)
      JSONMemberWriter(message: message, options: options).write(to: &text)
    }
  }

  // MARK: Reading

  private func writeDecode(to text: inout SourceText) {
    let signature =
      "mutating func decodeFields(from decoder: inout \(wire)ProtobufDecoder) throws(\(wire)ProtobufError)"
    text.line()
    text.block(visible + signature) { text in
      text.block("while let tag = try decoder.nextTag()") { text in
        text.line("switch tag {")
        for field in message.fieldsByNumber { writeDecode(field, to: &text) }
        text.line("default: try decoder.keepUnknown(tag, in: &self.unknownFields)")
        text.line("}")
      }
    }
  }

  private func writeDecode(_ field: Field, to text: inout SourceText) {
    let type = field.fieldType(wire)
    let name = SwiftNames.escaped(field.name)
    switch field.shape {
    case .plain:
      if field.isBytes {
        text.line("case \(field.tag): self.\(field.storedName) = try decoder.readBytesOrNil()")
      } else {
        text.line("case \(field.tag): self.\(name) = try \(type).decode(from: &decoder)")
      }
    case .optional:
      if case .message = field.kind {
        text.line("case \(field.tag): try decoder.readMessage(&self.\(field.storedName))")
      } else {
        text.line("case \(field.tag): self.\(field.storedName) = try \(type).decode(from: &decoder)")
      }
    case .member(let oneof):
      let property = SwiftNames.escaped(oneof.name)
      guard case .message(let nested) = field.kind else {
        text.line("case \(field.tag): self.\(property) = .\(name)(try \(type).decode(from: &decoder))")
        return
      }
      text.line(
        """
        case \(field.tag):
          var value = if case .\(name)(let old)? = self.\(property) { old } else { \(nested.swiftName)() }
          self.\(property) = nil
          try decoder.readMember(&value)
          self.\(property) = .\(name)(value)
        """)
    case .repeated:
      if case .message = field.kind {
        text.line("case \(field.tag): try decoder.appendMessage(&self.\(name))")
      } else {
        text.line("case \(field.tag): try decoder.appendElement(&self.\(name), \(type).self)")
      }
      if field.isPackable {
        text.line("case \(field.packedTag): try decoder.appendPacked(&self.\(name), \(type).self)")
      }
    case .map(let key, let value):
      let types = "\(key.fieldType(wire)).self, \(value.fieldType(wire)).self"
      text.line("case \(field.tag): try decoder.readMapEntry(&self.\(name), \(types))")
    }
  }

  // MARK: Sizing and writing

  private func writeSize(to text: inout SourceText) {
    text.line()
    text.block("\(visible)var serializedSize: Int") { text in
      if message.fields.isEmpty {
        text.line("self.unknownFields.count")
        return
      }
      text.line("var size = self.unknownFields.count")
      for field in message.fieldsByNumber where field.oneof == nil {
        let (type, arguments) = call(field)
        text.line("size += \(type).fieldSize(\(arguments), tagSize: \(field.tagSize))")
      }
      for oneof in message.oneofs {
        text.line("switch self.\(SwiftNames.escaped(oneof.name)) {")
        for field in oneof.members {
          let type = field.fieldType(wire)
          text.line(
            "case .\(field.name)(let value)?: "
              + "size += \(type).fieldSize(present: value, tagSize: \(field.tagSize))")
        }
        text.line("case nil: break")
        text.line("}")
      }
      text.line("return size")
    }
  }

  private func writeEncode(to text: inout SourceText) {
    text.line()
    text.block("\(visible)func encodeFields(into encoder: inout \(wire)ProtobufEncoder)") { text in
      text.line("self.unknownFields.encode(into: &encoder)")
      for field in message.fieldsByNumber.reversed() {
        if let oneof = field.oneof {
          let type = field.fieldType(wire)
          let property = SwiftNames.escaped(oneof.name)
          text.block("if case .\(field.name)(let value)? = self.\(property)") { text in
            text.line("\(type).encodeField(present: value, tag: \(field.tag), into: &encoder)")
          }
        } else {
          let (type, arguments) = call(field)
          let tag = if case .repeated(true) = field.shape { field.packedTag } else { field.tag }
          text.line("\(type).encodeField(\(arguments), tag: \(tag), into: &encoder)")
        }
      }
    }
  }

  /// The type on which a field that is no oneof's is measured and written, and the arguments that say what.
  private func call(_ field: Field) -> (type: String, arguments: String) {
    let name = "self." + SwiftNames.escaped(field.name)
    let type = field.fieldType(wire)
    switch field.shape {
    case .plain:
      return (type, field.isBytes ? "present: self.\(field.storedName)" : name)
    case .optional, .member: return (type, "present: self.\(field.storedName)")
    case .repeated(let packed): return (type, (packed ? "packed: " : "repeated: ") + name)
    case .map(let key, let value):
      return (key.fieldType(wire), "map: \(name), to: \(value.fieldType(wire)).self")
    }
  }
}
