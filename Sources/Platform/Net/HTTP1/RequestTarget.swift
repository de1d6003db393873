// The four forms of a request target (RFC 9112 section 3.2), and what each says of the host.

import HTTP

/// A target taken apart.
struct RequestTarget {
  var path: HTTPExtent
  var query: HTTPExtent?
  /// What the target says of the host; nil when it leaves that to the Host field.
  var authority: HTTPExtent?

  /// Takes the target at `extent` apart. Its bytes are known to be fit for a target.
  init(
    _ bytes: UnsafeRawBufferPointer, _ extent: HTTPExtent, method: HTTPMethod
  ) throws(HTTP1Error) {
    let (start, end) = (Int(extent.start), Int(extent.start) + Int(extent.count))
    path = .none
    if method == .connect {
      guard HTTPAuthority.isValid(extent.of(bytes), needsPort: true) else {
        throw .malformed("the target of CONNECT is not a host and a port")
      }
      authority = extent
    } else if bytes[start] == UInt8(ascii: "/") {
      setPath(bytes, start, end)
    } else if extent.count == 1, bytes[start] == UInt8(ascii: "*") {
      guard method == .options else { throw .malformed("only OPTIONS takes * for a target") }
      path = extent
    } else {
      try parseAbsolute(bytes, start, end)
    }
  }

  private mutating func setPath(_ bytes: UnsafeRawBufferPointer, _ start: Int, _ end: Int) {
    let mark = bytes[start..<end].firstIndex(of: UInt8(ascii: "?"))
    path = HTTPExtent(start, mark ?? end)
    query = mark.map { HTTPExtent($0 + 1, end) }
  }

  private mutating func parseAbsolute(
    _ bytes: UnsafeRawBufferPointer, _ start: Int, _ end: Int
  ) throws(HTTP1Error) {
    guard let host = Self.afterScheme(bytes, start, end) else {
      throw .malformed("the request target is neither a path nor an http URI")
    }
    let hostEnd =
      bytes[host..<end].firstIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") } ?? end
    let extent = HTTPExtent(host, hostEnd)
    guard extent.count > 0, HTTPAuthority.isValid(extent.of(bytes), needsPort: false) else {
      throw .malformed("the host of the request target is not valid")
    }
    authority = extent
    setPath(bytes, hostEnd, end)
  }

  /// Where the host begins, after `http://` or `https://`.
  private static func afterScheme(_ bytes: UnsafeRawBufferPointer, _ start: Int, _ end: Int) -> Int? {
    for scheme: StaticString in ["http://", "https://"] {
      let count = scheme.utf8CodeUnitCount
      if end - start > count,
        HTTPByte.equalIgnoringCase(UnsafeRawBufferPointer(rebasing: bytes[start..<start + count]), scheme)
      {
        return start + count
      }
    }
    return nil
  }
}
