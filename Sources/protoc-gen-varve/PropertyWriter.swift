import Wire

/// Writes what users of a message touch: its properties and its oneofs' enums.
struct PropertyWriter {
  let message: MessageType
  let options: GeneratorOptions

  private var visible: String { options.visibility.modifier }
  private var comments: Comments { message.file.comments }

  func write(to text: inout SourceText) throws(GeneratorError) {
    var written: Set<String> = []
    for field in message.fields {
      if let oneof = field.oneof, written.insert(oneof.name).inserted { writeOneof(oneof, to: &text) }
      try write(field, to: &text)
    }
    text.line("\(visible)var unknownFields = \(options.wire)UnknownStorage()")
    for field in message.fields { writeStorage(field, to: &text) }
    for oneof in message.oneofs {
      text.line()
      writeOneofType(oneof, to: &text)
    }
  }

  private func write(_ field: Field, to text: inout SourceText) throws(GeneratorError) {
    let name = SwiftNames.escaped(field.name)
    if let comment = comments.documentation(at: field.path) { text.line(comment) }
    switch field.shape {
    case .plain:
      if field.isBytes {
        text.block("\(visible)var \(name): ByteBuffer") { text in
          text.line("get { self.\(field.storedName) ?? ByteBuffer() }")
          text.line("set { self.\(field.storedName) = newValue.isEmpty ? nil : newValue }")
        }
      } else {
        text.line("\(visible)var \(name): \(field.swiftType) = \(try field.defaultValue())")
      }
    case .optional:
      let stored = "self." + field.storedName
      let defaultValue = try field.defaultValue()
      text.block("\(visible)var \(name): \(field.swiftType)") { text in
        text.line("get { \(stored)\(field.isBoxed ? "?.value" : "") ?? \(defaultValue) }")
        text.line(
          "set { \(stored) = \(field.isBoxed ? "\(options.wire)ProtobufBox(newValue)" : "newValue") }")
      }
      text.line("/// Whether `\(field.name)` was set.")
      text.line("\(visible)var has\(field.capitalized): Bool { \(stored) != nil }")
      text.line("/// Forgets `\(field.name)`: it has its default afterwards.")
      text.line("\(visible)mutating func clear\(field.capitalized)() { \(stored) = nil }")
    case .member(let oneof):
      let property = "self." + SwiftNames.escaped(oneof.name)
      let defaultValue = try field.defaultValue()
      text.block("\(visible)var \(name): \(field.swiftType)") { text in
        text.line(
          "get { if case .\(field.name)(let value)? = \(property) { value } else { \(defaultValue) } }")
        text.line("set { \(property) = .\(field.name)(newValue) }")
      }
    case .repeated: text.line("\(visible)var \(name): [\(field.swiftType)] = []")
    case .map(let key, let value):
      text.line("\(visible)var \(name): [\(key.swiftType): \(value.swiftType)] = [:]")
    }
    text.line()
  }

  private func writeStorage(_ field: Field, to text: inout SourceText) {
    switch field.shape {
    case .plain:
      if field.isBytes { text.line("private var \(field.storedName): ByteBuffer?") }
    case .optional:
      let type = field.isBoxed ? "\(options.wire)ProtobufBox<\(field.swiftType)>" : field.swiftType
      text.line("private var \(field.storedName): \(type)?")
    case .member, .repeated, .map: break
    }
  }

  private func writeOneof(_ oneof: Oneof, to text: inout SourceText) {
    if let comment = comments.documentation(at: oneof.path) { text.line(comment) }
    text.line("\(visible)var \(SwiftNames.escaped(oneof.name)): \(oneof.typeName)?")
    text.line()
  }

  private func writeOneofType(_ oneof: Oneof, to text: inout SourceText) {
    if let comment = comments.documentation(at: oneof.path) { text.line(comment) }
    text.block("\(visible)enum \(oneof.typeName): Hashable, Sendable") { text in
      for field in oneof.members {
        if let comment = comments.documentation(at: field.path) { text.line(comment) }
        let indirect = field.isBoxed ? "indirect " : ""
        text.line("\(indirect)case \(SwiftNames.escaped(field.name))(\(field.swiftType))")
      }
    }
  }
}
