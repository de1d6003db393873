// One end of an HTTP/2 connection without the connection: bytes in, bytes out. The frames and the compression are
// nghttp2's; what its callbacks learn goes into streams and events here. What a peer may do too often is counted here.
// Receiving is HTTP2Session+Receiving.swift, sending HTTP2Session+Sending.swift.

import Bytes
import CNghttp2
import HTTP

/// An HTTP/2 session.
///
/// `@unchecked Sendable`: used on its connection's loop only; no call waits.
public final class HTTP2Session: @unchecked Sendable {
  /// What a client says first.
  public static let preface: StaticString = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

  /// Which end this is.
  public let role: HTTP2Role
  /// What the peer may do.
  public let limits: HTTP2Limits

  /// Why this side ended the connection; nil when it did not.
  public internal(set) var violation: HTTP2Violation?
  /// The streams that are open.
  public internal(set) var streams: [Int32: HTTP2Stream] = [:]
  /// Streams that were opened so far.
  public internal(set) var streamsOpened = 0

  let handle: OpaquePointer
  var events: ContiguousArray<HTTP2Event> = []
  /// The header section being received, and on which stream; 0 for none.
  var block = HTTP2HeaderBlock()
  var blockStream: Int32 = 0
  /// Since when it is; nil when none is.
  public internal(set) var blockBegan: UInt64?
  /// CONTINUATION frames of it.
  var continuations = 0
  /// The payload of the DATA frame being received.
  var frameBytes = 0
  /// When the bytes being received came, in nanoseconds.
  var now: UInt64 = 0
  /// Where frames are written during `send`.
  var sink: UnsafeMutablePointer<ByteBuffer>?
  /// How much may be in it before the next DATA frame waits for the next `send`.
  var sinkMaximum = 0
  /// Whether the peer's preface and settings have come.
  public internal(set) var hasBegun = false

  var resets: HTTP2Allowance
  var pings: HTTP2Allowance
  var settings: HTTP2Allowance
  var emptyData: HTTP2Allowance
  var windowUpdates: HTTP2Allowance
  /// WINDOW_UPDATE frames that what was sent gives reason for.
  var windowUpdatesEarned = 0
  var ignoredFrames: HTTP2Allowance

  /// A session that has our settings ready to be sent.
  ///
  /// - Throws: `.library` when there is no memory.
  public init(_ role: HTTP2Role, limits: HTTP2Limits = HTTP2Limits()) throws(HTTP2Violation) {
    precondition((16_384...16_777_215).contains(limits.frameBytesMaximum), "a frame has 16 KiB to 16 MiB")
    precondition(
      (0...Int(Int32.max)).contains(limits.streamWindowBytes)
        && (65_535...Int(Int32.max)).contains(limits.connectionWindowBytes), "a window has up to 2 GiB")
    self.role = role
    self.limits = limits
    resets = HTTP2Allowance(limits.resets)
    pings = HTTP2Allowance(limits.pings)
    settings = HTTP2Allowance(limits.settings)
    emptyData = HTTP2Allowance(limits.emptyData)
    windowUpdates = HTTP2Allowance(limits.windowUpdates)
    ignoredFrames = HTTP2Allowance(limits.ignoredFrames)
    handle = try Self.makeHandle(role, limits)
    nghttp2_session_set_user_data(handle, Unmanaged.passUnretained(self).toOpaque())
    let result = submitSettings()
    if result != 0 { throw .library(code: Int(result)) }
  }

  deinit { nghttp2_session_del(handle) }

  /// The first type of frame that RFC 9113 does not name.
  private static let firstUnknownType: UInt8 = 10

  private static func makeHandle(_ role: HTTP2Role, _ limits: HTTP2Limits) throws(HTTP2Violation)
    -> OpaquePointer
  {
    var made: OpaquePointer?
    var result = nghttp2_option_new(&made)
    guard result == 0, let options = made else { throw .library(code: Int(result)) }
    defer { nghttp2_option_del(options) }
    nghttp2_option_set_no_auto_window_update(options, 1)
    // Nobody will look at streams that are over.
    nghttp2_option_set_no_closed_streams(options, 1)
    nghttp2_option_set_max_outbound_ack(options, limits.waitingAcknowledgementsMaximum)
    nghttp2_option_set_max_settings(options, limits.settingsEntriesMaximum)
    // The library counts how often it is handed part of a CONTINUATION, not the frames: they are counted here.
    nghttp2_option_set_max_continuations(options, Int(Int32.max))
    // Frames of unknown types are reported, so that they can be counted; their payload is skipped.
    for type in Self.firstUnknownType...UInt8.max {
      nghttp2_option_set_user_recv_extension_type(options, type)
    }
    // Resets too, those that the peer provokes included.
    nghttp2_option_set_stream_reset_rate_limit(options, UInt64(UInt32.max), UInt64(UInt32.max))
    var session: OpaquePointer?
    result =
      role == .server
      ? nghttp2_session_server_new2(&session, HTTP2Callbacks.shared.handle, nil, options)
      : nghttp2_session_client_new2(&session, HTTP2Callbacks.shared.handle, nil, options)
    guard result == 0, let session else { throw .library(code: Int(result)) }
    return session
  }

  private func submitSettings() -> Int32 {
    func entry(_ id: nghttp2_settings_id, _ value: Int) -> nghttp2_settings_entry {
      nghttp2_settings_entry(settings_id: Int32(id.rawValue), value: UInt32(clamping: value))
    }
    var entries = [
      entry(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, limits.streamWindowBytes),
      entry(NGHTTP2_SETTINGS_MAX_FRAME_SIZE, limits.frameBytesMaximum),
      entry(NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, limits.headerListBytesMaximum),
      entry(NGHTTP2_SETTINGS_HEADER_TABLE_SIZE, limits.headerTableBytes),
      entry(NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES, 1),
    ]
    if role == .server {
      entries.append(entry(NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, limits.concurrentStreamsMaximum))
    } else {
      entries.append(entry(NGHTTP2_SETTINGS_ENABLE_PUSH, 0))
    }
    let result = nghttp2_submit_settings(handle, UInt8(NGHTTP2_FLAG_NONE.rawValue), &entries, entries.count)
    if result != 0 { return result }
    return nghttp2_session_set_local_window_size(
      handle, UInt8(NGHTTP2_FLAG_NONE.rawValue), 0, Int32(clamping: limits.connectionWindowBytes))
  }

  // MARK: The connection

  /// Whether there is something to be sent.
  public var wantsToSend: Bool { nghttp2_session_want_write(handle) != 0 }

  /// Whether anything that still comes can matter: false once a breach has ended the connection, and when an end was
  /// agreed on and no stream is left.
  public var wantsToReceive: Bool { violation == nil && nghttp2_session_want_read(handle) != 0 }

  /// Ends the connection for what the peer did: GOAWAY is sent, and every stream is over.
  public func end(_ violation: HTTP2Violation) {
    if self.violation != nil { return }
    self.violation = violation
    // It fails only for want of memory; then there is no GOAWAY, and the connection ends all the same.
    _ = nghttp2_session_terminate_session(handle, violation.code.rawValue)
  }

  /// Tells the peer that no new streams are wanted: first of two steps, so that those under way still count.
  ///
  /// The answer to the PING that goes with it says when the second may follow.
  public func announceShutdown() throws(HTTP2Violation) {
    try check(nghttp2_submit_shutdown_notice(handle))
    try check(nghttp2_submit_ping(handle, UInt8(NGHTTP2_FLAG_NONE.rawValue), nil))
  }

  /// Tells the peer which stream was the last. Those that are open go on to their end.
  public func shutDown() throws(HTTP2Violation) {
    let last = role == .server ? nghttp2_session_get_last_proc_stream_id(handle) : 0
    try check(
      nghttp2_submit_goaway(
        handle, UInt8(NGHTTP2_FLAG_NONE.rawValue), last, HTTP2ErrorCode.noError.rawValue, nil, 0))
  }

  /// Asks the peer for a sign of life, which comes as `.pong`.
  public func ping() throws(HTTP2Violation) {
    try check(nghttp2_submit_ping(handle, UInt8(NGHTTP2_FLAG_NONE.rawValue), nil))
  }

  /// How many streams the peer lets us have open.
  public var peerStreamsMaximum: Int {
    Int(nghttp2_session_get_remote_settings(handle, NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS))
  }

  /// The connection is gone: every stream is over.
  public func abandon() {
    for stream in streams.values {
      stream.wasAbandoned = true
      // A client that has the whole answer keeps it.
      stream.close(role == .client && stream.hasEnded ? .noError : violation?.code ?? .cancel)
    }
    streams.removeAll()
  }

  func check(_ result: Int32) throws(HTTP2Violation) {
    if result != 0 { throw .library(code: Int(result)) }
  }

  // MARK: Time

  /// Ends the waits, and the streams, whose time has come.
  public func expire(now: UInt64) {
    for stream in streams.values {
      if stream.readDeadline <= now { stream.resumeReader(false) }
      if stream.writeDeadline <= now {
        stream.hasTimedOut = true
        stream.writeDeadline = .max
        stream.resumeWriter(false)
        reset(stream, stream.hasSentEnd ? .noError : .cancel)
      }
    }
  }
}
