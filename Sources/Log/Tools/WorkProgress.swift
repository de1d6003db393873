// How far a long piece of work has come.

public import Files

/// How far a walk through a partition has come.
public struct WorkProgress: Hashable, Sendable {
  /// How many bytes were read.
  public let bytesDone: Int
  /// How many there are in all, as far as was known at the beginning.
  public let bytesTotal: Int
  /// The file it is at.
  public let file: FilePath

  /// So many of so many.
  public init(bytesDone: Int, bytesTotal: Int, file: FilePath) {
    self.bytesDone = bytesDone
    self.bytesTotal = bytesTotal
    self.file = file
  }

  /// How many bytes are read between two reports.
  static let intervalBytes = 4 << 20
}
