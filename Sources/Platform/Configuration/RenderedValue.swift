// A value ready to be printed: what `varve config show` and the schema's defaults are made of. Secrets
// become masks when this is built, so nothing downstream can print one.

/// A value ready to be printed; secrets are masks already.
public enum RenderedValue: Hashable, Sendable {
  /// A number or a boolean, as JSON and YAML write it.
  case bare(String)
  /// A text.
  case text(String)
  /// A secret that is set.
  case secret
  /// Nothing: an optional key that is not set.
  case absent
  /// A list.
  case list([RenderedValue])
  /// A mapping, in the order to be printed.
  case map([Member])

  /// A name and a value of a mapping.
  public struct Member: Hashable, Sendable {
    /// The name.
    public let name: String
    /// The value.
    public let value: RenderedValue
  }

  init<Value>(_ value: Value, as notation: ValueNotation<Value>) {
    switch notation.role {
    case .bare: self = .bare(notation.write(value))
    case .secret: self = .secret
    case .text, .path, .directory: self = .text(notation.write(value))
    }
  }

  /// The value on one line, as YAML reads it: `9000`, `64 MiB`, `[a, b]`, `{zone: "1"}`.
  public var yaml: String {
    switch self {
    case .bare(let text): text
    case .text(let text): ConfigurationText.yaml(text)
    case .secret: Secret.mask
    case .absent: "null"
    case .list(let elements): "[\(elements.map(\.yaml).joined(separator: ", "))]"
    case .map(let members):
      "{\(members.map { "\(ConfigurationText.yaml($0.name)): \($0.value.yaml)" }.joined(separator: ", "))}"
    }
  }

  /// The value as a sentence or a table shows it: as in YAML, but `not set` where there is none.
  public var text: String { self == .absent ? "not set" : yaml }

  /// The value as JSON.
  public var json: String {
    switch self {
    case .bare(let text): text
    case .text(let text): Quotation.quoted(text)
    case .secret: Quotation.quoted(Secret.mask)
    case .absent: "null"
    case .list(let elements): "[\(elements.map(\.json).joined(separator: ", "))]"
    case .map(let members):
      "{\(members.map { "\(Quotation.quoted($0.name)): \($0.value.json)" }.joined(separator: ", "))}"
    }
  }

  /// Values under dotted names as mappings in mappings.
  static func nested(_ values: [(name: ArraySlice<Substring>, value: RenderedValue)]) -> RenderedValue {
    var members: [Member] = []
    var index = values.startIndex
    while index < values.endIndex {
      guard let first = values[index].name.first else { preconditionFailure("a value has no name") }
      if values[index].name.count == 1 {
        members.append(Member(name: String(first), value: values[index].value))
        index += 1
        continue
      }
      let end = values[index...].firstIndex { $0.name.first != first } ?? values.endIndex
      members.append(
        Member(
          name: String(first), value: nested(values[index..<end].map { ($0.name.dropFirst(), $0.value) })))
      index = end
    }
    return .map(members)
  }

  /// The value without the members of mappings that are not set.
  var withoutAbsent: RenderedValue {
    guard case .map(let members) = self else { return self }
    return .map(
      members.filter { $0.value != .absent }.map { Member(name: $0.name, value: $0.value.withoutAbsent) })
  }

  /// Whether a secret is part of the value, so that it cannot be written down and read again.
  var hasSecret: Bool {
    switch self {
    case .secret: true
    case .bare, .text, .absent: false
    case .list(let elements): elements.contains(where: \.hasSecret)
    case .map(let members): members.contains { $0.value.hasSecret }
    }
  }
}
