// What is known of a request once it has a route: its path parameters, and what middleware found out.

public import Wire

/// A name for something that middleware leaves for what comes after it.
public protocol RouteContextKey {
  /// What is left.
  associatedtype Value: Sendable
}

/// What belongs to a request besides the exchange.
public struct RouteContext: Sendable {
  private var pattern: RoutePattern?
  private var segments: [String] = []
  private var notes: [ObjectIdentifier: any Sendable] = [:]

  init() {}

  mutating func matched(_ pattern: RoutePattern, _ segments: [String]) {
    self.pattern = pattern
    self.segments = segments
  }

  /// What was left under a key; nil when nothing was.
  public subscript<Key: RouteContextKey>(key: Key.Type) -> Key.Value? {
    get { notes[ObjectIdentifier(key)] as? Key.Value }
    set { notes[ObjectIdentifier(key)] = newValue }
  }

  // MARK: Path parameters. Asking for one that the pattern does not name is a programmer's error.

  /// The decoded segment that the parameter `name` stands for. It may hold a slash, which was escaped.
  public subscript(name: String) -> String { segments[index(of: name, isRest: false)] }

  /// The integer that the parameter `name`, an `int`, stands for.
  public func integer(_ name: String) -> Int64 {
    guard let value = Int64(self[name]) else { preconditionFailure("\(name) is no int parameter") }
    return value
  }

  /// The UUID that the parameter `name`, a `uuid`, stands for.
  public func uuid(_ name: String) -> UUID {
    guard let value = UUID(self[name]) else { preconditionFailure("\(name) is no uuid parameter") }
    return value
  }

  /// The decoded segments that the last parameter, `{name...}`, stands for.
  public func rest(_ name: String) -> ArraySlice<String> { segments[index(of: name, isRest: true)...] }

  private func index(of name: String, isRest: Bool) -> Int {
    let index = pattern?.segments.firstIndex { segment in
      switch segment {
      case .literal: false
      case .parameter(let parameter, _): parameter == name && !isRest
      case .rest(let parameter): parameter == name && isRest
      }
    }
    guard let index else { preconditionFailure("the route has no such parameter: \(name)") }
    return index
  }
}
