import Wire

/// Writes how a message is read from and written as JSON. Every message gets it; well-known types with a form of
/// their own have that in the runtime, which then does not call this.
struct JSONMemberWriter {
  let message: MessageType
  let options: GeneratorOptions

  private var visible: String { options.visibility.modifier }
  private var wire: String { options.wire }

  func write(to text: inout SourceText) {
    text.line()
    writeNames(to: &text)
    text.line()
    writeDecode(to: &text)
    text.line()
    writeEncode(to: &text)
  }

  private func writeNames(to text: inout SourceText) {
    if message.fields.isEmpty {
      text.line("\(visible)static let fieldNames = \(wire)ProtobufFieldNames([])")
      return
    }
    text.line("\(visible)static let fieldNames = \(wire)ProtobufFieldNames([")
    for field in message.fieldsByNumber { text.line("  (\(field.number), \(names(of: field))),") }
    text.line("])")
  }

  /// The JSON name and the proto name, as literals.
  private func names(of field: Field) -> String {
    "\(field.descriptor.jsonName.debugDescription), \(field.descriptor.name.debugDescription)"
  }

  private func writeDecode(to text: inout SourceText) {
    let parameters = "_ number: Int32, from decoder: inout \(wire)ProtobufJSONDecoder"
    text.block(
      "\(visible)mutating func decodeJSONField(\(parameters)) throws(\(wire)ProtobufJSONError)"
    ) { text in
      text.line("switch number {")
      for field in message.fieldsByNumber { writeDecode(field, to: &text) }
      text.line("default: break")
      text.line("}")
    }
  }

  private func writeDecode(_ field: Field, to text: inout SourceText) {
    let name = "self." + SwiftNames.escaped(field.name)
    let type = field.fieldType(wire)
    let call: String
    switch field.shape {
    case .plain: call = "\(type).decodeJSONField(&\(name), from: &decoder)"
    case .optional: call = "\(type).decodeJSONField(present: &self.\(field.storedName), from: &decoder)"
    case .repeated: call = "\(type).decodeJSONField(repeated: &\(name), from: &decoder)"
    case .map(let key, let value):
      let mapped = value.fieldType(wire)
      call = "\(key.fieldType(wire)).decodeJSONField(map: &\(name), to: \(mapped).self, from: &decoder)"
    case .member(let oneof):
      let property = "self." + SwiftNames.escaped(oneof.name)
      text.line(
        """
        case \(field.number):
          if let value = try \(type).decodeJSONMember(from: &decoder) {
            if \(property) != nil { throw decoder.secondOf(oneof: "\(oneof.protoName)") }
            \(property) = .\(field.name)(value)
          }
        """)
      return
    }
    text.line("case \(field.number): try \(call)")
  }

  private func writeEncode(to text: inout SourceText) {
    let parameters = "into encoder: inout \(wire)ProtobufJSONEncoder"
    text.block("\(visible)func encodeJSONFields(\(parameters)) throws(\(wire)ProtobufJSONError)") { text in
      for field in message.fieldsByNumber { writeEncode(field, to: &text) }
    }
  }

  private func writeEncode(_ field: Field, to text: inout SourceText) {
    let name = "self." + SwiftNames.escaped(field.name)
    let type = field.fieldType(wire)
    let rest = "\(names(of: field)), into: &encoder"
    switch field.shape {
    case .plain: text.line("try \(type).encodeJSONField(\(name), \(rest))")
    case .optional: text.line("try \(type).encodeJSONField(present: self.\(field.storedName), \(rest))")
    case .repeated: text.line("try \(type).encodeJSONField(repeated: \(name), \(rest))")
    case .map(let key, let value):
      let mapped = value.fieldType(wire)
      text.line("try \(key.fieldType(wire)).encodeJSONField(map: \(name), to: \(mapped).self, \(rest))")
    case .member(let oneof):
      text.block("if case .\(field.name)(let value)? = self.\(SwiftNames.escaped(oneof.name))") { text in
        text.line("try \(type).encodeJSONField(present: value, \(rest))")
      }
    }
  }
}
