// The release this is built from; CHANGELOG.md says what is in it.

/// The version of the command and of the node.
enum VarveVersion {
  /// Semantic: major, minor, patch.
  static let text = "0.1.0"
}
