// The finished declaration of a section: finds the declared key for each name in a mapping, reads layers
// of settings into a value, and checks what is required and what must go together. The whole
// configuration is one of these, and so is each element of a list of sections.

internal import Notation

/// A section's keys, found by name.
struct SectionSchema<Section: ConfigurationSection>: Sendable {
  /// What one source says about one key.
  struct Setting: Sendable {
    let node: ConfigurationNode
    /// Whether the node names a file that holds the value.
    let isSecretFile: Bool
  }

  private indirect enum Tree: Sendable {
    case key(Int)
    case secretFile(Int)
    case section([String: Tree])
  }

  /// The suffix of the key that names the file of a secret.
  static var secretFileSuffix: String { "_file" }

  let keys: [DeclaredKey<Section>]
  let sections: [SectionDescription]
  let constraints: [DeclaredConstraint<Section>]
  private let root: [String: Tree]

  init() {
    var declaration = SectionDeclaration<Section>()
    Section.declare(&declaration)
    keys = declaration.keys
    sections = declaration.sections
    constraints = declaration.constraints
    var root: [String: Tree] = [:]
    for (index, key) in keys.enumerated() {
      let parts = key.description.key.split(separator: ".").map(String.init)
      Self.insert(.key(index), at: parts[...], into: &root)
      if key.description.isSecret {
        let last = parts[parts.count - 1] + Self.secretFileSuffix
        Self.insert(.secretFile(index), at: (parts.dropLast() + [last])[...], into: &root)
      }
    }
    self.root = root
  }

  private static func insert(_ leaf: Tree, at parts: ArraySlice<String>, into tree: inout [String: Tree]) {
    guard let name = parts.first else { return }
    if parts.count == 1 {
      precondition(tree[name] == nil, "a key is declared twice: \(name)")
      tree[name] = leaf
      return
    }
    var inner: [String: Tree] = [:]
    switch tree[name] {
    case .section(let known): inner = known
    case .key, .secretFile: preconditionFailure("a name is both a key and a section: \(name)")
    case nil: break
    }
    insert(leaf, at: parts.dropFirst(), into: &inner)
    tree[name] = .section(inner)
  }

  /// Every name that can be set, secret files included, with the key's place in the list.
  var settable: [(name: String, index: Int, isSecretFile: Bool)] {
    keys.enumerated().flatMap { index, key in
      let name = key.description.key
      return key.description.isSecret
        ? [(name, index, false), (name + Self.secretFileSuffix, index, true)] : [(name, index, false)]
    }
  }

  // MARK: Reading

  /// What a mapping sets, by the place of each key; names that are not declared are reported.
  func gather(_ node: ConfigurationNode, prefix: String, _ context: inout ReadingContext) -> [Int: Setting] {
    var settings: [Int: Setting] = [:]
    gather(node, root, prefix, &settings, &context)
    return settings
  }

  private func gather(
    _ node: ConfigurationNode, _ tree: [String: Tree], _ prefix: String, _ settings: inout [Int: Setting],
    _ context: inout ReadingContext
  ) {
    guard case .mapping(let entries) = node.content else {
      if case .refused = node.content { return }
      if node.isNull { return }  // "server:" with everything commented out
      let names = tree.keys.sorted().joined(separator: ", ")
      context.report(
        node, prefix.isEmpty ? "the document" : String(prefix.dropLast()), nil,
        "is \(node.shape), not a section",
        "a mapping of \(names)")
      return
    }
    for entry in entries {
      let name = prefix + entry.key
      switch tree[entry.key] {
      case .section(let inner): gather(entry.value, inner, name + ".", &settings, &context)
      case .key(let index): set(index, entry.value, name, false, &settings, &context)
      case .secretFile(let index): set(index, entry.value, name, true, &settings, &context)
      case nil: reportUnknown(entry, name, tree, prefix, &context)
      }
    }
  }

  private func reportUnknown(
    _ entry: ConfigurationNode.Entry, _ name: String, _ tree: [String: Tree], _ prefix: String,
    _ context: inout ReadingContext
  ) {
    let isDotted = settable.contains { prefix.isEmpty && $0.name == entry.key }
    let nearby = Spelling.nearest(to: entry.key, among: tree.keys.sorted()).map { prefix + $0 }
    let elsewhere = settable.first { known in
      known.name.split(separator: ".").last.map(String.init) == entry.key
    }
    context.problems.append(
      ConfigurationProblem(
        .unknownKey, at: entry.keySource, key: ConfigurationText.key(name),
        isDotted ? "is written with dots: nest it, one level for each part" : "no such key",
        suggestion: isDotted ? nil : nearby ?? elsewhere.map(\.name)))
  }

  /// Notes a setting, unless the same source has set the key already.
  func set(
    _ index: Int, _ node: ConfigurationNode, _ name: String, _ isSecretFile: Bool,
    _ settings: inout [Int: Setting], _ context: inout ReadingContext
  ) {
    if let first = settings[index] {
      let other = "\(keys[index].description.key)\(first.isSecretFile ? Self.secretFileSuffix : "")"
      context.problems.append(
        ConfigurationProblem(
          .duplicateKey, at: node.source, key: name,
          first.isSecretFile == isSecretFile
            ? "is set already by \(first.node.source)"
            : "and \(other) (\(first.node.source)) exclude each other"))
      return
    }
    settings[index] = Setting(node: node, isSecretFile: isSecretFile)
  }

  /// Reads layers of settings, the weakest first, into `section`, and returns the source of each key set.
  func assign(
    _ layers: [[Int: Setting]], prefix: String, at place: ConfigurationSource, to section: inout Section,
    _ context: inout ReadingContext
  ) -> [Int: ConfigurationSource] {
    var sources: [Int: ConfigurationSource] = [:]
    var broken: Set<Int> = []
    for layer in layers {
      for index in keys.indices {
        guard let setting = layer[index] else { continue }
        let key = prefix + keys[index].description.key
        let before = context.problems.count
        let node =
          setting.isSecretFile ? context.secret(setting.node, key + Self.secretFileSuffix) : setting.node
        if let node { keys[index].assign(node, key, &section, &context) }
        sources[index] = node?.source ?? setting.node.source
        if context.problems.count > before { broken.insert(index) }
        if case .refused = setting.node.content { broken.insert(index) }
      }
    }
    for (index, key) in keys.enumerated() where key.description.isRequired && sources[index] == nil {
      broken.insert(index)
      let name = prefix + key.description.key
      context.problems.append(
        ConfigurationProblem(
          .missing, at: place, key: name, "must be set", accepted: key.description.accepted))
    }
    check(section, broken, sources, prefix: prefix, at: place, &context)
    return sources
  }

  private func check(
    _ section: Section, _ broken: Set<Int>, _ sources: [Int: ConfigurationSource], prefix: String,
    at place: ConfigurationSource, _ context: inout ReadingContext
  ) {
    for constraint in constraints
    where broken.isDisjoint(with: constraint.keys) && !constraint.holds(section) {
      let parts = constraint.keys.map { index in
        let value = keys[index].render(section).text
        return "\(prefix)\(keys[index].description.key) = \(value) (\(sources[index] ?? .standard))"
      }
      context.problems.append(
        ConfigurationProblem(
          .conflict, at: place, "\(parts.joined(separator: " and ")): \(constraint.meaning)"))
    }
  }

  /// Reads one element of a list of sections.
  func element(_ node: ConfigurationNode, _ key: String, _ context: inout ReadingContext) -> Section {
    var section = Section()
    if node.isNull {
      context.report(node, key, nil, "has no value", nil)
      return section
    }
    let settings = gather(node, prefix: key + ".", &context)
    if case .mapping = node.content {
      _ = assign([settings], prefix: key + ".", at: node.source, to: &section, &context)
    }
    return section
  }

  // MARK: Printing

  /// The section as a mapping.
  func rendered(_ section: Section) -> RenderedValue {
    RenderedValue.nested(keys.map { ($0.description.key.split(separator: ".")[...], $0.render(section)) })
  }
}
