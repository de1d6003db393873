// What a request asks to be done. The methods that everybody knows are one byte; any other token is kept as it
// was sent, for a handler to accept or refuse.

/// A request method.
public struct HTTPMethod: Hashable, Sendable {
  @usableFromInline
  enum Storage: Hashable, Sendable {
    case get, head, post, put, delete, connect, options, trace, patch
    case other(String)
  }

  @usableFromInline let storage: Storage

  @inlinable
  init(_ storage: Storage) { self.storage = storage }

  /// GET: a representation.
  public static var get: HTTPMethod { .init(.get) }
  /// HEAD: what GET would answer, without the body.
  public static var head: HTTPMethod { .init(.head) }
  /// POST: have the resource process the body.
  public static var post: HTTPMethod { .init(.post) }
  /// PUT: make the body the resource's state.
  public static var put: HTTPMethod { .init(.put) }
  /// DELETE: remove the resource.
  public static var delete: HTTPMethod { .init(.delete) }
  /// CONNECT: a tunnel.
  public static var connect: HTTPMethod { .init(.connect) }
  /// OPTIONS: what may be done.
  public static var options: HTTPMethod { .init(.options) }
  /// TRACE: the request as it arrived.
  public static var trace: HTTPMethod { .init(.trace) }
  /// PATCH: change part of the resource.
  public static var patch: HTTPMethod { .init(.patch) }

  /// The method that `bytes` spell, case and all; nil when they are no token.
  public init?(_ bytes: UnsafeRawBufferPointer) {
    if let known = Self.known(bytes) {
      self.init(known)
      return
    }
    guard !bytes.isEmpty, bytes.allSatisfy(HTTPByte.isToken) else { return nil }
    self.init(.other(String(decoding: bytes, as: UTF8.self)))
  }

  /// The method that `text` spells; nil when it is no token.
  public init?(_ text: String) {
    var text = text
    guard let method = text.withUTF8({ HTTPMethod(UnsafeRawBufferPointer($0)) }) else { return nil }
    self = method
  }

  private static func known(_ bytes: UnsafeRawBufferPointer) -> Storage? {
    func spells(_ literal: StaticString, _ storage: Storage) -> Storage? {
      for index in 0..<bytes.count where bytes[index] != literal.utf8Start[index] { return nil }
      return storage
    }
    switch bytes.count {
    case 3: return spells("GET", .get) ?? spells("PUT", .put)
    case 4: return spells("HEAD", .head) ?? spells("POST", .post)
    case 5: return spells("PATCH", .patch) ?? spells("TRACE", .trace)
    case 6: return spells("DELETE", .delete)
    case 7: return spells("OPTIONS", .options) ?? spells("CONNECT", .connect)
    default: return nil
    }
  }

  /// The method as it is written: `GET`.
  public var name: String {
    switch storage {
    case .get: "GET"
    case .head: "HEAD"
    case .post: "POST"
    case .put: "PUT"
    case .delete: "DELETE"
    case .connect: "CONNECT"
    case .options: "OPTIONS"
    case .trace: "TRACE"
    case .patch: "PATCH"
    case .other(let name): name
    }
  }

  /// Whether it asks for nothing to be changed (RFC 9110 section 9.2.1).
  public var isSafe: Bool {
    switch storage {
    case .get, .head, .options, .trace: true
    default: false
    }
  }

  /// Whether doing it twice has the effect of doing it once (RFC 9110 section 9.2.2).
  public var isIdempotent: Bool { isSafe || storage == .put || storage == .delete }
}

extension HTTPMethod: CustomStringConvertible {
  /// The method as it is written.
  public var description: String { name }
}
