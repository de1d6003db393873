// How much of each thing there may be in one message.

/// What a message may measure at most.
public struct HTTP1Limits: Hashable, Sendable {
  /// The request line or status line, in bytes.
  public var lineBytesMaximum = 8 << 10
  /// All header fields together, line ends included, in bytes.
  public var fieldBytesMaximum = 32 << 10
  /// Header fields.
  public var fieldsMaximum = 100
  /// The body, in bytes, whatever it is wrapped in.
  public var bodyBytesMaximum = 1 << 20
  /// The line before a chunk, in bytes: its size and its extensions.
  public var chunkLineBytesMaximum = 256
  /// The extensions of all chunks of a body, in bytes. Nobody uses them; they are only ever abused.
  public var chunkExtensionBytesMaximum = 8 << 10
  /// All trailer fields together, line ends included, in bytes.
  public var trailerBytesMaximum = 8 << 10
  /// Trailer fields.
  public var trailersMaximum = 32

  /// Empty lines before a request: one is what old clients send after a body.
  static let leadingEmptyLinesMaximum = 4

  /// The limits everybody starts from.
  public init() {}
}
