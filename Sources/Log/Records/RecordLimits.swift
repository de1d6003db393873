// The limits of the record format, all in one place. What a node takes from clients is configured lower;
// these bound what a parser believes.

/// What no batch, record or side file may exceed.
public enum RecordLimits {
  /// The largest batch, header included, that is written or believed.
  public static let batchBytesMaximum = 256 << 20
  /// How many bytes the records of one batch may take uncompressed, unless a caller says otherwise.
  public static let payloadBytesMaximum = 64 << 20
  /// The largest zstd window, as a power of two: what the format's own tools accept unless told otherwise.
  public static let zstdWindowLogMaximum: Int32 = 27
  /// How many epochs a leader-epoch-checkpoint may list.
  public static let leaderEpochsMaximum = 1 << 20
  /// How many producers a snapshot may list.
  public static let producersMaximum = 1 << 20
}
