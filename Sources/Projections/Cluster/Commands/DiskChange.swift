// What is to be noted of a disk.

/// What of a disk is to change; nil: stays.
public struct DiskChange: Hashable, Sendable {
  /// Its size.
  public var totalBytes: Int?
  /// What of it is free.
  public var freeBytes: Int?
  /// What is to stay free.
  public var minFreeBytes: Int?
  /// How it is; never retired, for which there is a command.
  public var state: DiskState?
  /// What the last failed call said; empty: nothing is wrong.
  public var error: String?

  /// Nothing is to change, but for what is given.
  public init(
    totalBytes: Int? = nil, freeBytes: Int? = nil, minFreeBytes: Int? = nil, state: DiskState? = nil,
    error: String? = nil
  ) {
    self.totalBytes = totalBytes
    self.freeBytes = freeBytes
    self.minFreeBytes = minFreeBytes
    self.state = state
    self.error = error
  }
}
