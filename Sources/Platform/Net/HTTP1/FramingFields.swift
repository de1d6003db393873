// What the header fields say of the body's length and of the connection's life (RFC 9112 sections 6 and 9).
// Two parsers that read these differently are what request smuggling needs, so every doubt is an error.

import HTTP

/// Collects the fields that frame a message while they are parsed.
struct FramingFields: Sendable {
  enum Expectation: Sendable {
    case none, toContinue, unknown
  }

  private(set) var contentLength: Int?
  private(set) var hasTransferEncoding = false
  private(set) var isChunked = false
  /// A coding that is not chunked was named.
  private(set) var hasUnknownCoding = false
  private(set) var hosts = 0
  private(set) var host = HTTPExtent.none
  private(set) var closes = false
  private(set) var keepsAlive = false
  private(set) var upgrades = false
  private(set) var hasUpgrade = false
  private(set) var expectation = Expectation.none

  /// Looks at one field.
  @inline(__always)
  mutating func note(
    _ bytes: UnsafeRawBufferPointer, _ entry: HTTPFields.Entry
  ) throws(HTTP1Error) {
    // Most fields are told apart by their length alone.
    switch entry.name.count {
    case 4, 6, 7, 10, 14, 17: try noteSized(entry.name.of(bytes), entry, bytes)
    default: break
    }
  }

  private mutating func noteSized(
    _ name: UnsafeRawBufferPointer, _ entry: HTTPFields.Entry, _ bytes: UnsafeRawBufferPointer
  ) throws(HTTP1Error) {
    let value = entry.value.of(bytes)
    switch name.count {
    case 4 where HTTPByte.equalIgnoringCase(name, "host"):
      hosts += 1
      host = entry.value
    case 6 where HTTPByte.equalIgnoringCase(name, "expect"):
      let isKnown = expectation != .unknown && HTTPByte.equalIgnoringCase(value, "100-continue")
      expectation = isKnown ? .toContinue : .unknown
    case 7 where HTTPByte.equalIgnoringCase(name, "upgrade"):
      hasUpgrade = true
    case 10 where HTTPByte.equalIgnoringCase(name, "connection"):
      noteConnection(value)
    case 14 where HTTPByte.equalIgnoringCase(name, "content-length"):
      if contentLength != nil { throw .malformed("Content-Length is repeated") }
      contentLength = try Self.length(value)
    case 17 where HTTPByte.equalIgnoringCase(name, "transfer-encoding"):
      try noteCodings(value)
    default:
      break
    }
  }

  private mutating func noteConnection(_ value: UnsafeRawBufferPointer) {
    Self.forEachMember(value) { option in
      if HTTPByte.equalIgnoringCase(option, "close") { closes = true }
      if HTTPByte.equalIgnoringCase(option, "keep-alive") { keepsAlive = true }
      if HTTPByte.equalIgnoringCase(option, "upgrade") { upgrades = true }
    }
  }

  private mutating func noteCodings(_ value: UnsafeRawBufferPointer) throws(HTTP1Error) {
    hasTransferEncoding = true
    var (repeats, isAfterChunked, named) = (false, isChunked, false)
    var (chunked, unknown) = (isChunked, hasUnknownCoding)
    Self.forEachMember(value) { coding in
      if coding.isEmpty { return }
      named = true
      if isAfterChunked { repeats = true }
      if HTTPByte.equalIgnoringCase(coding, "chunked") {
        chunked = true
        isAfterChunked = true
      } else {
        unknown = true
      }
    }
    if !named { throw .malformed("Transfer-Encoding names no coding") }
    if repeats { throw .malformed("a transfer coding follows chunked") }
    (isChunked, hasUnknownCoding) = (chunked, unknown)
  }

  private static func forEachMember(
    _ list: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> Void
  ) {
    var start = 0
    while start <= list.count {
      let end = list[start...].firstIndex(of: UInt8(ascii: ",")) ?? list.count
      body(HTTPByte.trimmingBlanks(UnsafeRawBufferPointer(rebasing: list[start..<end])))
      start = end + 1
    }
  }

  /// Digits alone: no sign, no list, no blank inside.
  private static func length(_ value: UnsafeRawBufferPointer) throws(HTTP1Error) -> Int {
    // Eighteen digits cannot overflow, and no body is longer.
    guard value.count > 0, value.count <= 18, value.allSatisfy(HTTPByte.isDigit) else {
      throw .malformed("Content-Length is not a number")
    }
    return value.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
  }
}
