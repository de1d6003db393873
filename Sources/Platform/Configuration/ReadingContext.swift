// What reading a node into a field needs: the problems found so far, and the way to files that hold
// secrets. Each function here reads one shape of value and reports what is wrong with it.

/// Reads nodes as what their keys declare, and collects what is wrong.
struct ReadingContext {
  var problems: [ConfigurationProblem] = []
  let readSecret: (String) throws(ConfigurationError) -> [UInt8]

  /// The node as a single value, or `nil` after a report.
  mutating func scalar<Value>(
    _ node: ConfigurationNode, _ key: String, _ notation: ValueNotation<Value>
  ) -> Value? {
    guard case .scalar(let text, let style) = node.content else {
      if case .refused = node.content { return nil }
      report(node, key, nil, "is \(node.shape), not one value", notation.accepted)
      return nil
    }
    if node.isNull {
      report(node, key, nil, "has no value: remove the key to use the default", notation.accepted)
      return nil
    }
    if style == .quoted, notation.role == .bare {
      let shown = Quotation.quoted(text.prefix(ConfigurationLimits.shownValueCharactersMaximum))
      report(node, key, shown, "is quoted text: remove the quotes", notation.accepted)
      return nil
    }
    do {
      let value = try notation.read(text)
      guard notation.role == .path || notation.role == .directory else { return value }
      return try notation.read(node.source.resolve(path: text))
    } catch {
      report(node, key, ConfigurationText.shown(text, as: notation.role), error.phrase, notation.accepted)
      return nil
    }
  }

  /// The elements of a list, or `nil` after a report.
  mutating func elements(
    of node: ConfigurationNode, _ key: String, count: ClosedRange<Int>
  ) -> [ConfigurationNode]? {
    guard let node = parsed(node, key, opening: "[") else { return nil }
    let accepted = "\(count.lowerBound) to \(count.upperBound) elements"
    switch node.content {
    case .refused: return nil
    case .sequence(let elements):
      if count.contains(elements.count) { return elements }
      report(node, key, nil, "has \(elements.count) elements", accepted)
      return nil
    case .scalar(let text, .outside):
      let parts = text.isEmpty ? [] : text.split(separator: ",", omittingEmptySubsequences: false)
      let elements = parts.map { part in
        ConfigurationNode(content: .scalar(String(part.trimmingSpaces), .outside), source: node.source)
      }
      if count.contains(elements.count) { return elements }
      report(node, key, nil, "has \(elements.count) elements", accepted)
      return nil
    case .scalar, .mapping:
      report(
        node, key, nil, node.isNull ? "has no value" : "is \(node.shape), not a list", "a list of \(accepted)"
      )
      return nil
    }
  }

  /// The entries of a map, or `nil` after a report.
  mutating func entries(
    of node: ConfigurationNode, _ key: String, count: ClosedRange<Int>
  ) -> [ConfigurationNode.Entry]? {
    guard let node = parsed(node, key, opening: "{") else { return nil }
    let accepted = "\(count.lowerBound) to \(count.upperBound) entries"
    var entries: [ConfigurationNode.Entry] = []
    switch node.content {
    case .refused: return nil
    case .mapping(let found): entries = found
    case .scalar(let text, .outside):
      for part in text.isEmpty ? [] : text.split(separator: ",", omittingEmptySubsequences: false) {
        let (name, value) = part.splitOnce(at: "=")
        let trimmed = String(name.trimmingSpaces)
        guard let value, !trimmed.isEmpty, !entries.contains(where: { $0.key == trimmed }) else {
          report(node, key, nil, "is not written as a=1,b=2, each name once", accepted)
          return nil
        }
        let content = ConfigurationNode.Content.scalar(String(value.trimmingSpaces), .outside)
        entries.append(
          .init(
            key: trimmed, keySource: node.source,
            value: ConfigurationNode(content: content, source: node.source)))
      }
    case .scalar, .sequence:
      report(
        node, key, nil, node.isNull ? "has no value" : "is \(node.shape), not a mapping",
        "a mapping of \(accepted)")
      return nil
    }
    guard count.contains(entries.count) else {
      report(node, key, nil, "has \(entries.count) entries", accepted)
      return nil
    }
    let notation = ValueNotation<String>.string(bytes: 1...ConfigurationLimits.keyBytesMaximum)
    for entry in entries where name(of: entry, key, notation) == nil { return nil }
    return entries
  }

  /// The name of an entry of a map, or `nil` after a report.
  mutating func name<Name: Sendable>(
    of entry: ConfigurationNode.Entry, _ key: String, _ notation: ValueNotation<Name>
  ) -> Name? {
    do {
      return try notation.read(entry.key)
    } catch {
      problems.append(
        ConfigurationProblem(
          .invalidValue, at: entry.keySource, key: key,
          value: "the name \(ConfigurationText.shown(entry.key, as: .text))", error.phrase,
          accepted: notation.accepted))
      return nil
    }
  }

  /// The text of the secret in the file that `node` names, or `nil` after a report.
  mutating func secret(_ node: ConfigurationNode, _ key: String) -> ConfigurationNode? {
    guard let path = scalar(node, key, .path) else { return nil }
    do {
      var bytes = try readSecret(path)
      if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
      if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
      guard let text = String(validating: bytes, as: UTF8.self) else {
        report(node, key, Quotation.quoted(path), "holds bytes that are not UTF-8", nil)
        return nil
      }
      let source = ConfigurationSource.secretFile(path: path, namedBy: node.source)
      return ConfigurationNode(content: .scalar(text, .outside), source: source)
    } catch {
      let reason = error.description
      problems.append(ConfigurationProblem(.invalidValue, at: node.source, key: key, reason))
      return nil
    }
  }

  mutating func report(
    _ node: ConfigurationNode, _ key: String, _ value: String?, _ reason: String, _ accepted: String?
  ) {
    problems.append(
      ConfigurationProblem(
        .invalidValue, at: node.source, key: key, value: value, reason, accepted: accepted))
  }

  /// A text from outside the file that is written as YAML, read as YAML; any other node as it is.
  private mutating func parsed(
    _ node: ConfigurationNode, _ key: String, opening: Character
  ) -> ConfigurationNode? {
    guard case .scalar(let text, .outside) = node.content, text.trimmingSpaces.first == opening else {
      return node
    }
    let source = node.source
    let (root, found) = YAMLReader.read(Array(text.utf8)) { _, _ in source }
    for problem in found {
      problems.append(ConfigurationProblem(problem.kind, at: source, key: key, problem.reason))
    }
    return found.isEmpty ? root : nil
  }
}

extension ConfigurationNode {
  /// Whether an optional key is unset on purpose: no value in YAML, an empty variable or flag. An empty
  /// file of a secret is a mistake.
  var isAbsent: Bool {
    if case .secretFile = source { return false }
    if case .scalar("", .outside) = content { return true }
    return isNull
  }
}

extension ConfigurationSource {
  /// A path as the source means it: in a file, relative to that file.
  func resolve(path: String) -> String {
    guard case .file(let file, _, _) = self, !path.hasPrefix("/"), let slash = file.lastIndex(of: "/") else {
      return path
    }
    return file[...slash] + path
  }
}

extension StringProtocol {
  var trimmingSpaces: SubSequence {
    let front = drop { $0 == " " }
    guard let last = front.lastIndex(where: { $0 != " " }) else { return front[front.endIndex...] }
    return front[...last]
  }

  func splitOnce(at separator: Character) -> (SubSequence, SubSequence?) {
    guard let index = firstIndex(of: separator) else { return (self[...], nil) }
    return (self[..<index], self[self.index(after: index)...])
  }
}
