// How a body was made smaller, and which way a client wants it (RFC 9110 sections 8.4 and 12.5.3).

/// A content coding.
public enum ContentCoding: String, Hashable, Sendable, CaseIterable {
  /// The bytes as they are.
  case identity
  /// RFC 1952.
  case gzip
  /// RFC 1950: with zlib's frame, as RFC 9110 has it.
  case deflate
  /// RFC 8878, with windows of at most 8 MiB (RFC 9659).
  case zstd

  /// The coding that `token` names; nil when it is none of these.
  public init?(token: String) {
    switch token.lowercasedASCII {
    case "x-gzip": self = .gzip
    case let name:
      guard let coding = ContentCoding(rawValue: name) else { return nil }
      self = coding
    }
  }

  /// The coding of a request's body: identity when nothing is said.
  ///
  /// - Throws: 415 for a coding that is none of these, and for several.
  public static func ofBody(_ fields: HTTPFields) throws(HTTPError) -> ContentCoding {
    guard let field = fields.list(of: "content-encoding") else { return .identity }
    var coding = ContentCoding.identity
    for name in field.split(separator: ",") {
      var scanner = FieldScanner(name)
      scanner.skipBlanks()
      guard let token = scanner.token() else { throw unsupported }
      scanner.skipBlanks()
      guard scanner.isAtEnd, let named = ContentCoding(token: token) else { throw unsupported }
      if named == .identity { continue }
      guard coding == .identity else { throw unsupported }
      coding = named
    }
    return coding
  }

  private static var unsupported: HTTPError {
    let known = "gzip, deflate, zstd"
    return HTTPError(
      415, code: "unsupported_content_coding", "the body may be coded once, by one of \(known)",
      fields: ["Accept-Encoding": known])
  }

  /// The coding that a client prefers.
  ///
  /// - Parameters:
  ///   - field: the value of Accept-Encoding; nil without one.
  ///   - offers: codings to choose from, the first of those that it likes equally.
  /// - Returns: identity when nothing else is welcome.
  public static func preferred(_ field: String?, of offers: [ContentCoding]) -> ContentCoding {
    guard let field else { return .identity }
    var (named, others) = ([ContentCoding: Int](), Int?.none)
    var scanner = FieldScanner(field)
    repeat {
      scanner.skipBlanks()
      guard let token = scanner.token(), let parameters = scanner.parameters() else { continue }
      let weight = parameters.first { $0.name == "q" }
      guard let quality = weight.map({ FieldScanner.thousandths($0.value) }) ?? 1000 else { continue }
      if token == "*" {
        others = others ?? quality
      } else if let coding = ContentCoding(token: token), named[coding] == nil {
        named[coding] = quality
      }
    } while scanner.skipToNextMember()
    var best = (coding: ContentCoding.identity, quality: 0)
    for offer in offers where offer != .identity {
      let quality = named[offer] ?? others ?? 0
      if quality > best.quality { best = (offer, quality) }
    }
    // Only a client that asks for the plain bytes in so many words prefers them.
    if let plain = named[.identity], plain > best.quality { return .identity }
    return best.coding
  }
}
