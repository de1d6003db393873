// Where a section declares its keys. A declaration erases the type of each field into a DeclaredKey:
// a description, a way to read a node into the field, and a way to print the field. Keys of a nested
// section are lifted through its key path, so a schema is one flat list of keys with dotted names.
//
// A name that is malformed or declared twice is a programmer's error and stops at once: a test that
// makes the schema finds it.

/// Collects the keys, sections and constraints of a section.
public struct SectionDeclaration<Section: ConfigurationSection> {
  var keys: [DeclaredKey<Section>] = []
  var sections: [SectionDescription] = []
  var constraints: [DeclaredConstraint<Section>] = []
  /// The key that a key path from the section stands for.
  var indices: [AnyKeyPath: Int] = [:]
  /// The section as it is when nothing is set.
  private let standard: Section

  init(standard: Section = Section()) { self.standard = standard }

  // MARK: Keys

  /// Declares a key with a default: the field's initial value.
  ///
  /// - Parameters:
  ///   - name: the last part of the key's name, in lower case with underscores.
  ///   - path: the field.
  ///   - notation: how the value is written.
  ///   - meaning: what the key is for, in a sentence.
  public mutating func key<Value: Sendable>(
    _ name: String, _ path: FieldPath<Section, Value>, _ notation: ValueNotation<Value>,
    _ meaning: String
  ) {
    let standard = RenderedValue(standard[keyPath: path], as: notation)
    append(name, path, scalar(notation, standard, meaning)) { node, key, section, context in
      guard let value = context.scalar(node, key, notation) else { return }
      section[keyPath: path] = value
    } render: {
      RenderedValue($0[keyPath: path], as: notation)
    }
  }

  /// Declares a key that may be left unset: the field is `nil` then.
  ///
  /// - Parameters:
  ///   - name: the last part of the key's name, in lower case with underscores.
  ///   - path: the field.
  ///   - notation: how the value is written.
  ///   - meaning: what the key is for, in a sentence.
  public mutating func key<Value: Sendable>(
    _ name: String, _ path: FieldPath<Section, Value?>, _ notation: ValueNotation<Value>,
    _ meaning: String
  ) {
    let standard = standard[keyPath: path].map { RenderedValue($0, as: notation) } ?? .absent
    append(name, path, scalar(notation, standard, meaning)) { node, key, section, context in
      if node.isAbsent {
        section[keyPath: path] = nil
      } else if let value = context.scalar(node, key, notation) {
        section[keyPath: path] = value
      }
    } render: {
      $0[keyPath: path].map { RenderedValue($0, as: notation) } ?? .absent
    }
  }

  /// Declares a key that must be set; the field's initial value is never seen.
  ///
  /// - Parameters:
  ///   - name: the last part of the key's name, in lower case with underscores.
  ///   - path: the field.
  ///   - notation: how the value is written.
  ///   - meaning: what the key is for, in a sentence.
  public mutating func required<Value: Sendable>(
    _ name: String, _ path: FieldPath<Section, Value>, _ notation: ValueNotation<Value>,
    _ meaning: String
  ) {
    append(name, path, scalar(notation, nil, meaning)) { node, key, section, context in
      guard let value = context.scalar(node, key, notation) else { return }
      section[keyPath: path] = value
    } render: {
      RenderedValue($0[keyPath: path], as: notation)
    }
  }

  /// Declares a key whose value is a list. Outside the file it is written `a,b,c` or `[a, "b,c"]`.
  ///
  /// - Parameters:
  ///   - name: the last part of the key's name, in lower case with underscores.
  ///   - path: the field.
  ///   - notation: how each element is written.
  ///   - count: how many elements are accepted.
  ///   - meaning: what the key is for, in a sentence.
  public mutating func list<Value: Sendable>(
    _ name: String, _ path: FieldPath<Section, [Value]>, of notation: ValueNotation<Value>,
    count: ClosedRange<Int>, _ meaning: String
  ) {
    let render: @Sendable (Section) -> RenderedValue = {
      .list($0[keyPath: path].map { RenderedValue($0, as: notation) })
    }
    let description = KeyDescription(
      key: "", type: "list of \(notation.name)", accepted: "\(counted(count)), each \(notation.accepted)",
      standard: render(standard), meaning: meaning, isSecret: false, elements: [])
    append(name, path, description) { node, key, section, context in
      guard let elements = context.elements(of: node, key, count: count) else { return }
      let values = elements.enumerated().map { context.scalar($1, "\(key)[\($0)]", notation) }
      if !values.contains(where: { $0 == nil }) { section[keyPath: path] = values.compactMap { $0 } }
    } render: {
      render($0)
    }
  }

  /// Declares a key whose value maps names to values. Outside the file it is written `a=1,b=2` or `{a: 1}`.
  ///
  /// - Parameters:
  ///   - name: the last part of the key's name, in lower case with underscores.
  ///   - path: the field.
  ///   - notation: how each value is written.
  ///   - count: how many entries are accepted.
  ///   - meaning: what the key is for, in a sentence.
  public mutating func map<Value: Sendable>(
    _ name: String, _ path: FieldPath<Section, [String: Value]>,
    of notation: ValueNotation<Value>, count: ClosedRange<Int>, _ meaning: String
  ) {
    let render: @Sendable (Section) -> RenderedValue = { section in
      let members = section[keyPath: path].sorted { $0.key < $1.key }
      return .map(
        members.map { RenderedValue.Member(name: $0.key, value: RenderedValue($0.value, as: notation)) })
    }
    let description = KeyDescription(
      key: "", type: "map of \(notation.name)",
      accepted: "\(counted(count)) by name, each \(notation.accepted)",
      standard: render(standard), meaning: meaning, isSecret: false, elements: [])
    append(name, path, description) { node, key, section, context in
      guard let entries = context.entries(of: node, key, count: count) else { return }
      var values: [String: Value] = [:]
      for entry in entries {
        values[entry.key] = context.scalar(
          entry.value, "\(key).\(ConfigurationText.key(entry.key))", notation)
      }
      if values.count == entries.count { section[keyPath: path] = values }
    } render: {
      render($0)
    }
  }

  // MARK: Sections

  /// Declares a nested section. Its defaults are those of the field's initial value, which may be others than the
  /// section's own: a group of keys that several sections have in common is a little different in each.
  ///
  /// - Parameters:
  ///   - name: the name of the section, in lower case with underscores.
  ///   - path: the field that holds it.
  ///   - meaning: what the section is for, in a sentence.
  public mutating func section<Inner: ConfigurationSection>(
    _ name: String, _ path: FieldPath<Section, Inner>, _ meaning: String
  ) {
    checkName(name)
    var inner = SectionDeclaration<Inner>(standard: standard[keyPath: path])
    Inner.declare(&inner)
    let offset = keys.count
    keys += inner.keys.map { $0.lifted(through: path, name: name) }
    constraints += inner.constraints.map { $0.lifted(through: path, offset: offset) }
    sections.append(SectionDescription(name: name, meaning: meaning))
    sections += inner.sections.map { SectionDescription(name: "\(name).\($0.name)", meaning: $0.meaning) }
    for (innerPath, index) in inner.indices {
      if let whole = (path as AnyKeyPath).appending(path: innerPath) { indices[whole] = offset + index }
    }
  }

  /// Declares a list of sections. Outside the file it is written `[{path: /a}, {path: /b}]`.
  ///
  /// - Parameters:
  ///   - name: the name of the list, in lower case with underscores.
  ///   - path: the field that holds it.
  ///   - count: how many elements are accepted.
  ///   - meaning: what each element is for, in a sentence.
  public mutating func sections<Element: ConfigurationSection>(
    _ name: String, _ path: FieldPath<Section, [Element]>, count: ClosedRange<Int>,
    _ meaning: String
  ) {
    let schema = SectionSchema<Element>()
    let render: @Sendable (Section) -> RenderedValue = { section in
      .list(section[keyPath: path].map { schema.rendered($0) })
    }
    let description = KeyDescription(
      key: "", type: "list of sections", accepted: "\(counted(count)), each with the keys below",
      standard: render(standard), meaning: meaning, isSecret: false,
      elements: schema.keys.map { $0.description.prefixed("\(name)[].") })
    append(name, path, description) { node, key, section, context in
      guard let elements = context.elements(of: node, key, count: count) else { return }
      section[keyPath: path] = elements.enumerated().map { index, element in
        schema.element(element, "\(key)[\(index)]", &context)
      }
    } render: {
      render($0)
    }
  }

  /// Declares a map of sections: each has a name of its own. In the file it is a mapping of mappings, outside it
  /// is written `{a: {weight: 1}, b: {}}`. What a section leaves unset is not printed.
  ///
  /// - Parameters:
  ///   - name: the name of the map, in lower case with underscores.
  ///   - path: the field that holds it.
  ///   - names: how the name of each section is written.
  ///   - placeholder: what stands for a name in descriptions: `<topic>`.
  ///   - count: how many sections are accepted.
  ///   - meaning: what each section is for, in a sentence.
  public mutating func sections<Name: Hashable & Sendable, Element: ConfigurationSection>(
    _ name: String, _ path: FieldPath<Section, [Name: Element]>, by names: ValueNotation<Name>,
    placeholder: String, count: ClosedRange<Int>, _ meaning: String
  ) {
    let schema = SectionSchema<Element>()
    let render: @Sendable (Section) -> RenderedValue = { section in
      let members = section[keyPath: path].map { (name: names.write($0.key), value: $0.value) }
        .sorted { $0.name < $1.name }
      return .map(
        members.map { RenderedValue.Member(name: $0.name, value: schema.rendered($0.value).withoutAbsent) })
    }
    let description = KeyDescription(
      key: "", type: "map of sections", accepted: "\(counted(count)) by name, each with the keys below",
      standard: render(standard), meaning: meaning, isSecret: false,
      elements: schema.keys.map { $0.description.prefixed("\(name).\(placeholder).") })
    append(name, path, description) { node, key, section, context in
      guard let entries = context.entries(of: node, key, count: count) else { return }
      var values: [Name: Element] = [:]
      for entry in entries {
        guard let name = context.name(of: entry, key, names) else { continue }
        let full = "\(key).\(ConfigurationText.key(entry.key))"
        values[name] = entry.value.isNull ? Element() : schema.element(entry.value, full, &context)
      }
      section[keyPath: path] = values
    } render: {
      render($0)
    }
  }

  // MARK: Constraints

  /// Declares that values must go together. It is checked when every key it names has an accepted value.
  ///
  /// - Parameters:
  ///   - meaning: what must hold, as it reads after the keys and their values.
  ///   - paths: the fields it is about, at least two; each must be declared already, possibly in a section.
  ///   - holds: whether the values go together.
  public mutating func constraint(
    _ meaning: String, _ paths: PartialKeyPath<Section>..., holds: @escaping @Sendable (Section) -> Bool
  ) {
    precondition(paths.count >= 2, "a constraint is about at least two keys")
    let named = paths.map { path -> Int in
      guard let index = indices[path] else {
        preconditionFailure("a constraint names an undeclared field: \(path)")
      }
      return index
    }
    constraints.append(DeclaredConstraint(keys: named, meaning: meaning, holds: holds))
  }

  // MARK: Inside

  private func scalar<Value>(
    _ notation: ValueNotation<Value>, _ standard: RenderedValue?, _ meaning: String
  ) -> KeyDescription {
    KeyDescription(
      key: "", type: notation.name, accepted: notation.accepted, standard: standard, meaning: meaning,
      isSecret: notation.role == .secret, elements: [])
  }

  private func counted(_ count: ClosedRange<Int>) -> String {
    count.lowerBound == count.upperBound
      ? "exactly \(count.lowerBound)" : "\(count.lowerBound) to \(count.upperBound)"
  }

  private func checkName(_ name: String) {
    let isName =
      name.utf8.first.map { $0 >= UInt8(ascii: "a") && $0 <= UInt8(ascii: "z") } == true
      && name.utf8.allSatisfy { byte in
        (byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "z"))
          || (byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9"))
          || byte == UInt8(ascii: "_")
      }
    precondition(isName, "not a name of a key: \(name)")
  }

  private mutating func append(
    _ name: String, _ path: AnyKeyPath, _ description: KeyDescription,
    assign: @escaping DeclaredKey<Section>.Assignment,
    render: @escaping @Sendable (Section) -> RenderedValue
  ) {
    checkName(name)
    indices[path] = keys.count
    keys.append(DeclaredKey(description: description.named(name), assign: assign, render: render))
  }
}
