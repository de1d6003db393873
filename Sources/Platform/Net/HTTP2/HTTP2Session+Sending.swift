// What goes out: heads, bodies and trailers of messages, and resets.

public import Bytes
import CNghttp2
public import Runtime

extension HTTP2Session {
  private static let dataHeaderBytes = 9

  /// Writes frames behind `output`, while there are any and it has room.
  ///
  /// - Parameters:
  ///   - output: what will be sent to the peer.
  ///   - maximum: about how much may be in it; at most a frame more will.
  public func send(into output: inout ByteBuffer, maximum: Int) throws(HTTP2Violation) {
    let failure: Int = withUnsafeMutablePointer(to: &output) { output in
      sink = output
      sinkMaximum = maximum
      defer { sink = nil }
      while output.pointee.count < maximum {
        var bytes: UnsafePointer<UInt8>?
        let count = nghttp2_session_mem_send(handle, &bytes)
        if count < 0 { return count }
        if count == 0 { return 0 }
        output.pointee.append(UnsafeRawBufferPointer(start: bytes, count: count))
      }
      return 0
    }
    if failure != 0 { throw .library(code: failure) }
  }

  // MARK: Messages

  /// Answers a request.
  ///
  /// - Parameters:
  ///   - fields: `:status` and the rest.
  ///   - stream: the request's.
  ///   - hasBody: whether `write` and `finish` will follow; otherwise this is all.
  public func respond(
    _ fields: HTTP2FieldBlock, on stream: HTTP2Stream, hasBody: Bool
  ) throws(HTTP2Violation) {
    precondition(role == .server, "a server answers")
    if stream.isClosed { return }
    if !hasBody { stream.hasFinished = true }
    var source = Self.source(of: stream)
    let id = stream.id
    try check(
      fields.withPairs { pairs, count in
        withUnsafePointer(to: &source) {
          nghttp2_submit_response(handle, id, pairs, count, hasBody ? $0 : nil)
        }
      })
  }

  /// Sends what precedes an answer: a status of 1xx.
  public func inform(_ fields: HTTP2FieldBlock, on stream: HTTP2Stream) throws(HTTP2Violation) {
    if stream.isClosed { return }
    let id = stream.id
    try check(
      fields.withPairs { pairs, count in
        min(
          0,
          nghttp2_submit_headers(
            handle, UInt8(NGHTTP2_FLAG_NONE.rawValue), id, nil, pairs, count, nil))
      })
  }

  /// Asks.
  ///
  /// - Parameters:
  ///   - fields: `:method`, `:scheme`, `:authority`, `:path` and the rest.
  ///   - hasBody: whether `write` and `finish` will follow.
  public func request(_ fields: HTTP2FieldBlock, hasBody: Bool) throws(HTTP2Violation) -> HTTP2Stream {
    precondition(role == .client, "a client asks")
    // The stream's number is known when it was submitted; nothing is asked of its source before that.
    let next = Int32(truncatingIfNeeded: nghttp2_session_get_next_stream_id(handle))
    let stream = HTTP2Stream(next, role)
    if !hasBody { stream.hasFinished = true }
    var source = Self.source(of: stream)
    let id = fields.withPairs { pairs, count in
      withUnsafePointer(to: &source) {
        nghttp2_submit_request(handle, nil, pairs, count, hasBody ? $0 : nil, nil)
      }
    }
    guard id == next else { throw .library(code: Int(min(id, 0))) }
    streams[id] = stream
    streamsOpened += 1
    return stream
  }

  /// Puts bytes of the body behind what was written.
  public func write(_ buffer: ByteBuffer, on stream: HTTP2Stream) throws(HTTP2Violation) {
    precondition(!stream.hasFinished, "a body ends once")
    if stream.isClosed || buffer.isEmpty { return }
    stream.outbound.append(buffer)
    try resume(stream)
  }

  /// Ends the body.
  ///
  /// - Parameter trailers: fields to follow it; nil for none.
  public func finish(_ stream: HTTP2Stream, trailers: HTTP2FieldBlock? = nil) throws(HTTP2Violation) {
    if stream.isClosed || stream.hasFinished { return }
    stream.hasFinished = true
    stream.trailersToSend = trailers
    try resume(stream)
  }

  /// Nobody will take what is left of the peer's message. Some of it is let go by; when there is more, the stream
  /// ends by NO_ERROR once our message is sent: the peer may as well stop (RFC 9113 section 8.1).
  ///
  /// - Parameters:
  ///   - count: how much may still come.
  ///   - deadline: by when it has to be over.
  public func disregardRest(of stream: HTTP2Stream, upTo count: Int, until deadline: MonotonicInstant) {
    if stream.isClosed { return }
    stream.isDisregarded = true
    stream.disregardedBytesLeft = count - take(from: stream).count
    if stream.hasEnded { return }
    if stream.writeDeadline == .max { stream.writeDeadline = deadline.nanoseconds }
    if stream.disregardedBytesLeft < 0 && stream.hasSentEnd { reset(stream, .noError) }
  }

  /// Ends a stream at once, both ways.
  public func reset(_ stream: HTTP2Stream, _ code: HTTP2ErrorCode) {
    if stream.isClosed { return }
    submitReset(stream.id, code)
  }

  func submitReset(_ id: Int32, _ code: HTTP2ErrorCode) {
    let result = nghttp2_submit_rst_stream(handle, UInt8(NGHTTP2_FLAG_NONE.rawValue), id, code.rawValue)
    if result != 0 { end(.library(code: Int(result))) }
  }

  private func resume(_ stream: HTTP2Stream) throws(HTTP2Violation) {
    guard stream.isDeferred else { return }
    stream.isDeferred = false
    let result = nghttp2_session_resume_data(handle, stream.id)
    // The stream is being reset: its bytes will not go out, and soon it is told so.
    if result == Int32(NGHTTP2_ERR_INVALID_ARGUMENT.rawValue) { return }
    try check(result)
  }

  // MARK: Called by the library

  private static func source(of stream: HTTP2Stream) -> nghttp2_data_provider {
    var provider = nghttp2_data_provider()
    // Good while the stream is open, and the library asks no longer than that.
    provider.source.ptr = Unmanaged.passUnretained(stream).toOpaque()
    provider.read_callback = { _, _, _, length, flags, source, user in
      guard let pointer = source?.pointee.ptr, let flags else {
        return Int(NGHTTP2_ERR_CALLBACK_FAILURE.rawValue)
      }
      let stream = Unmanaged<HTTP2Stream>.fromOpaque(pointer).takeUnretainedValue()
      return HTTP2Session.of(user).offer(stream, upTo: length, flags)
    }
    return provider
  }

  /// How much of the body comes next.
  private func offer(
    _ stream: HTTP2Stream, upTo length: Int, _ flags: UnsafeMutablePointer<UInt32>
  ) -> Int {
    let count = min(length, stream.outbound.count)
    let isLast = stream.hasFinished && count == stream.outbound.count
    if count == 0 && !isLast {
      stream.isDeferred = true
      return Int(NGHTTP2_ERR_DEFERRED.rawValue)
    }
    flags.pointee |= NGHTTP2_DATA_FLAG_NO_COPY.rawValue
    guard isLast else { return count }
    flags.pointee |= NGHTTP2_DATA_FLAG_EOF.rawValue
    if let trailers = stream.trailersToSend {
      flags.pointee |= NGHTTP2_DATA_FLAG_NO_END_STREAM.rawValue
      stream.trailersToSend = nil
      let result = trailers.withPairs { nghttp2_submit_trailer(handle, stream.id, $0, $1) }
      if result != 0 { return Int(result) }
    }
    return count
  }

  /// Writes a DATA frame.
  func sendData(_ header: UnsafePointer<UInt8>, _ count: Int, _ source: nghttp2_data_source) -> Int32 {
    guard let sink, let pointer = source.ptr else { return Int32(NGHTTP2_ERR_CALLBACK_FAILURE.rawValue) }
    // The library goes on from one DATA frame to the next without asking.
    if sink.pointee.count >= sinkMaximum { return Int32(NGHTTP2_ERR_WOULDBLOCK.rawValue) }
    let stream = Unmanaged<HTTP2Stream>.fromOpaque(pointer).takeUnretainedValue()
    sink.pointee.append(UnsafeRawBufferPointer(start: header, count: Self.dataHeaderBytes))
    stream.outbound.move(count, to: &sink.pointee)
    if stream.outbound.count == 0 || count >= HTTP2Limits.earningBytesMinimum {
      windowUpdatesEarned += HTTP2Limits.windowUpdatesEarned
    }
    if stream.outbound.count <= stream.writeMark { stream.resumeWriter() }
    return 0
  }

  /// A frame of ours is on its way.
  func didSend(_ frame: nghttp2_frame) -> Int32 {
    switch UInt32(frame.hd.type) {
    case NGHTTP2_GOAWAY.rawValue:
      let code = HTTP2ErrorCode(rawValue: frame.goaway.error_code)
      // The library found by itself what the peer did wrong.
      if code != .noError && violation == nil { violation = .breach(code) }
    case NGHTTP2_RST_STREAM.rawValue:
      streams[frame.hd.stream_id]?.wasResetHere = true
    case NGHTTP2_DATA.rawValue, NGHTTP2_HEADERS.rawValue:
      if UInt32(frame.hd.type) == NGHTTP2_HEADERS.rawValue {
        streams[frame.hd.stream_id]?.hasSentHead = true
        windowUpdatesEarned += HTTP2Limits.windowUpdatesEarned
      }
      guard frame.hd.flags & UInt8(NGHTTP2_FLAG_END_STREAM.rawValue) != 0,
        let stream = streams[frame.hd.stream_id]
      else { break }
      stream.hasSentEnd = true
      if stream.disregardedBytesLeft < 0 && !stream.hasEnded { reset(stream, .noError) }
    default: break
    }
    return 0
  }

  /// A frame of ours cannot be sent any more: a request after the server has said that it takes none.
  func didNotSend(_ frame: nghttp2_frame) -> Int32 {
    guard role == .client, UInt32(frame.hd.type) == NGHTTP2_HEADERS.rawValue,
      let stream = streams[frame.hd.stream_id], stream.response == nil
    else { return 0 }
    return didClose(stream.id, .refusedStream)
  }
}
