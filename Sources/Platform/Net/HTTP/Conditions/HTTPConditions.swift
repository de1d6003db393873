// Whether a request is to be carried out, given what it says about the state it expects (RFC 9110 section 13).

/// What is known of a representation's state.
public struct HTTPValidators: Hashable, Sendable {
  /// Its tag.
  public var entityTag: EntityTag?
  /// When it was changed, in seconds after 1970.
  public var lastModified: Int64?
  /// Whether it cannot have changed twice within the second that `lastModified` names (section 8.8.2.2): then the
  /// date alone is good enough to put parts together.
  public var isLastModifiedStrong: Bool

  /// A state.
  public init(entityTag: EntityTag? = nil, lastModified: Int64? = nil, isLastModifiedStrong: Bool = false) {
    self.entityTag = entityTag
    self.lastModified = lastModified
    self.isLastModifiedStrong = isLastModifiedStrong
  }
}

/// What the conditions of a request come to.
public enum HTTPConditions: Hashable, Sendable {
  /// The request is to be carried out.
  case hold
  /// The client has it already: 304.
  case notModified
  /// The state is another than the client took it for: 412.
  case failed

  /// Judges the conditions of `request` in the order of section 13.2.2.
  ///
  /// - Parameters:
  ///   - request: a request that would be answered with success if it had no conditions; of one that would not,
  ///     they are ignored.
  ///   - validators: the state that the target has; nil when there is no such thing.
  ///   - now: seconds after 1970, to know the century of a date with two digits.
  public init(_ request: HTTPRequestHead, _ validators: HTTPValidators?, now: Int64) {
    self = .hold
    switch request.method {
    case .connect, .options, .trace: return
    default: break
    }
    let isRead = request.method == .get || request.method == .head
    let fields = request.fields
    if let list = fields.list(of: "if-match") {
      if !Self.matches(list, validators) {
        self = .failed
        return
      }
    } else if let date = Self.date(fields, "if-unmodified-since", now),
      let modified = validators?.lastModified,
      modified > date
    {
      self = .failed
      return
    }
    if let list = fields.list(of: "if-none-match") {
      if Self.matchesWeakly(list, validators, unknown: !isRead) { self = isRead ? .notModified : .failed }
    } else if isRead, let date = Self.date(fields, "if-modified-since", now),
      let modified = validators?.lastModified, modified <= date
    {
      self = .notModified
    }
  }

  /// Whether a Range field of `request` counts: it does unless If-Range names another state (section 13.1.5).
  public static func rangeCounts(_ request: HTTPRequestHead, _ validators: HTTPValidators, now: Int64) -> Bool
  {
    let values = request.fields.values(of: "if-range")
    guard let value = values.first else { return true }
    guard values.count == 1 else { return false }
    if let tag = EntityTag(parsing: value) {
      return validators.entityTag.map(tag.matchesStrongly) ?? false
    }
    guard let date = HTTPDate.parse(value, now: now) else { return false }
    return validators.isLastModifiedStrong && validators.lastModified == date
  }

  private static func matches(_ list: String, _ validators: HTTPValidators?) -> Bool {
    guard let validators else { return false }
    let list = EntityTagList(list)
    if list.isAny { return true }
    guard let tag = validators.entityTag else { return false }
    return list.tags.contains { $0.matchesStrongly(tag) }
  }

  /// A list that is not understood counts as `unknown`: harmless when something is read, where it costs the bytes of
  /// an answer, and not when something would be overwritten.
  private static func matchesWeakly(_ list: String, _ validators: HTTPValidators?, unknown: Bool) -> Bool {
    let list = EntityTagList(list)
    guard let validators else { return false }
    if list.isAny { return true }
    if let tag = validators.entityTag, list.tags.contains(where: { $0.matchesWeakly(tag) }) { return true }
    return !list.isWellFormed && unknown
  }

  /// The date of a field; nil without one, and when it is no date or a list of them, which is to be ignored.
  private static func date(_ fields: HTTPFields, _ name: StaticString, _ now: Int64) -> Int64? {
    let values = fields.values(of: name)
    guard values.count == 1 else { return nil }
    return HTTPDate.parse(values[0], now: now)
  }
}
