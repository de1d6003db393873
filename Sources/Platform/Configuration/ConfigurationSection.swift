// What a subsystem writes: a plain struct whose initial values are the defaults, and a declaration that
// binds each field to a key by key path, so that the compiler checks the types and nothing is looked up
// by name afterwards.

/// A part of the configuration, as one subsystem sees it.
///
///     public struct AdminConfiguration: ConfigurationSection {
///       public internal(set) var port: UInt16 = 9090
///       public internal(set) var idleTimeout = Duration.seconds(60)
///       public internal(set) var token: Secret?
///
///       public init() {}
///
///       public static func declare(_ section: inout SectionDeclaration<Self>) {
///         section.key("port", \.port, .integer(1...65535), "The port of the admin page.")
///         section.key("idle_timeout", \.idleTimeout, .duration(.seconds(1) ... .seconds(3600)),
///           "How long a connection may be silent.")
///         section.key("token", \.token, .secret(), "What a caller must present; without it, nobody may.")
///       }
///     }
public protocol ConfigurationSection: Sendable {
  /// The section with its defaults.
  init()

  /// Declares every key of the section, once each.
  static func declare(_ section: inout SectionDeclaration<Self>)
}
