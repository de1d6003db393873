// Entity tags (RFC 9110 section 8.8.3): names for the states of a representation.

/// An entity tag: `"abc"`, or weak, `W/"abc"`.
public struct EntityTag: Hashable, Sendable {
  /// What stands between the quotes.
  public let opaque: String
  /// Whether it names states that are as good as each other rather than equal byte by byte.
  public let isWeak: Bool

  /// A tag.
  ///
  /// - Parameters:
  ///   - opaque: visible characters but `"`; anything else is a programmer's error.
  ///   - isWeak: whether states that it names may differ in their bytes.
  public init(_ opaque: String, isWeak: Bool = false) {
    precondition(opaque.utf8.allSatisfy(Self.isOpaque), "a tag has visible characters and no quotes")
    self.opaque = opaque
    self.isWeak = isWeak
  }

  /// The tag of a file in a state: its size and when it was changed.
  public init(fileSize size: Int64, modifiedNanoseconds: Int64) {
    self.init(String(modifiedNanoseconds, radix: 16) + "-" + String(size, radix: 16))
  }

  /// The tag that `text` is; nil when it is none.
  public init?(parsing text: String) {
    var scanner = FieldScanner(text)
    guard let tag = Self.tag(&scanner), scanner.isAtEnd else { return nil }
    self = tag
  }

  static func tag(_ scanner: inout FieldScanner) -> EntityTag? {
    // Case matters here (RFC 9110 section 8.8.3).
    let isWeak = scanner.take("W")
    if isWeak && !scanner.take("/") { return nil }
    guard scanner.take("\"") else { return nil }
    let opaque = scanner.take(while: isOpaque) ?? ""
    return scanner.take("\"") ? EntityTag(opaque, isWeak: isWeak) : nil
  }

  private static func isOpaque(_ byte: UInt8) -> Bool {
    byte == 0x21 || (byte >= 0x23 && byte != 0x7f)
  }

  /// Whether both are strong and name the same state.
  public func matchesStrongly(_ other: EntityTag) -> Bool {
    !isWeak && !other.isWeak && opaque == other.opaque
  }

  /// Whether both name the same state, weakly or not.
  public func matchesWeakly(_ other: EntityTag) -> Bool { opaque == other.opaque }

  /// The same tag for a representation that says the same in other bytes: one that was compressed.
  public var weakened: EntityTag { EntityTag(opaque, isWeak: true) }
}

extension EntityTag: CustomStringConvertible {
  /// The tag as a field holds it.
  public var description: String { isWeak ? "W/\"\(opaque)\"" : "\"\(opaque)\"" }
}

/// What If-Match and If-None-Match hold.
struct EntityTagList {
  /// Whether it is `*`: any state there is.
  let isAny: Bool
  /// The tags, up to the first thing that is none.
  let tags: [EntityTag]
  /// Whether all of it was understood.
  let isWellFormed: Bool

  init(_ text: String) {
    var scanner = FieldScanner(text)
    scanner.skipBlanks()
    if scanner.take("*") {
      scanner.skipBlanks()
      (isAny, tags, isWellFormed) = (scanner.isAtEnd, [], scanner.isAtEnd)
      return
    }
    var (tags, isWellFormed) = ([EntityTag](), true)
    repeat {
      scanner.skipBlanks()
      if scanner.isAtEnd || scanner.next == UInt8(ascii: ",") { continue }
      guard let tag = EntityTag.tag(&scanner) else {
        isWellFormed = false
        break
      }
      tags.append(tag)
      scanner.skipBlanks()
    } while scanner.take(",")
    self.tags = tags
    self.isWellFormed = isWellFormed && scanner.isAtEnd && !tags.isEmpty
    isAny = false
  }
}
