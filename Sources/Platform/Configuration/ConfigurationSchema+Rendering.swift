// The schema for people and programs: text for a terminal, Markdown for the documentation, JSON for
// editors and checks. All three say the same of every key.

extension ConfigurationSchema {
  /// Every key as a block of lines.
  public var text: String {
    var text = ""
    for key in flattened {
      text += "\(key.key)\n    \(key.meaning)\n"
      text += "    type: \(key.type); accepted: \(key.accepted)\n"
      text += "    default: \(key.standardText)\n"
      if let environment = key.environment { text += "    environment: \(environment)\n" }
      if key.isSecret { text += "    from a file: \(key.key)\(Self.secretSuffix)\n" }
    }
    for constraint in constraints {
      text += "\(constraint.keys.joined(separator: " and "))\n    \(constraint.meaning)\n"
    }
    return text
  }

  /// A table of keys for each section, as the documentation has it.
  public var markdown: String {
    var text = ""
    let meanings = Dictionary(uniqueKeysWithValues: sections.map { ($0.name, $0.meaning) })
    var groups: [(section: String, keys: [KeyDescription])] = [("", [])]
    for key in flattened {
      let section = key.key.split(separator: ".").dropLast().joined(separator: ".")
      if let index = groups.firstIndex(where: { $0.section == section }) {
        groups[index].keys.append(key)
      } else {
        groups.append((section, [key]))
      }
    }
    for (section, keys) in groups where !keys.isEmpty {
      if !section.isEmpty { text += "\(text.isEmpty ? "" : "\n")### `\(section)`\n\n" }
      if let meaning = meanings[section] { text += "\(meaning)\n\n" }
      text += "| key | type | default | accepted | environment | meaning |\n"
      text += "| --- | --- | --- | --- | --- | --- |\n"
      for key in keys { text += Self.row(key) }
    }
    if !constraints.isEmpty { text += "\n### Values that go together\n\n" }
    for constraint in constraints {
      text += "- \(constraint.keys.map { "`\($0)`" }.joined(separator: ", ")): \(constraint.meaning)\n"
    }
    return text
  }

  private static func row(_ key: KeyDescription) -> String {
    let standard = key.standard.map { $0 == .absent ? $0.text : "`\($0.text)`" } ?? "**required**"
    let environment = key.environment.map { "`\($0)`" } ?? ""
    let name = key.isSecret ? "`\(key.key)` or `\(key.key)\(secretSuffix)`" : "`\(key.key)`"
    let cells = [name, key.type, standard, key.accepted, environment, key.meaning]
    return "| \(cells.map(cell).joined(separator: " | ")) |\n"
  }

  /// A JSON object with `keys`, `sections` and `constraints`.
  public var json: String {
    let quoted: (String) -> String = { Quotation.quoted($0) }
    let keyObjects = flattened.map { key in
      "{\"key\": \(quoted(key.key)), \"type\": \(quoted(key.type)), \"required\": \(key.isRequired), "
        + "\"secret\": \(key.isSecret), \"default\": \(key.standard?.json ?? "null"), "
        + "\"accepted\": \(quoted(key.accepted)), "
        + "\"environment\": \(key.environment.map { quoted($0) } ?? "null"), \"meaning\": \(quoted(key.meaning))}"
    }
    let sectionObjects = sections.map { "{\"name\": \(quoted($0.name)), \"meaning\": \(quoted($0.meaning))}" }
    let constraintObjects = constraints.map { constraint in
      "{\"keys\": [\(constraint.keys.map { quoted($0) }.joined(separator: ", "))], \"meaning\": \(quoted(constraint.meaning))}"
    }
    let parts = [("keys", keyObjects), ("sections", sectionObjects), ("constraints", constraintObjects)]
    let members = parts.map { name, objects in
      objects.isEmpty
        ? "  \"\(name)\": []" : "  \"\(name)\": [\n    \(objects.joined(separator: ",\n    "))\n  ]"
    }
    return "{\n\(members.joined(separator: ",\n"))\n}\n"
  }

  private static var secretSuffix: String { SectionSchema<Root>.secretFileSuffix }

  /// Every key, and after a list of sections the keys of its elements.
  private var flattened: [KeyDescription] {
    func flatten(_ keys: [KeyDescription]) -> [KeyDescription] {
      keys.flatMap { [$0] + flatten($0.elements) }
    }
    return flatten(keys)
  }

  private static func cell(_ text: String) -> String {
    String(text.flatMap { $0 == "|" ? ["\\", "|"] : $0 == "\n" ? [" "] : [$0] })
  }
}

extension KeyDescription {
  fileprivate var standardText: String {
    standard?.text ?? "none, required"
  }
}
