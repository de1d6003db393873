// How a SQLite file is opened. docs/stores.md says why each number is what it is.

/// The settings of one SQLite file: the same for its writer and its readers.
public struct SQLiteSettings: Hashable, Sendable {
  /// How long a connection waits for another one's lock before it answers `.busy`.
  public var busyTimeout = Duration.seconds(5)
  /// The memory that one connection may keep pages in.
  public var cacheBytes = 32 << 20
  /// How much of the file is read through a mapping. A mapped page that the disk cannot read kills the
  /// process, where a read call would fail; so nothing is mapped unless asked for.
  public var mappedBytes = 0
  /// The pages in the write-ahead log that make a commit copy them into the file.
  public var checkpointPages = 4000
  /// What the write-ahead log is cut back to, once it has been copied and is begun anew.
  public var journalBytesMaximum = 64 << 20
  /// How many prepared statements a connection keeps.
  public var statementsMaximum = 256
  /// How many readers run at the same time.
  public var readers = 2
  /// How many callers may wait for a reader.
  public var readersQueueMaximum = 1024

  /// The defaults.
  public init() {}
}
