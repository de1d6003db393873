// Why a connection was ended by this side.

/// What the peer did that ended the connection.
public enum HTTP2Violation: Error, Hashable, Sendable {
  /// What there was too much of.
  public enum Flood: String, Hashable, Sendable, CaseIterable {
    /// Streams reset (rapid reset).
    case resets = "reset_flood"
    /// PING frames.
    case pings = "ping_flood"
    /// SETTINGS frames.
    case settings = "settings_flood"
    /// DATA frames with nothing in them.
    case emptyData = "empty_data_flood"
    /// WINDOW_UPDATE frames.
    case windowUpdates = "window_update_flood"
    /// PRIORITY frames and unknown ones.
    case ignoredFrames = "ignored_frames_flood"
    /// CONTINUATION frames.
    case continuations = "continuation_flood"
    /// Acknowledgements that the peer does not read.
    case acknowledgements = "acknowledgement_flood"
    /// Time for a header section.
    case slowHeaders = "slow_headers"
    /// Header fields.
    case headers = "header_flood"
  }

  /// A rule of the protocol was broken; what was said to the peer.
  case breach(HTTP2ErrorCode)
  /// Too much of something.
  case flood(Flood)
  /// The protocol library failed, by no fault of the peer: it ran out of memory.
  case library(code: Int)

  /// What GOAWAY says.
  public var code: HTTP2ErrorCode {
    switch self {
    case .breach(let code): code
    case .flood: .enhanceYourCalm
    case .library: .internalError
    }
  }

  /// A word for metrics, of which there are few.
  public var label: String {
    switch self {
    case .breach(let code): "http2_" + code.description.lowercased()
    case .flood(let flood): "http2_" + flood.rawValue
    case .library: "http2_library"
    }
  }
}

extension HTTP2Violation: CustomStringConvertible {
  /// The label, and the library's number.
  public var description: String {
    if case .library(let code) = self { return "\(label) (\(code))" }
    return label
  }
}
