// The pattern of a route: `/files/{id:int}/{path...}`. It is written in the program; a malformed one is a
// programmer's error.

import Wire

/// What a path parameter may be.
public enum RouteParameterKind: String, Hashable, Sendable, CaseIterable {
  /// Decimal digits without a sign or leading zeros, that 64 bits hold.
  case integer = "int"
  /// A UUID.
  case uuid
  /// Anything but nothing.
  case text

  func accepts(_ segment: String) -> Bool {
    switch self {
    case .integer:
      segment.utf8.allSatisfy { $0 >= 0x30 && $0 <= 0x39 }
        && (segment.utf8.count == 1 || segment.utf8.first != 0x30)
        && Int64(segment) != nil
    case .uuid: UUID(segment) != nil
    case .text: !segment.isEmpty
    }
  }
}

/// A path with parameters.
public struct RoutePattern: Hashable, Sendable {
  /// One segment.
  enum Segment: Hashable, Sendable {
    case literal(String)
    case parameter(String, RouteParameterKind)
    /// This and all that follow.
    case rest(String)
  }

  let segments: [Segment]
  /// The pattern as it was written.
  public let text: String

  /// The pattern that `text` spells.
  ///
  /// - Parameter text: literal segments, not escaped; parameters: `{name}` for anything, `{name:int}`, `{name:uuid}`; and
  ///   last, perhaps, `{name...}` for one or more segments.
  public init(_ text: String) {
    precondition(text.hasPrefix("/"), "a pattern begins with a slash: \(text)")
    let parts = text.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
    var segments: [Segment] = []
    for (index, part) in parts.enumerated() {
      let segment = Self.segment(part, in: text)
      if case .rest = segment {
        precondition(index == parts.count - 1, "what takes the rest comes last: \(text)")
      }
      segments.append(segment)
    }
    self.segments = segments
    self.text = text
    precondition(Set(parameters.map(\.name)).count == parameters.count, "a parameter is named once: \(text)")
  }

  private static func segment(_ part: Substring, in text: String) -> Segment {
    guard part.hasPrefix("{"), part.hasSuffix("}") else {
      precondition(!part.contains("{") && !part.contains("}"), "a parameter is a whole segment: \(text)")
      return .literal(String(part))
    }
    var name = part.dropFirst().dropLast()
    var (kind, isRest) = (RouteParameterKind.text, false)
    if name.hasSuffix("...") {
      name = name.dropLast(3)
      isRest = true
    } else if let colon = name.firstIndex(of: ":") {
      guard let named = RouteParameterKind(rawValue: String(name[name.index(after: colon)...])) else {
        preconditionFailure("parameters are int, uuid or text: \(text)")
      }
      kind = named
      name = name[..<colon]
    }
    precondition(
      !name.isEmpty && name.utf8.allSatisfy { ($0 | 0x20) &- 0x61 < 26 || $0 &- 0x30 < 10 || $0 == 0x5f },
      "a parameter's name is letters, digits and underscores: \(text)")
    return isRest ? .rest(String(name)) : .parameter(String(name), kind)
  }

  /// Its parameters in order.
  var parameters: [(name: String, kind: RouteParameterKind, isRest: Bool)] {
    segments.compactMap { segment in
      switch segment {
      case .literal: nil
      case .parameter(let name, let kind): (name, kind, false)
      case .rest(let name): (name, .text, true)
      }
    }
  }

  /// The pattern behind `prefix`.
  func prefixed(by prefix: String) -> RoutePattern { prefix.isEmpty ? self : RoutePattern(prefix + text) }
}

extension RoutePattern: ExpressibleByStringLiteral {
  /// The pattern that the literal spells.
  public init(stringLiteral value: String) { self.init(value) }
}

extension RoutePattern: CustomStringConvertible {
  /// The pattern as it was written.
  public var description: String { text }
}
