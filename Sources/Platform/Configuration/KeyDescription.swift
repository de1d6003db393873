// What there is to say about a key and a section: the source of `varve config schema` in all its forms.

/// Everything there is to say about a key.
public struct KeyDescription: Hashable, Sendable {
  /// The full name: `server.admin.port`; of a key inside a list of sections, `volumes[].path`.
  public internal(set) var key: String
  /// The type: `integer`, `list of duration`.
  public let type: String
  /// What is accepted, in words.
  public let accepted: String
  /// The value if nothing sets it; `nil` if the key is required.
  public let standard: RenderedValue?
  /// What the key is for, in a sentence.
  public let meaning: String
  /// Whether the value is never shown; such a key can also be read from a file, by its name and `_file`.
  public let isSecret: Bool
  /// The environment variable that sets it; `nil` inside a list of sections.
  public internal(set) var environment: String?
  /// The keys of each element of a list of sections.
  public internal(set) var elements: [KeyDescription]

  /// Whether the key must be set.
  public var isRequired: Bool { standard == nil }

  func prefixed(_ prefix: String) -> KeyDescription {
    var copy = self
    copy.key = prefix + key
    copy.elements = elements.map { $0.prefixed(prefix) }
    return copy
  }
}

/// What a section is for.
public struct SectionDescription: Hashable, Sendable {
  /// The full name: `server.admin`.
  public internal(set) var name: String
  /// What the section is for, in a sentence.
  public let meaning: String
}

/// Values that must go together.
public struct ConstraintDescription: Hashable, Sendable {
  /// The full names of the keys.
  public internal(set) var keys: [String]
  /// What must hold, in a sentence.
  public let meaning: String
}
