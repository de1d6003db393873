// What the header fields say of the body's length and of the connection's life (RFC 9112 sections 6 and 9).
// Two parsers that read these differently are what request smuggling needs, so every doubt is an error.

/// Collects the fields that frame a message while they are parsed.
struct Framing {
  private let minorVersion: Int
  private var contentLength: Int?
  private var chunked = false
  private var hosts = 0
  private var close = false
  private var keepAlive = false

  init(minorVersion: Int) { self.minorVersion = minorVersion }

  /// Looks at one field.
  mutating func note(
    _ bytes: UnsafeRawBufferPointer, _ name: HTTPRequestHead.Extent, _ value: HTTPRequestHead.Extent
  ) throws(HTTPError) {
    let nameBytes = UnsafeRawBufferPointer(rebasing: bytes[name.start..<name.start + name.count])
    let valueBytes = UnsafeRawBufferPointer(rebasing: bytes[value.start..<value.start + value.count])
    switch nameBytes.count {
    case 4 where ASCII.equalIgnoringCase(nameBytes, "host"):
      hosts += 1
    case 10 where ASCII.equalIgnoringCase(nameBytes, "connection"):
      noteConnection(valueBytes)
    case 14 where ASCII.equalIgnoringCase(nameBytes, "content-length"):
      if contentLength != nil { throw .malformed("Content-Length is repeated") }
      contentLength = try Self.parseLength(valueBytes)
    case 17 where ASCII.equalIgnoringCase(nameBytes, "transfer-encoding"):
      if chunked { throw .malformed("Transfer-Encoding is repeated") }
      if minorVersion == 0 { throw .malformed("HTTP/1.0 has no Transfer-Encoding") }
      guard ASCII.equalIgnoringCase(valueBytes, "chunked") else { throw .unsupportedTransferCoding }
      chunked = true
    default:
      break
    }
  }

  /// The verdict once all fields were seen.
  func body(_ limits: HTTPLimits) throws(HTTPError) -> HTTPRequestHead.Body {
    if hosts > 1 { throw .malformed("Host is repeated") }
    if minorVersion == 1 && hosts == 0 { throw .malformed("Host is missing") }
    if chunked {
      if contentLength != nil { throw .malformed("both Transfer-Encoding and Content-Length") }
      return .chunked
    }
    guard let contentLength, contentLength > 0 else { return .none }
    if contentLength > limits.bodyBytesMaximum { throw .bodyTooLarge(limit: limits.bodyBytesMaximum) }
    return .length(contentLength)
  }

  /// Whether the client wants the connection kept.
  var keepsAlive: Bool { !close && (minorVersion == 1 || keepAlive) }

  private mutating func noteConnection(_ value: UnsafeRawBufferPointer) {
    for option in value.split(separator: UInt8(ascii: ",")) {
      var part = UnsafeRawBufferPointer(rebasing: option)
      while let first = part.first, first == ASCII.space || first == ASCII.tab {
        part = UnsafeRawBufferPointer(rebasing: part.dropFirst())
      }
      while let last = part.last, last == ASCII.space || last == ASCII.tab {
        part = UnsafeRawBufferPointer(rebasing: part.dropLast())
      }
      if ASCII.equalIgnoringCase(part, "close") { close = true }
      if ASCII.equalIgnoringCase(part, "keep-alive") { keepAlive = true }
    }
  }

  private static func parseLength(_ value: UnsafeRawBufferPointer) throws(HTTPError) -> Int {
    guard value.count > 0, value.count <= 18 else { throw .malformed("Content-Length is not a number") }
    var length = 0
    for byte in value {
      guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else {
        throw .malformed("Content-Length is not a number")
      }
      length = length * 10 + Int(byte - UInt8(ascii: "0"))
    }
    return length
  }
}
