// What a peer may do on one connection. Sizes are said to it in SETTINGS; the rates it learns of when it goes
// beyond them, by GOAWAY with ENHANCE_YOUR_CALM.

/// The limits of an HTTP/2 connection.
public struct HTTP2Limits: Hashable, Sendable {
  /// Streams that the peer may have open.
  public var concurrentStreamsMaximum = 100
  /// Header fields of a message: names, values and 32 bytes for each (RFC 9113 section 6.5.2).
  public var headerListBytesMaximum = 32 << 10
  /// Header fields of a message.
  public var headerFieldsMaximum = 100
  /// Trailer fields of a message, measured likewise.
  public var trailerBytesMaximum = 8 << 10
  /// Trailer fields of a message.
  public var trailersMaximum = 32
  /// Answers of 1xx before the answer proper; a client's limit.
  public var informationalMaximum = 32
  /// The payload of a frame: 16 KiB to 16 MiB - 1.
  public var frameBytesMaximum = 16 << 10
  /// What the peer may send on a stream beyond what was read from it.
  public var streamWindowBytes = 256 << 10
  /// What the peer may send on all streams beyond what was read from them: what a connection can occupy.
  public var connectionWindowBytes = 1 << 20
  /// The memory of the peer's header compression.
  public var headerTableBytes = 4 << 10
  /// CONTINUATION frames behind a HEADERS frame.
  public var continuationsMaximum = 8
  /// Entries in one SETTINGS frame.
  public var settingsEntriesMaximum = 32
  /// Acknowledgements of PING and SETTINGS that wait because the peer does not read.
  public var waitingAcknowledgementsMaximum = 200
  /// Streams that the peer cancels, or has us reset by breaking a rule (CVE-2023-44487).
  public var resets = HTTP2Rate(burst: 200, perSecond: 20)
  /// PING frames.
  public var pings = HTTP2Rate(burst: 100, perSecond: 10)
  /// SETTINGS frames.
  public var settings = HTTP2Rate(burst: 32, perSecond: 1)
  /// DATA frames with nothing in them.
  public var emptyData = HTTP2Rate(burst: 100, perSecond: 10)
  /// WINDOW_UPDATE frames besides those that what was sent gives reason for (`windowUpdatesEarned`).
  public var windowUpdates = HTTP2Rate(burst: 1000, perSecond: 100)
  /// Frames that are ignored: PRIORITY, and types that nobody has heard of.
  public var ignoredFrames = HTTP2Rate(burst: 1000, perSecond: 100)

  /// A header list of more than this many times its maximum ends the connection; up to it the answer is 431.
  static let headerListExcess = 4
  /// How many WINDOW_UPDATE frames a peer may answer each HEADERS frame and each DATA frame with. Clients need two for a
  /// DATA frame at the most, but some send one for each piece that they take.
  static let windowUpdatesEarned = 10
  /// A DATA frame that is shorter, and has left something behind, was cut short by the peer's window: it earns nothing, or
  /// a peer could have a body sent byte by byte.
  static let earningBytesMinimum = 256
  /// What is sent at once.
  static let frameBytesMinimum = 16 << 10

  /// The limits everybody starts from.
  public init() {}
}
