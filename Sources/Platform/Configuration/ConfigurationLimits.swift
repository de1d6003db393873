// Every limit on what is read as configuration.

/// What is read as configuration, at most.
public enum ConfigurationLimits {
  /// The size of a configuration file.
  public static let fileBytesMaximum = 1 << 20
  /// The size of a file that holds a secret.
  public static let secretFileBytesMaximum = 64 << 10
  /// How deep mappings and lists nest.
  public static let depthMaximum = 16
  /// How many keys, values, lists and mappings a file has together.
  public static let nodesMaximum = 50_000
  /// How many bytes a key of a mapping has.
  public static let keyBytesMaximum = 256
  /// How many problems are reported; the rest are counted.
  public static let problemsMaximum = 100
  /// How many characters of a wrong value are shown.
  public static let shownValueCharactersMaximum = 80
}
