// Why a text was refused by a notation. The phrases are written to follow the value, as in
// `"80 apples" is not an integer`; whoever reports them adds where the value came from.

/// Why a text is not a value.
public enum NotationError: Error, Hashable, Sendable {
  /// The text is not written as such a value; the phrase says in what way and follows the value.
  case malformed(String)
  /// The text is such a value but beyond what is accepted.
  case outOfRange
  /// The text is none of the accepted spellings; the nearest one, if any is near.
  case unknownChoice(nearest: String?)

  /// What to say after the value.
  public var phrase: String {
    switch self {
    case .malformed(let phrase): phrase
    case .outOfRange: "is out of range"
    case .unknownChoice(let nearest):
      if let nearest { "is not known, did you mean \(nearest)?" } else { "is not known" }
    }
  }
}
