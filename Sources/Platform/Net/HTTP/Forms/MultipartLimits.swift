// What a multipart body may cost.

/// Limits on a multipart body, besides the one on the whole body.
public struct MultipartLimits: Sendable {
  /// How many parts it may have.
  public var partsMaximum = 128
  /// How long the fields of one part may be, with their line ends.
  public var headBytesMaximum = 8 << 10
  /// How many fields one part may have.
  public var fieldsMaximum = 16
  /// How long one part may be.
  public var partBytesMaximum = 16 << 20
  /// How much may stand before the first part, and in the blanks behind a boundary.
  public var preambleBytesMaximum = 1 << 10

  /// The usual limits.
  public init() {}
}
