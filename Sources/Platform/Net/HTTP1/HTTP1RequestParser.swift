// Finds and checks the head of an HTTP/1.1 request (RFC 9112), without I/O: bytes in, a head or an error out.
// It is strict where leniency has been used to smuggle requests past another parser: bare line feeds, folded
// lines, blanks before colons, repeated or conflicting lengths are all refused.
//
// Lines are checked one by one as they arrive, so a head that dribbles in costs no more than one that comes whole,
// and nonsense is refused at its first line.

public import Bytes
public import HTTP

/// The parser of one connection's request heads.
public struct HTTP1RequestParser: Sendable {
  private let limits: HTTP1Limits
  private var scanner = LineScanner()
  private var framing = FramingFields()
  /// Where the header fields begin; 0 before the request line is complete.
  private var fieldsStart = 0
  private var emptyLines = 0
  /// The last Host that was found valid: on a connection it is almost always the same.
  private var knownHost = ByteBuffer()
  /// What `next(from:)` fills.
  private var pending = HTTPRequestHead()

  /// A parser that refuses what exceeds `limits`.
  public init(limits: HTTP1Limits = HTTP1Limits()) { self.limits = limits }

  /// Takes one head off the front of `input`; nil when more bytes are needed. After an error the parser is of no
  /// further use: where the next head would begin is not known.
  public mutating func next(
    from input: inout ByteBuffer
  ) throws(HTTP1Error) -> (head: HTTPRequestHead, framing: HTTP1Framing)? {
    var head = HTTPRequestHead()
    swap(&head, &pending)
    guard let framing = try next(from: &input, into: &head) else {
      swap(&head, &pending)
      return nil
    }
    return (head, framing)
  }

  /// Takes one head off the front of `input` into `head`, whose memory is used again; nil when more bytes are
  /// needed, and then the next call has to bring the same `head`.
  package mutating func next(
    from input: inout ByteBuffer, into head: inout HTTPRequestHead
  ) throws(HTTP1Error) -> HTTP1Framing? {
    if fieldsStart == 0 { try skipEmptyLines(&input) }
    let length = try input.withReadableBytes { bytes throws(HTTP1Error) in
      try parse(bytes, into: &head)
    }
    guard let length else { return nil }
    head.fields.adopt(input.split(length))
    let verdict = try HTTP1Framing(framing, head.version, limits)
    scanner = LineScanner()
    framing = FramingFields()
    fieldsStart = 0
    emptyLines = 0
    return verdict
  }

  /// RFC 9112 section 2.2: a server should ignore an empty line before a request line.
  private mutating func skipEmptyLines(_ input: inout ByteBuffer) throws(HTTP1Error) {
    while input.count >= 2, input[0] == HTTPByte.carriageReturn {
      guard input[1] == HTTPByte.lineFeed else { throw .malformed("a carriage return stands alone") }
      emptyLines += 1
      if emptyLines > HTTP1Limits.leadingEmptyLinesMaximum {
        throw .malformed("there are too many empty lines before the request")
      }
      input.consume(2)
      scanner = LineScanner()
    }
    // What cannot begin a method is another protocol, which may never send a line end: answer at once.
    if let first = input.isEmpty ? nil : input[0], !HTTPByte.isToken(first), first != HTTPByte.carriageReturn
    {
      throw .malformed("the request does not begin with a method")
    }
  }

  /// Parses the lines that have arrived; the head's length when its last one has.
  private mutating func parse(
    _ bytes: UnsafeRawBufferPointer, into head: inout HTTPRequestHead
  ) throws(HTTP1Error) -> Int? {
    if fieldsStart == 0 {
      let maximum = limits.lineBytesMaximum
      guard let line = try scanner.next(in: bytes, maximum: maximum, tooLong: .lineTooLong(limit: maximum))
      else { return nil }
      head.fields.removeAll()
      try Self.parseRequestLine(bytes, line, into: &head)
      fieldsStart = scanner.lineStart
    }
    while true {
      let left = limits.fieldBytesMaximum - (scanner.lineStart - fieldsStart)
      guard
        let line = try scanner.next(
          in: bytes, maximum: max(left - 2, 0), tooLong: .fieldsTooLong(limit: limits.fieldBytesMaximum))
      else { return nil }
      if line.isEmpty { break }
      if head.fields.entries.count == limits.fieldsMaximum {
        throw .tooManyFields(limit: limits.fieldsMaximum)
      }
      let entry = try FieldLine.parse(bytes, line)
      try framing.note(bytes, entry)
      head.fields.entries.append(entry)
    }
    if framing.hosts == 1 { try checkHost(bytes, &head) }
    return scanner.lineStart
  }

  private static func parseRequestLine(
    _ bytes: UnsafeRawBufferPointer, _ line: Range<Int>, into head: inout HTTPRequestHead
  ) throws(HTTP1Error) {
    var index = line.lowerBound
    while index < line.upperBound, HTTPByte.isToken(bytes[index]) { index += 1 }
    let method = HTTPMethod(UnsafeRawBufferPointer(rebasing: bytes[line.lowerBound..<index]))
    guard let method, index < line.upperBound, bytes[index] == 0x20 else {
      throw .malformed("the request line does not begin with a method and one space")
    }
    index += 1
    let start = index
    while index < line.upperBound, HTTPByte.isTarget(bytes[index]) { index += 1 }
    guard index > start, index < line.upperBound, bytes[index] == 0x20 else {
      throw .malformed(
        "the request target is empty, has a forbidden character or is not followed by one space")
    }
    let extent = HTTPExtent(start, index)
    let version = UnsafeRawBufferPointer(rebasing: bytes[(index + 1)..<line.upperBound])
    head.version = try Version.parse(version)
    let target = try RequestTarget(bytes, extent, method: method)
    head.method = method
    head.targetExtent = extent
    head.pathExtent = target.path
    head.queryExtent = target.query
    head.authorityExtent = target.authority
  }

  /// A target that names its host overrides the field (RFC 9112 section 3.2.2), which must be valid even so.
  private mutating func checkHost(
    _ bytes: UnsafeRawBufferPointer, _ head: inout HTTPRequestHead
  ) throws(HTTP1Error) {
    if framing.host.count == 0 { return }
    let host = framing.host.of(bytes)
    let isKnown = knownHost.withReadableBytes {
      $0.count == host.count && $0.elementsEqual(host)
    }
    if !isKnown {
      guard HTTPAuthority.isValid(host, needsPort: false) else { throw .malformed("Host is not a host") }
      knownHost = ByteBuffer(copying: host)
    }
    if head.authorityExtent == nil { head.authorityExtent = framing.host }
  }
}

/// The version at the end of a request line or the beginning of a status line.
enum Version {
  static func parse(_ bytes: UnsafeRawBufferPointer) throws(HTTP1Error) -> HTTPVersion {
    guard bytes.count == 8, HTTPByte.isDigit(bytes[5]), bytes[6] == UInt8(ascii: "."),
      HTTPByte.isDigit(bytes[7]),
      bytes[0] == UInt8(ascii: "H"), bytes[1] == UInt8(ascii: "T"), bytes[2] == UInt8(ascii: "T"),
      bytes[3] == UInt8(ascii: "P"), bytes[4] == UInt8(ascii: "/")
    else { throw .malformed("the first line has no HTTP version where it belongs") }
    guard bytes[5] == UInt8(ascii: "1") else { throw .unsupportedVersion }
    switch bytes[7] {
    case UInt8(ascii: "1"): return .http11
    case UInt8(ascii: "0"): return .http10
    default: throw .unsupportedVersion
    }
  }
}
