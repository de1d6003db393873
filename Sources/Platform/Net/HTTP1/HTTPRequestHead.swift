// The head of an HTTP/1.1 request as the parser found it: one buffer with everything that was received, and
// where in it each field lies. Nothing is copied or made into a `String` until somebody asks.

import Bytes

/// A request line and its header fields.
public struct HTTPRequestHead: Sendable {
  /// How the request's body is delimited.
  public enum Body: Equatable, Sendable {
    /// There is none.
    case none
    /// Exactly this many bytes follow.
    case length(Int)
    /// Chunks follow.
    case chunked
  }

  /// A stretch of `bytes`.
  struct Extent: Sendable {
    let start: Int
    let count: Int
  }

  /// The whole head, from the method to the empty line.
  let bytes: ByteBuffer
  let methodExtent: Extent
  let targetExtent: Extent
  let fields: [(name: Extent, value: Extent)]

  /// 1 for HTTP/1.1, 0 for HTTP/1.0.
  public let minorVersion: Int
  /// How the body is delimited.
  public let body: Body
  /// Whether the connection may carry another request after this one, as far as the client is concerned.
  public let keepsAlive: Bool

  /// The method, as sent: `GET`.
  public var method: String { text(methodExtent) }

  /// The request target, as sent: path and query, still percent-encoded.
  public var target: String { text(targetExtent) }

  /// The target up to its question mark.
  public var path: Substring {
    let whole = target
    return whole[..<(whole.firstIndex(of: "?") ?? whole.endIndex)]
  }

  /// How many header fields there are.
  public var fieldCount: Int { fields.count }

  /// The value of the first field named `name`, whatever its case; nil when there is none.
  public func value(of name: StaticString) -> String? {
    for field in fields where matches(field.name, name) { return text(field.value) }
    return nil
  }

  /// The values of every field named `name`, in the order they came.
  public func values(of name: StaticString) -> [String] {
    fields.filter { matches($0.name, name) }.map { text($0.value) }
  }

  private func text(_ extent: Extent) -> String {
    bytes.withReadableBytes { all in
      // The parser let obs-text (bytes above 0x7f) through, which need not be UTF-8: repair, do not fail.
      String(decoding: all[extent.start..<extent.start + extent.count], as: UTF8.self)
    }
  }

  private func matches(_ extent: Extent, _ name: StaticString) -> Bool {
    bytes.withReadableBytes { all in
      ASCII.equalIgnoringCase(
        UnsafeRawBufferPointer(rebasing: all[extent.start..<extent.start + extent.count]), name)
    }
  }
}
