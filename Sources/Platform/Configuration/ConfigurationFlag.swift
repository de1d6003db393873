// A key set on the command line: by `--set key=value`, or by a flag of its own such as `--admin-port`.

/// A key set on the command line.
public struct ConfigurationFlag: Hashable, Sendable {
  /// The full name of the key.
  public let key: String
  /// The value; `nil` if none was given, which is reported when the configuration is loaded.
  public let value: String?
  /// How errors call the flag; the value is not part of it, because it may be secret.
  public let spelling: String

  /// A flag of its own, bound to a key.
  ///
  /// - Parameters:
  ///   - spelling: the flag as it was written, without its value: `--admin-port`.
  ///   - key: the full name of the key it sets.
  ///   - value: the value.
  public init(_ spelling: String, key: String, value: String) {
    self.key = key
    self.value = value
    self.spelling = spelling
  }

  /// A `key=value` given to a general flag such as `--set`.
  public init(_ spelling: String = "--set", setting: String) {
    let (key, value) = setting.splitOnce(at: "=")
    self.key = String(key)
    self.value = value.map(String.init)
    self.spelling = "\(spelling) \(ConfigurationText.key(String(key)))"
  }
}
