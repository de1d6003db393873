// Finds and checks the head of an HTTP/1.1 request (RFC 9112), without I/O: bytes in, a head or an error out.
// It is strict where leniency has been used to smuggle requests past another parser: bare line feeds,
// folded lines, blanks before colons, repeated or conflicting lengths are all refused.

public import Bytes

/// What a request may measure at most.
public struct HTTPLimits: Equatable, Sendable {
  /// The request line, in bytes.
  public var requestLineBytesMaximum = 8 << 10
  /// All header fields together, in bytes.
  public var headerBytesMaximum = 32 << 10
  /// Header fields.
  public var headerFieldsMaximum = 100
  /// The body, in bytes.
  public var bodyBytesMaximum = 1 << 20

  /// The limits every server starts from.
  public init() {}
}

/// The parser of one connection's request heads.
public struct HTTP1RequestParser: Sendable {
  private let limits: HTTPLimits
  /// Bytes of the buffer already searched for the end of the head, so that a head which dribbles in is
  /// searched once, not once per byte.
  private var searched = 0

  /// A parser that refuses what exceeds `limits`.
  public init(limits: HTTPLimits) { self.limits = limits }

  /// Takes one head off the front of `input`; nil when more bytes are needed.
  public mutating func next(from input: inout ByteBuffer) throws(HTTPError) -> HTTPRequestHead? {
    skipEmptyLines(&input)
    guard let length = try endOfHead(in: input) else { return nil }
    searched = 0
    let bytes = input.split(length)
    return try Self.parse(bytes, limits)
  }

  /// RFC 9112 2.2: a server should ignore an empty line before a request line; old clients send it after a body.
  private mutating func skipEmptyLines(_ input: inout ByteBuffer) {
    while input.count >= 2 && input[0] == ASCII.carriageReturn && input[1] == ASCII.lineFeed {
      input.consume(2)
      searched = 0
    }
  }

  /// The head's length with its empty line; nil while that has not arrived.
  private mutating func endOfHead(in input: ByteBuffer) throws(HTTPError) -> Int? {
    let from = searched
    let end = try input.withReadableBytes { bytes throws(HTTPError) -> Int? in
      var index = from
      while let found = bytes[index...].firstIndex(of: ASCII.lineFeed) {
        // Refused at once: waiting for an empty line that such a client will never send helps nobody.
        guard found > 0, bytes[found - 1] == ASCII.carriageReturn else {
          throw .malformed("a line ends in a bare line feed")
        }
        index = found + 1
        if found >= 3, bytes[found - 2] == ASCII.lineFeed { return index }
      }
      return nil
    }
    if let end { return end }
    searched = input.count
    // The line end of a request line at its limit lies just past it.
    let lineMaximum = limits.requestLineBytesMaximum + 2
    if input.count > lineMaximum {
      let hasLine = input.withReadableBytes { $0[..<lineMaximum].contains(ASCII.lineFeed) }
      if !hasLine { throw .targetTooLong(limit: limits.requestLineBytesMaximum) }
    }
    if input.count > lineMaximum + limits.headerBytesMaximum + 2 {
      throw .headerTooLarge(limit: limits.headerBytesMaximum)
    }
    return nil
  }

  // MARK: One head

  private static func parse(_ head: ByteBuffer, _ limits: HTTPLimits) throws(HTTPError) -> HTTPRequestHead {
    try head.withReadableBytes { bytes throws(HTTPError) in
      var lines = LineCursor(bytes: bytes)
      let requestLine = try lines.next()
      if requestLine.count > limits.requestLineBytesMaximum {
        throw .targetTooLong(limit: limits.requestLineBytesMaximum)
      }
      if bytes.count - requestLine.count - 4 > limits.headerBytesMaximum {
        throw .headerTooLarge(limit: limits.headerBytesMaximum)
      }
      let (method, target, minorVersion) = try parseRequestLine(bytes, requestLine)
      var fields: [(name: HTTPRequestHead.Extent, value: HTTPRequestHead.Extent)] = []
      fields.reserveCapacity(16)
      var framing = Framing(minorVersion: minorVersion)
      while true {
        let line = try lines.next()
        if line.isEmpty { break }
        if fields.count == limits.headerFieldsMaximum {
          throw .headerTooLarge(limit: limits.headerFieldsMaximum)
        }
        let field = try parseField(bytes, line)
        try framing.note(bytes, field.name, field.value)
        fields.append(field)
      }
      return HTTPRequestHead(
        bytes: head, methodExtent: method, targetExtent: target, fields: fields,
        minorVersion: minorVersion, body: try framing.body(limits), keepsAlive: framing.keepsAlive)
    }
  }

  private static func parseRequestLine(
    _ bytes: UnsafeRawBufferPointer, _ line: Range<Int>
  ) throws(HTTPError) -> (HTTPRequestHead.Extent, HTTPRequestHead.Extent, Int) {
    var index = line.lowerBound
    while index < line.upperBound, ASCII.isToken(bytes[index]) { index += 1 }
    let method = HTTPRequestHead.Extent(start: line.lowerBound, count: index - line.lowerBound)
    guard method.count > 0, index < line.upperBound, bytes[index] == ASCII.space else {
      throw .malformed("the request line does not begin with a method and one space")
    }
    index += 1
    let targetStart = index
    while index < line.upperBound, ASCII.isTarget(bytes[index]) { index += 1 }
    let target = HTTPRequestHead.Extent(start: targetStart, count: index - targetStart)
    guard target.count > 0, index < line.upperBound, bytes[index] == ASCII.space else {
      throw .malformed("the request target is empty or not followed by one space")
    }
    index += 1
    let version = UnsafeRawBufferPointer(rebasing: bytes[index..<line.upperBound])
    guard version.count == 8, version.starts(with: "HTTP/".utf8), isDigit(version[5]),
      version[6] == UInt8(ascii: "."), isDigit(version[7])
    else { throw .malformed("the request line does not end in an HTTP version") }
    guard version[5] == UInt8(ascii: "1"), version[7] <= UInt8(ascii: "1") else { throw .unsupportedVersion }
    return (method, target, Int(version[7] - UInt8(ascii: "0")))
  }

  private static func parseField(
    _ bytes: UnsafeRawBufferPointer, _ line: Range<Int>
  ) throws(HTTPError) -> (name: HTTPRequestHead.Extent, value: HTTPRequestHead.Extent) {
    var index = line.lowerBound
    if bytes[index] == ASCII.space || bytes[index] == ASCII.tab {
      throw .malformed("a header line begins with a blank (folded lines are refused)")
    }
    while index < line.upperBound, ASCII.isToken(bytes[index]) { index += 1 }
    guard index > line.lowerBound, index < line.upperBound, bytes[index] == ASCII.colon else {
      throw .malformed("a header name is empty, has a forbidden character or is not followed by a colon")
    }
    let name = HTTPRequestHead.Extent(start: line.lowerBound, count: index - line.lowerBound)
    var start = index + 1
    var end = line.upperBound
    while start < end, bytes[start] == ASCII.space || bytes[start] == ASCII.tab { start += 1 }
    while end > start, bytes[end - 1] == ASCII.space || bytes[end - 1] == ASCII.tab { end -= 1 }
    for position in start..<end where !ASCII.isFieldValue(bytes[position]) {
      throw .malformed("a header value has a control character")
    }
    return (name, HTTPRequestHead.Extent(start: start, count: end - start))
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
  }
}

/// Steps through the lines of a head that is known to end in an empty one.
private struct LineCursor {
  let bytes: UnsafeRawBufferPointer
  private var position = 0

  init(bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  /// The next line without its CRLF.
  mutating func next() throws(HTTPError) -> Range<Int> {
    var index = position
    while index < bytes.count, bytes[index] != ASCII.lineFeed {
      if bytes[index] == ASCII.carriageReturn
        && (index + 1 == bytes.count || bytes[index + 1] != ASCII.lineFeed)
      {
        throw .malformed("a carriage return stands alone")
      }
      index += 1
    }
    guard index < bytes.count, index > position, bytes[index - 1] == ASCII.carriageReturn else {
      throw .malformed("a line ends in a bare line feed")
    }
    let line = position..<index - 1
    position = index + 1
    return line
  }
}
