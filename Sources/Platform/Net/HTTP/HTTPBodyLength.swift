// How long a body is, as far as that is known when it begins.

/// The length of a body.
public enum HTTPBodyLength: Hashable, Sendable {
  /// There is no body.
  case none
  /// Exactly so many bytes.
  case exactly(Int)
  /// It ends when it ends.
  case unknown
}
