// The configuration as loaded: one immutable value for the program, and for people every key with its
// value and its source. Printed as lines, as YAML that can be loaded again, and as JSON; secrets are masks.

/// A configuration and where each of its values came from.
public struct LoadedConfiguration<Root: ConfigurationSection>: Sendable {
  /// The value of a key and where it came from.
  public struct Entry: Sendable {
    /// The key.
    public let description: KeyDescription
    /// The value, masked if it is secret.
    public let value: RenderedValue
    /// Where the value came from.
    public let source: ConfigurationSource
  }

  /// The configuration.
  public let value: Root
  /// Every key in the order of declaration.
  public let entries: [Entry]

  /// A line for each key: `server.port = 9000  # file varve.yaml:12:9`, the sources aligned.
  public var text: String {
    let lines = entries.map { "\($0.description.key) = \($0.value == .absent ? "(not set)" : $0.value.yaml)" }
    let width = min(lines.map(\.count).max() ?? 0, 60)
    return zip(lines, entries).map { line, entry in
      "\(line)\(String(repeating: " ", count: max(0, width - line.count)))  # \(entry.source)\n"
    }.joined()
  }

  /// A configuration file that sets every key as it is now, with its source as a comment. Keys that are
  /// not set, and secrets, are commented out.
  public var yaml: String {
    var text = ""
    var open: [Substring] = []
    for entry in entries {
      let parts = entry.description.key.split(separator: ".")
      var shared = 0
      while shared < min(open.count, parts.count - 1), open[shared] == parts[shared] { shared += 1 }
      for depth in shared..<(parts.count - 1) {
        text += "\(String(repeating: "  ", count: depth))\(parts[depth]):\n"
      }
      open = Array(parts.dropLast())
      let isComment = entry.value == .absent || entry.value.hasSecret
      text += String(repeating: "  ", count: parts.count - 1) + (isComment ? "# " : "")
      text += "\(parts[parts.count - 1]): \(entry.value.yaml)  # \(entry.source)\n"
    }
    return text
  }

  /// A JSON array of objects with `key`, `value` and `source`.
  public var json: String {
    let objects = entries.map { entry in
      "  {\"key\": \(Quotation.quoted(entry.description.key)), \"value\": \(entry.value.json), "
        + "\"source\": \(Quotation.quoted(entry.source.description))}"
    }
    return "[\n\(objects.joined(separator: ",\n"))\n]\n"
  }
}
