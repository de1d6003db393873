// One request and its answer, as a handler sees them. The bytes move in the carrier, which knows the protocol;
// here is what a handler may ask for and in which order.

public import Bytes
public import HTTP
public import Runtime
public import TLS
public import Telemetry

/// A request being answered. It belongs to the task that serves the connection, or the stream, and ends with
/// the handler's return.
public struct Exchange: ~Copyable {
  /// The method, the target and the header fields.
  public internal(set) var request = HTTPRequestHead()
  /// Who this request is in logs and answers: the client's `X-Request-Id` when it is well formed.
  public internal(set) var id: RequestID
  /// What the request is counted under; set by the router.
  public var route: HTTPRoute?
  /// Fields that the answer will have besides its own, whichever answer that is. Cheaper than fields of a response:
  /// their memory serves the next request.
  public var fields = HTTPFields()
  /// The status of the answer; nil before it has begun.
  public internal(set) var status: HTTPStatus?

  /// What trusted proxies say; nil when none are trusted.
  var forwarded: ForwardedClient?
  var carrier: Carrier

  init(_ carrier: Carrier, id: RequestID) {
    self.carrier = carrier
    self.id = id
  }

  /// The other end's address: of a proxy, where there is one. Nil once the connection is broken.
  public var peer: SocketAddress? { carrier.peer }

  /// The address of who sent the request, as far as it is known: of the peer, or of who spoke to the proxies that the
  /// server trusts. Nil when it has none, as on a Unix socket.
  public var clientAddress: IPAddress? {
    guard let forwarded else { return carrier.peer?.ip }
    return forwarded.address
  }

  /// What the client used to reach this server, or the outermost of the proxies that it trusts.
  public var scheme: HTTPScheme {
    forwarded?.scheme ?? (carrier.context.configuration.tls == nil ? .http : .https)
  }

  /// The loop that the connection lives on.
  public var loop: EventLoop { carrier.loop }

  /// Whether the server is coming to its end: streams without an end of their own should find one.
  public var isDraining: Bool { carrier.isDraining }

  // MARK: The request's body

  /// How long the body is, as far as the client said.
  public var bodyLength: HTTPBodyLength { carrier.bodyLength }

  /// The next piece of the body; nil after the last. What is not asked for stays with the client, who is told to
  /// begin sending (100) when it asked and this is called for the first time.
  ///
  /// A piece shares memory with what was received after it: copy what you keep for long.
  ///
  /// - Throws: 400, 408 or 413 when the body breaks a rule or a limit; let it pass on to the server.
  public mutating func nextChunk() async throws(HTTPError) -> ByteBuffer? {
    try await carrier.nextChunk(hasAnswered: status != nil)
  }

  /// The whole body, or what is left of it.
  ///
  /// - Throws: 413 when it is longer than `limit` bytes, before it is read when the client said so.
  public mutating func collect(limit: Int) async throws(HTTPError) -> ByteBuffer {
    if case .exactly(let count) = bodyLength, count > limit { throw .bodyTooLarge(limit: limit) }
    var whole = ByteBuffer()
    while let piece = try await nextChunk() {
      if whole.count + piece.count > limit { throw .bodyTooLarge(limit: limit) }
      // Most bodies come in one piece, which need not be copied.
      if whole.isEmpty { whole = piece } else { whole.append(piece) }
    }
    return whole
  }

  /// The fields that followed the body; known once `nextChunk` has returned nil.
  public var requestTrailers: HTTPFields { carrier.trailers }

  // MARK: The answer

  /// Answers whole.
  public mutating func respond(_ response: HTTPResponse) async throws(HTTPError) {
    let length = response.body.length
    try begin(response.status, response.fields, length, isWhole: true)
    switch response.body {
    case .none: break
    case .bytes(let buffer): try carrier.write(buffer)
    case .file(let range): try await carrier.send(range)
    }
    try await carrier.finish(trailers: nil)
  }

  /// Answers with `fields` and a body in memory.
  public mutating func respond(_ status: HTTPStatus, body: ByteBuffer) async throws(HTTPError) {
    try begin(status, HTTPFields(), .exactly(body.count), isWhole: true)
    try carrier.write(body)
    try await carrier.finish(trailers: nil)
  }

  /// Begins an answer whose body follows by `write` and `send`. Nothing is sent yet.
  ///
  /// - Parameters:
  ///   - head: the status and the fields.
  ///   - length: how long the body will be. A body of unknown length goes out in chunks, or until the connection
  ///     closes when the client speaks HTTP/1.0.
  public mutating func start(
    _ head: HTTPResponseHead, length: HTTPBodyLength = .unknown
  ) async throws(HTTPError) {
    try begin(head.status, head.fields, length, isWhole: false)
  }

  /// Puts a piece of the body behind what was written, and suspends while the client is too far behind.
  ///
  /// For HEAD, and for statuses without a body, the bytes are dropped.
  public mutating func write(_ buffer: ByteBuffer) async throws(HTTPError) {
    try carrier.write(buffer)
    try await carrier.flushIfFull()
  }

  /// Puts part of a file into the body; the file must stay open meanwhile.
  public mutating func send(_ range: FileRange) async throws(HTTPError) {
    try await carrier.send(range)
  }

  /// Sends what was written: for pieces that should arrive before the next ones exist.
  public mutating func flush() async throws(HTTPError) { try await carrier.flush() }

  /// Ends the answer, and sends what is left of it.
  ///
  /// - Parameter trailers: fields to follow the body; they are dropped where it has a stated length.
  public mutating func finish(trailers: HTTPFields? = nil) async throws(HTTPError) {
    try await carrier.finish(trailers: trailers)
  }

  /// Answers 101 and leaves HTTP: once the handler has returned, `body` has the connection. Bytes that the client
  /// sent after its request are in its `input`.
  ///
  /// - Parameters:
  ///   - fields: what the other protocol wants said, Upgrade among it; Connection is added.
  ///   - body: speaks the other protocol until the connection ends.
  public mutating func upgrade(
    _ fields: HTTPFields, _ body: @escaping @Sendable (consuming Transport) async -> Void
  ) async throws(HTTPError) {
    precondition(status == nil, "a request is answered once")
    guard case .http1(let carrier) = carrier else {
      throw HTTPError(501, code: "no_upgrade", "a stream of HTTP/2 cannot change the protocol")
    }
    guard carrier.pointee.hasReadBody else {
      throw .badRequest(code: "upgrade_with_body", "a request with a body cannot change the protocol")
    }
    status = 101
    carrier.pointee.startUpgrade(fields, adding: self.fields, id: id)
    carrier.pointee.takeover = body
    try await carrier.pointee.flush()
  }

  private mutating func begin(
    _ status: HTTPStatus, _ fields: HTTPFields, _ length: HTTPBodyLength, isWhole: Bool
  ) throws(HTTPError) {
    precondition(self.status == nil, "a request is answered once")
    precondition(!status.isInformational, "an answer is not informational")
    self.status = status
    switch carrier {
    case .http1(let carrier):
      carrier.pointee.start(
        status, fields, adding: self.fields, length, id: id, isHead: request.method == .head,
        isHTTP10: request.version == .http10, isWhole: isWhole)
    case .http2(let carrier):
      try carrier.start(
        status, fields, adding: self.fields, length, id: id, isHead: request.method == .head)
    }
  }
}
