// Why a stream or a connection ended, as HTTP/2 puts it into a number (RFC 9113 section 7).

/// An HTTP/2 error code.
public struct HTTP2ErrorCode: RawRepresentable, Hashable, Sendable {
  /// The number on the wire.
  public let rawValue: UInt32

  /// The code with this number.
  public init(rawValue: UInt32) { self.rawValue = rawValue }

  /// Nothing is wrong.
  public static let noError = HTTP2ErrorCode(rawValue: 0)
  /// The peer broke a rule.
  public static let protocolError = HTTP2ErrorCode(rawValue: 1)
  /// The fault is ours.
  public static let internalError = HTTP2ErrorCode(rawValue: 2)
  /// The peer sent more than the window allowed.
  public static let flowControlError = HTTP2ErrorCode(rawValue: 3)
  /// Settings were not acknowledged in time.
  public static let settingsTimeout = HTTP2ErrorCode(rawValue: 4)
  /// A frame came for a stream that is closed.
  public static let streamClosed = HTTP2ErrorCode(rawValue: 5)
  /// A frame has a size that it may not have.
  public static let frameSizeError = HTTP2ErrorCode(rawValue: 6)
  /// The stream was not processed: it may be tried again.
  public static let refusedStream = HTTP2ErrorCode(rawValue: 7)
  /// The stream is no longer needed.
  public static let cancel = HTTP2ErrorCode(rawValue: 8)
  /// The header compression state is broken.
  public static let compressionError = HTTP2ErrorCode(rawValue: 9)
  /// The tunnel of a CONNECT ended badly.
  public static let connectError = HTTP2ErrorCode(rawValue: 10)
  /// The peer does too much of something.
  public static let enhanceYourCalm = HTTP2ErrorCode(rawValue: 11)
  /// The transport is not secure enough.
  public static let inadequateSecurity = HTTP2ErrorCode(rawValue: 12)
  /// The peer should use HTTP/1.1.
  public static let http11Required = HTTP2ErrorCode(rawValue: 13)
}

extension HTTP2ErrorCode: CustomStringConvertible {
  /// The name that RFC 9113 gives it, or the number.
  public var description: String {
    let names = [
      "NO_ERROR", "PROTOCOL_ERROR", "INTERNAL_ERROR", "FLOW_CONTROL_ERROR", "SETTINGS_TIMEOUT",
      "STREAM_CLOSED", "FRAME_SIZE_ERROR", "REFUSED_STREAM", "CANCEL", "COMPRESSION_ERROR",
      "CONNECT_ERROR", "ENHANCE_YOUR_CALM", "INADEQUATE_SECURITY", "HTTP_1_1_REQUIRED",
    ]
    return rawValue < names.count ? names[Int(rawValue)] : "\(rawValue)"
  }
}
