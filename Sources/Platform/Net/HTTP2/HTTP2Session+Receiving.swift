// What comes in: frames become streams, fields, bytes and events.

public import Bytes
import CNghttp2
import HTTP

extension HTTP2Session {
  /// Takes in what the peer has sent, all of it. What it means is then in the streams and in `takeEvents`, and
  /// there may be something to be sent.
  ///
  /// - Parameter now: when it came, in nanoseconds.
  public func receive(_ bytes: UnsafeRawBufferPointer, now: UInt64) {
    if violation != nil || bytes.isEmpty { return }
    self.now = now
    let result = nghttp2_session_mem_recv(
      handle, bytes.bindMemory(to: UInt8.self).baseAddress, bytes.count)
    if result < 0 { end(Self.violation(of: result)) }
  }

  private static func violation(of result: Int) -> HTTP2Violation {
    switch Int32(truncatingIfNeeded: result) {
    case Int32(NGHTTP2_ERR_FLOODED.rawValue): .flood(.acknowledgements)
    case Int32(NGHTTP2_ERR_BAD_CLIENT_MAGIC.rawValue): .breach(.protocolError)
    default: .library(code: result)
    }
  }

  /// What happened since this was last asked.
  public func takeEvents() -> ContiguousArray<HTTP2Event> {
    if events.isEmpty { return [] }
    defer { events.removeAll(keepingCapacity: false) }
    return events
  }

  /// What has arrived on `stream` and was not taken; the peer may send as much anew.
  public func take(from stream: HTTP2Stream) -> ByteBuffer {
    let taken = stream.inbound
    stream.inbound = ByteBuffer()
    if taken.count > 0 && stream.unconsumed > 0 {
      let count = min(taken.count, stream.unconsumed)
      stream.unconsumed -= count
      consumed(nghttp2_session_consume(handle, stream.id, count))
    }
    return taken
  }

  private func consumed(_ result: Int32) {
    if result != 0 { end(.library(code: Int(result))) }
  }

  // MARK: Called by the library

  /// A frame's header has come.
  func didBegin(_ header: nghttp2_frame_hd) -> Int32 {
    let isAcknowledgement = header.flags & UInt8(NGHTTP2_FLAG_ACK.rawValue) != 0
    frameBytes = 0
    switch UInt32(header.type) {
    case NGHTTP2_DATA.rawValue, NGHTTP2_GOAWAY.rawValue, NGHTTP2_PUSH_PROMISE.rawValue:
      return 0
    case NGHTTP2_WINDOW_UPDATE.rawValue:
      guard windowUpdatesEarned > 0 else { return spend(\.windowUpdates, .windowUpdates) }
      windowUpdatesEarned -= 1
      return 0
    case NGHTTP2_HEADERS.rawValue:
      continuations = 0
      return 0
    case NGHTTP2_CONTINUATION.rawValue:
      continuations += 1
      return continuations <= limits.continuationsMaximum ? 0 : stop(.continuations)
    case NGHTTP2_RST_STREAM.rawValue:
      // A server may refuse what it likes, and some say so of streams that are over: it costs a client nothing but
      // what it opens itself.
      if role == .client { return 0 }
      return spend(\.resets, .resets)
    case NGHTTP2_PING.rawValue:
      return isAcknowledgement ? 0 : spend(\.pings, .pings)
    case NGHTTP2_SETTINGS.rawValue:
      return isAcknowledgement ? 0 : spend(\.settings, .settings)
    default:
      return spend(\.ignoredFrames, .ignoredFrames)
    }
  }

  private func spend(
    _ allowance: ReferenceWritableKeyPath<HTTP2Session, HTTP2Allowance>, _ flood: HTTP2Violation.Flood
  ) -> Int32 {
    self[keyPath: allowance].take(now: now) ? 0 : stop(flood)
  }

  /// Ends the connection; the result has the library look at nothing more.
  private func stop(_ flood: HTTP2Violation.Flood) -> Int32 {
    end(.flood(flood))
    return Int32(NGHTTP2_ERR_CALLBACK_FAILURE.rawValue)
  }

  /// A header section begins.
  func didBeginHeaders(_ frame: nghttp2_frame) -> Int32 {
    guard UInt32(frame.hd.type) == NGHTTP2_HEADERS.rawValue else { return 0 }
    blockStream = frame.hd.stream_id
    blockBegan = now
    let kind: HTTP2HeaderBlock.Kind
    if let stream = streams[blockStream] {
      kind = role == .client && stream.response == nil ? .response : .trailers
    } else {
      kind = .request
    }
    let isTrailers = kind == .trailers
    block.begin(
      kind, bytesMaximum: isTrailers ? limits.trailerBytesMaximum : limits.headerListBytesMaximum,
      fieldsMaximum: isTrailers ? limits.trailersMaximum : limits.headerFieldsMaximum)
    return 0
  }

  /// A field of it.
  func didReceiveField(_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Int32 {
    block.add(name, value) ? 0 : stop(.headers)
  }

  /// Part of a DATA frame's payload.
  func didReceiveData(_ id: Int32, _ bytes: UnsafeRawBufferPointer) -> Int32 {
    frameBytes += bytes.count
    guard let stream = streams[id], !stream.isClosed else {
      // Nobody will take it.
      return nghttp2_session_consume_connection(handle, bytes.count)
    }
    if stream.isDisregarded { return disregard(bytes.count, on: stream) }
    stream.inbound.append(bytes)
    stream.unconsumed += bytes.count
    stream.resumeReader()
    return 0
  }

  private func disregard(_ count: Int, on stream: HTTP2Stream) -> Int32 {
    stream.disregardedBytesLeft -= count
    if stream.disregardedBytesLeft < 0 && stream.hasSentEnd { reset(stream, .noError) }
    return nghttp2_session_consume(handle, stream.id, count)
  }

  /// A whole frame.
  func didReceive(_ frame: nghttp2_frame) -> Int32 {
    switch UInt32(frame.hd.type) {
    case NGHTTP2_HEADERS.rawValue:
      return didReceiveHeaders(frame.hd)
    case NGHTTP2_DATA.rawValue:
      if frame.hd.flags & UInt8(NGHTTP2_FLAG_END_STREAM.rawValue) != 0 {
        didEnd(frame.hd.stream_id)
      } else if frameBytes == 0 {
        return spend(\.emptyData, .emptyData)
      }
    case NGHTTP2_SETTINGS.rawValue:
      hasBegun = true
    case NGHTTP2_PING.rawValue:
      if frame.hd.flags & UInt8(NGHTTP2_FLAG_ACK.rawValue) != 0 { events.append(.pong) }
    case NGHTTP2_GOAWAY.rawValue:
      events.append(
        .goingAway(lastStream: frame.goaway.last_stream_id, HTTP2ErrorCode(rawValue: frame.goaway.error_code))
      )
    default:
      break
    }
    return 0
  }

  /// A frame, or a section, that breaks a rule for its stream.
  func didReceiveInvalid(_ frame: nghttp2_frame) -> Int32 {
    blockBegan = nil
    // Whoever has us reset streams is no better than who resets them.
    return spend(\.resets, .resets)
  }

  private func didEnd(_ id: Int32) {
    guard let stream = streams[id] else { return }
    stream.hasEnded = true
    stream.resumeReader()
  }

  // MARK: Sections

  private func didReceiveHeaders(_ header: nghttp2_frame_hd) -> Int32 {
    blockBegan = nil
    guard blockStream == header.stream_id else { return 0 }
    blockStream = 0
    block.finish()
    let ends = header.flags & UInt8(NGHTTP2_FLAG_END_STREAM.rawValue) != 0
    if case .malformed? = block.fault {
      submitReset(header.stream_id, .protocolError)
      return spend(\.resets, .resets)
    }
    switch block.kind {
    case .request: open(header.stream_id, ends: ends)
    case .response: answer(header.stream_id, ends: ends)
    case .trailers: trail(header.stream_id)
    }
    return 0
  }

  private var refusal: HTTP2Stream.Refusal? {
    switch block.fault {
    case .tooLarge?: .fieldsTooLarge
    case .tooManyFields?: .tooManyFields
    case .malformed?, nil: nil
    }
  }

  private func open(_ id: Int32, ends: Bool) {
    let stream = HTTP2Stream(id, role)
    stream.refusal = refusal
    // What was taken in before the limit is not to be relied on.
    if stream.refusal == nil { stream.request = block.head }
    stream.contentLength = block.contentLength
    stream.expectsContinue = block.expectsContinue && !ends
    stream.hasEnded = ends
    block = HTTP2HeaderBlock()
    streams[id] = stream
    streamsOpened += 1
    events.append(.requested(stream))
  }

  private func answer(_ id: Int32, ends: Bool) {
    guard let stream = streams[id], let status = block.status else { return }
    guard status >= 100 else { return reset(stream, .protocolError) }
    let head = HTTPResponseHead(HTTPStatus(status), fields: block.head.fields)
    if head.status.isInformational && !ends {
      if stream.informational.count < limits.informationalMaximum {
        stream.informational.append(head)
      } else {
        reset(stream, .enhanceYourCalm)
      }
    } else {
      stream.refusal = refusal
      stream.response = head
      stream.contentLength = block.contentLength
      if ends { stream.hasEnded = true }
    }
    block = HTTP2HeaderBlock()
    stream.resumeReader()
  }

  private func trail(_ id: Int32) {
    guard let stream = streams[id] else { return }
    if block.fault == nil { stream.trailers = block.head.fields } else { stream.refusal = refusal }
    block = HTTP2HeaderBlock()
    stream.hasEnded = true
    stream.resumeReader()
  }

  /// A stream is over.
  func didClose(_ id: Int32, _ code: HTTP2ErrorCode) -> Int32 {
    guard let stream = streams.removeValue(forKey: id) else { return 0 }
    let unconsumed = stream.unconsumed
    stream.close(code)
    return unconsumed > 0 ? nghttp2_session_consume_connection(handle, unconsumed) : 0
  }
}
