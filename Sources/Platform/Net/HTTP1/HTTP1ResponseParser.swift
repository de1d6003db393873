// Finds and checks the head of an HTTP/1.1 response, for clients, as strictly as the request parser does: a client
// that shares connections between requests can be confused as a server can.

public import Bytes
public import HTTP

/// Where a response's body ends (RFC 9112 section 6.3).
public enum HTTP1ResponseBody: Hashable, Sendable {
  /// There is none.
  case none
  /// Exactly so many bytes.
  case exactly(Int)
  /// Chunks follow.
  case chunked
  /// It ends with the connection.
  case untilClose
  /// Another protocol follows: after 101, or a CONNECT that succeeded.
  case tunnel
}

/// A response head as the parser found it.
public struct HTTP1ResponseMessage: Sendable {
  /// The status and the header fields.
  public var head: HTTPResponseHead
  /// The version that the server speaks.
  public var version: HTTPVersion
  /// How the body is delimited.
  public var body: HTTP1ResponseBody
  /// Whether the connection can carry another request after this response.
  public var keepsAlive: Bool
}

/// The parser of one connection's response heads.
public struct HTTP1ResponseParser: Sendable {
  private let limits: HTTP1Limits
  private var scanner = LineScanner()
  private var framing = FramingFields()
  private var fieldsStart = 0
  private var head = HTTPResponseHead()
  private var version = HTTPVersion.http11

  /// A parser that refuses what exceeds `limits`.
  public init(limits: HTTP1Limits = HTTP1Limits()) { self.limits = limits }

  /// Takes one head off the front of `input`; nil when more bytes are needed.
  ///
  /// A 1xx status other than 101 is not the answer yet: ask again.
  ///
  /// - Parameters:
  ///   - input: what was received.
  ///   - method: what was asked: an answer to HEAD has no body, whatever its fields say.
  public mutating func next(
    from input: inout ByteBuffer, answering method: HTTPMethod
  ) throws(HTTP1Error) -> HTTP1ResponseMessage? {
    let length = try input.withReadableBytes { bytes throws(HTTP1Error) in try parse(bytes) }
    guard let length else { return nil }
    head.fields.adopt(input.split(length))
    defer { self = HTTP1ResponseParser(limits: limits) }
    let body = try self.body(answering: method)
    let staysOpen = !framing.closes && (version == .http11 || framing.keepsAlive)
    return HTTP1ResponseMessage(
      head: head, version: version, body: body,
      keepsAlive: staysOpen && body != .untilClose && body != .tunnel)
  }

  private mutating func parse(_ bytes: UnsafeRawBufferPointer) throws(HTTP1Error) -> Int? {
    if fieldsStart == 0 {
      let maximum = limits.lineBytesMaximum
      guard let line = try scanner.next(in: bytes, maximum: maximum, tooLong: .lineTooLong(limit: maximum))
      else { return nil }
      try parseStatusLine(UnsafeRawBufferPointer(rebasing: bytes[line]))
      fieldsStart = scanner.lineStart
    }
    while true {
      let left = limits.fieldBytesMaximum - (scanner.lineStart - fieldsStart)
      guard
        let line = try scanner.next(
          in: bytes, maximum: max(left - 2, 0), tooLong: .fieldsTooLong(limit: limits.fieldBytesMaximum))
      else { return nil }
      if line.isEmpty { return scanner.lineStart }
      if head.fields.entries.count == limits.fieldsMaximum {
        throw .tooManyFields(limit: limits.fieldsMaximum)
      }
      let entry = try FieldLine.parse(bytes, line)
      try framing.note(bytes, entry)
      head.fields.entries.append(entry)
    }
  }

  /// `HTTP/1.1 200 OK`; the reason may be empty, and servers leave out the space before it too.
  private mutating func parseStatusLine(_ line: UnsafeRawBufferPointer) throws(HTTP1Error) {
    guard line.count >= 12, line[8] == 0x20, line[9...11].allSatisfy(HTTPByte.isDigit),
      line[9] != UInt8(ascii: "0"), line.count == 12 || line[12] == 0x20
    else { throw .malformed("the status line is not a version, a status of three digits and a reason") }
    version = try Version.parse(UnsafeRawBufferPointer(rebasing: line[..<8]))
    guard HTTPByte.firstNotFieldValue(in: UnsafeRawBufferPointer(rebasing: line[12...])) == nil else {
      throw .malformed("the reason has a control character")
    }
    head.status = HTTPStatus(line[9...11].reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) })
  }

  private func body(answering method: HTTPMethod) throws(HTTP1Error) -> HTTP1ResponseBody {
    if framing.hasTransferEncoding && framing.contentLength != nil {
      throw .malformed("both Transfer-Encoding and Content-Length")
    }
    let isSuccess = head.status.category == 2
    if head.status == 101 || (method == .connect && isSuccess) { return .tunnel }
    if method == .head || head.status.forbidsBody { return .none }
    if framing.hasTransferEncoding {
      if version == .http10 { throw .malformed("HTTP/1.0 has no Transfer-Encoding") }
      if framing.hasUnknownCoding { throw .unsupportedTransferCoding }
      return .chunked
    }
    guard let length = framing.contentLength else { return .untilClose }
    if length > limits.bodyBytesMaximum { throw .bodyTooLarge(limit: limits.bodyBytesMaximum) }
    return length == 0 ? .none : .exactly(length)
  }
}
