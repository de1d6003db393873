// The release this is built from; CHANGELOG.md says what is in it.

/// The version of the command and of the node.
enum VarveVersion {
  /// Semantic: major, minor, patch.
  static let text = "0.1.0"

  /// The compiler's line of releases.
  static let swift: String = {
    #if swift(>=6.4)
      "6.4 or newer"
    #else
      "6.3"
    #endif
  }()
}
