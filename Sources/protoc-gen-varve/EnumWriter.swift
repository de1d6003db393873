import Wire

/// Writes an enum.
struct EnumWriter {
  let type: EnumType
  let file: SchemaFile
  let options: GeneratorOptions

  /// The values that are cases of their own: the first of each number.
  private var cases: [(name: String, value: Google_Protobuf_EnumValueDescriptorProto, index: Int)] {
    var seen: Set<Int32> = []
    return zip(type.caseNames, type.descriptor.value).enumerated().compactMap { index, pair in
      seen.insert(pair.1.number).inserted ? (pair.0, pair.1, index) : nil
    }
  }

  func write(to text: inout SourceText) {
    let visible = options.visibility.modifier
    let comment = file.comments.documentation(at: type.path)
    text.line(comment ?? "/// The enum `\(type.fullName.dropFirst())`.")
    text.block("\(visible)enum \(SwiftNames.escaped(type.localName)): \(options.wire)Enum, CaseIterable") {
      text in
      text.line("\(visible)typealias RawValue = Int")
      writeCases(to: &text)
      text.line()
      text.line("\(visible)init() { self = .\(type.defaultCase) }")
      writeNumbers(to: &text)
      writeNames(to: &text)
      text.line()
      let all = cases.map { "." + $0.name }.joined(separator: ", ")
      text.line("\(visible)static var allCases: [Self] { [\(all)] }")
    }
  }

  private func writeCases(to text: inout SourceText) {
    for (index, value) in type.descriptor.value.enumerated() {
      let name = type.caseNames[index]
      if let comment = file.comments.documentation(at: type.path + [2, Int32(index)]) { text.line(comment) }
      if let first = cases.first(where: { $0.value.number == value.number }), first.index != index {
        text.line(
          "\(options.visibility.modifier)static var \(SwiftNames.escaped(name)): Self { .\(first.name) }")
      } else {
        text.line("case \(SwiftNames.escaped(name)) // = \(value.number)")
      }
    }
    text.line("case UNRECOGNIZED(Int)")
  }

  private func writeNumbers(to text: inout SourceText) {
    let visible = options.visibility.modifier
    text.line()
    text.block("\(visible)init(number: Int32)") { text in
      text.line("switch number {")
      for (name, value, _) in cases { text.line("case \(value.number): self = .\(name)") }
      text.line("default: self = .UNRECOGNIZED(Int(number))")
      text.line("}")
    }
    text.line()
    text.block("\(visible)var number: Int32") { text in
      text.line("switch self {")
      for (name, value, _) in cases { text.line("case .\(name): \(value.number)") }
      text.line("case .UNRECOGNIZED(let number): Int32(truncatingIfNeeded: number)")
      text.line("}")
    }
  }

  private func writeNames(to text: inout SourceText) {
    let visible = options.visibility.modifier
    text.line()
    text.block("\(visible)init?(protoName: String)") { text in
      text.line("switch protoName {")
      for (name, value) in zip(type.caseNames, type.descriptor.value) {
        text.line("case \"\(value.name)\": self = .\(name)")
      }
      text.line("default: return nil")
      text.line("}")
    }
    text.line()
    text.block("\(visible)var protoName: String?") { text in
      text.line("switch self {")
      for (name, value, _) in cases { text.line("case .\(name): \"\(value.name)\"") }
      text.line("case .UNRECOGNIZED: nil")
      text.line("}")
    }
  }
}
