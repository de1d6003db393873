// What a server has answered: the head is there, the body is pulled.

public import Bytes
public import HTTP
import Runtime

/// An answer. Whoever drops it before its end gives the rest up.
///
/// `@unchecked Sendable`: used by one task at a time, and what moves bytes runs on the connection's loop.
public final class HTTPClientResponse: @unchecked Sendable {
  /// The status and the fields. When the content was coded and is decoded here, the fields that spoke of the
  /// coded one (Content-Encoding, Content-Length) are not among them.
  public let head: HTTPResponseHead
  /// The URL that has answered: another one than was asked for, after redirects.
  public let url: HTTPClientURL
  /// Which version of HTTP it came by.
  public let version: HTTPVersion
  /// How long the body is, as far as the server says. What it would be after GET is in an answer to HEAD's
  /// fields.
  public let contentLength: Int?

  private let stream: any ClientStream
  private let loop: EventLoop
  private let limits: Limits
  /// Kept so that it goes on sending for as long as somebody reads.
  private let sending: BodySending?
  private let decoder: ContentDecoder?
  private var coded = ByteBuffer()
  private var hasMore = false
  private var hasEnded = false
  private var count = 0

  struct Limits {
    var bodyBytesMaximum: Int
    var patience: Duration
    var deadline: MonotonicInstant
  }

  /// - Parameters:
  ///   - hasBody: whether the method and the status allow of one.
  ///   - isDecoded: whether its content coding is undone.
  /// - Throws: `.malformedAnswer` when there is no memory to decode it.
  init(
    _ head: HTTPResponseHead, from url: HTTPClientURL, _ stream: any ClientStream, on loop: EventLoop,
    sending: BodySending?, hasBody: Bool, isDecoded: Bool, limits: Limits
  ) throws(HTTPClientError) {
    self.url = url
    version = stream.version
    self.stream = stream
    self.loop = loop
    self.sending = sending
    self.limits = limits
    var head = head
    var decoder: ContentDecoder?
    if isDecoded && hasBody { decoder = try Self.decoder(for: &head, limit: limits.bodyBytesMaximum) }
    contentLength = hasBody ? decoder == nil ? stream.contentLength : nil : 0
    self.head = head
    self.decoder = decoder
  }

  private static func decoder(
    for head: inout HTTPResponseHead, limit: Int
  ) throws(HTTPClientError) -> ContentDecoder? {
    let coding: ContentCoding
    do throws(HTTPError) {
      coding = try ContentCoding.ofBody(head.fields)
    } catch {
      // A coding that we did not ask for is the caller's to make something of.
      return nil
    }
    if coding == .identity { return nil }
    head.fields.remove("content-encoding")
    head.fields.remove("content-length")
    do throws(HTTPError) {
      return try ContentDecoder(coding, bytesMaximum: limit)
    } catch {
      throw .malformedAnswer(error.explanation)
    }
  }

  /// The status.
  public var status: HTTPStatus { head.status }

  /// The fields.
  public var fields: HTTPFields { head.fields }

  /// The fields that followed the body, once that has come to its end.
  public var trailers: HTTPFields { hasEnded ? stream.trailers : HTTPFields() }

  // MARK: The body

  /// The next piece of the body, as soon as there is one; nil after the last. The server is held back while
  /// nobody asks.
  public func nextChunk() async throws(HTTPClientError) -> ByteBuffer? {
    if loop.isCurrent { return try await pull() }
    return try await loop.run { () async throws(HTTPClientError) in try await self.pull() }
  }

  /// The whole body.
  ///
  /// - Throws: `.limitExceeded(.answerBody)` when it is longer than `limit` bytes; then the rest is given up.
  public func collect(limit: Int) async throws(HTTPClientError) -> ByteBuffer {
    if loop.isCurrent { return try await pullAll(limit) }
    return try await loop.run { () async throws(HTTPClientError) in try await self.pullAll(limit) }
  }

  /// Gives up what is left of the answer.
  public func cancel() async {
    if loop.isCurrent { return stream.giveUp() }
    await loop.run { self.stream.giveUp() }
  }

  private func pullAll(_ limit: Int) async throws(HTTPClientError) -> ByteBuffer {
    if let contentLength, contentLength > limit {
      stream.giveUp()
      throw .limitExceeded(.answerBody, limit: limit)
    }
    var whole = ByteBuffer()
    while let piece = try await pull() {
      guard piece.count <= limit - whole.count else {
        stream.giveUp()
        throw .limitExceeded(.answerBody, limit: limit)
      }
      if whole.isEmpty { whole = piece } else { whole.append(piece) }
    }
    return whole
  }

  private func pull() async throws(HTTPClientError) -> ByteBuffer? {
    guard let decoder else { return try await receive() }
    while true {
      if hasMore || !coded.isEmpty {
        var output = ByteBuffer()
        try decode { () throws(HTTPError) in hasMore = try decoder.decode(&coded, into: &output) }
        if !output.isEmpty { return output }
        if hasMore { continue }
      }
      guard let piece = try await receive() else {
        try decode { () throws(HTTPError) in try decoder.finish() }
        return nil
      }
      if coded.isEmpty { coded = piece } else { coded.append(piece) }
    }
  }

  private func decode(_ body: () throws(HTTPError) -> Void) throws(HTTPClientError) {
    do throws(HTTPError) {
      try body()
    } catch {
      stream.giveUp()
      if error.status == 413 { throw .limitExceeded(.answerBody, limit: limits.bodyBytesMaximum) }
      throw .malformedAnswer(error.explanation)
    }
  }

  private func receive() async throws(HTTPClientError) -> ByteBuffer? {
    if hasEnded { return nil }
    let deadline = loop.deadline(in: limits.patience)
    let piece: ByteBuffer?
    do throws(HTTPClientError) {
      piece = try await stream.nextChunk(until: min(deadline, limits.deadline))
    } catch {
      stream.giveUp()
      if case .timedOut(_, let mayHave) = error, limits.deadline < deadline {
        throw .timedOut(.request, mayHaveBeenProcessed: mayHave)
      }
      throw error
    }
    guard let piece else {
      hasEnded = true
      return nil
    }
    count += piece.count
    if count > limits.bodyBytesMaximum {
      stream.giveUp()
      throw .limitExceeded(.answerBody, limit: limits.bodyBytesMaximum)
    }
    return piece
  }

  // MARK: Passing over it

  /// How much of an answer that nobody wants is read so that its connection can be used again.
  private static let discardedBytesMaximum = 64 << 10

  /// Reads what is left when that is little; gives it up otherwise. On the loop only.
  func discard() async {
    var left = Self.discardedBytesMaximum
    if let length = stream.contentLength, length > left { return stream.giveUp() }
    do throws(HTTPClientError) {
      while let piece = try await receive() {
        left -= piece.count
        if left < 0 { return stream.giveUp() }
      }
    } catch {
      // Nobody wanted it, nor wants to know how it ended.
      stream.giveUp()
    }
  }
}
