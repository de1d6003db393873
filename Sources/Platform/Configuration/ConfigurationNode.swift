// What a source says, before it is known what was expected: texts, lists and mappings, each with the
// place it came from. The YAML reader makes trees of these; an environment variable or a flag is one.

/// A text, a list or a mapping, and where it came from.
struct ConfigurationNode: Sendable {
  enum Content: Sendable {
    case scalar(String, ScalarStyle)
    case sequence([ConfigurationNode])
    case mapping([Entry])
    /// Something that was refused and reported already.
    case refused
  }

  enum ScalarStyle: Sendable {
    /// Unquoted in YAML: may be a number, a boolean or nothing.
    case plain
    /// Quoted, or a block, in YAML: text and nothing else.
    case quoted
    /// From an environment variable, a flag or a file: the key decides what it is.
    case outside
  }

  struct Entry: Sendable {
    let key: String
    let keySource: ConfigurationSource
    let value: ConfigurationNode
  }

  let content: Content
  let source: ConfigurationSource

  /// Whether YAML says that there is no value: `null`, `~` or nothing.
  var isNull: Bool {
    guard case .scalar(let text, .plain) = content else { return false }
    return text.isEmpty || text == "~" || text == "null" || text == "Null" || text == "NULL"
  }

  /// What this is, in words.
  var shape: String {
    switch content {
    case .scalar, .refused: "a single value"
    case .sequence: "a list"
    case .mapping: "a mapping"
    }
  }
}
