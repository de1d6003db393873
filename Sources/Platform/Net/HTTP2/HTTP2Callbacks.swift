// The functions that nghttp2 calls, each of which hands over to the session. They return what the library wants
// to hear: 0, or how to go on after a failure.

import CNghttp2

/// The table of functions, one for all sessions.
///
/// `@unchecked Sendable`: it is not changed once it is made.
final class HTTP2Callbacks: @unchecked Sendable {
  static let shared = HTTP2Callbacks()

  /// nil when there was no memory; making a session then fails.
  let handle: OpaquePointer?

  private init() {
    var made: OpaquePointer?
    guard nghttp2_session_callbacks_new(&made) == 0, let table = made else {
      handle = nil
      return
    }
    handle = table
    nghttp2_session_callbacks_set_on_begin_frame_callback(table) { _, header, user in
      guard let header else { return 0 }
      return HTTP2Session.of(user).didBegin(header.pointee)
    }
    nghttp2_session_callbacks_set_on_begin_headers_callback(table) { _, frame, user in
      guard let frame else { return 0 }
      return HTTP2Session.of(user).didBeginHeaders(frame.pointee)
    }
    nghttp2_session_callbacks_set_on_header_callback(table) {
      _, _, name, nameCount, value, valueCount, _, user in
      HTTP2Session.of(user).didReceiveField(
        UnsafeRawBufferPointer(start: name, count: nameCount),
        UnsafeRawBufferPointer(start: value, count: valueCount))
    }
    nghttp2_session_callbacks_set_on_invalid_header_callback(table) { _, _, _, _, _, _, _, user in
      HTTP2Session.of(user).block.fail()
      return 0
    }
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(table) { _, _, stream, bytes, count, user in
      HTTP2Session.of(user).didReceiveData(stream, UnsafeRawBufferPointer(start: bytes, count: count))
    }
    nghttp2_session_callbacks_set_on_frame_recv_callback(table) { _, frame, user in
      guard let frame else { return 0 }
      return HTTP2Session.of(user).didReceive(frame.pointee)
    }
    nghttp2_session_callbacks_set_on_invalid_frame_recv_callback(table) { _, frame, _, user in
      guard let frame else { return 0 }
      return HTTP2Session.of(user).didReceiveInvalid(frame.pointee)
    }
    nghttp2_session_callbacks_set_on_stream_close_callback(table) { _, stream, code, user in
      HTTP2Session.of(user).didClose(stream, HTTP2ErrorCode(rawValue: code))
    }
    nghttp2_session_callbacks_set_on_frame_send_callback(table) { _, frame, user in
      guard let frame else { return 0 }
      return HTTP2Session.of(user).didSend(frame.pointee)
    }
    nghttp2_session_callbacks_set_on_frame_not_send_callback(table) { _, frame, _, user in
      guard let frame else { return 0 }
      return HTTP2Session.of(user).didNotSend(frame.pointee)
    }
    nghttp2_session_callbacks_set_unpack_extension_callback(table) { _, _, _, _ in
      NGHTTP2_ERR_CANCEL.rawValue
    }
    nghttp2_session_callbacks_set_send_data_callback(table) { _, _, header, count, source, user in
      guard let header, let source else { return Int32(NGHTTP2_ERR_CALLBACK_FAILURE.rawValue) }
      return HTTP2Session.of(user).sendData(header, count, source.pointee)
    }
  }
}

extension HTTP2Session {
  /// The session that made the library's.
  static func of(_ user: UnsafeMutableRawPointer?) -> HTTP2Session {
    guard let user else { preconditionFailure("a session has named itself to the library") }
    return Unmanaged<HTTP2Session>.fromOpaque(user).takeUnretainedValue()
  }
}
