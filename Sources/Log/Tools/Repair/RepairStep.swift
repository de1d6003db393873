// One thing that a repair does.

public import Files

/// One thing that a repair does, or would do.
public struct RepairStep: Hashable, Sendable {
  /// What is done with the file.
  public enum Action: String, CaseIterable, Hashable, Sendable {
    /// It is moved into the directory of what was taken out.
    case moveAside = "move aside"
    /// It is kept in the directory of what was taken out, and written anew with its sound batches.
    case rewrite
    /// It is made, empty, so that offsets go on where they ended.
    case begin
    /// It is made anew from the segment it belongs to.
    case rebuild
    /// It is brought up to date.
    case update
    /// It is removed: it says nothing that is not said elsewhere.
    case remove
    /// The compacted segment gets its name, and what it replaces goes.
    case finishSwap = "finish swap"
  }

  /// What is done.
  public let action: Action
  /// With which file.
  public let file: FilePath
  /// Why.
  public let reason: String

  init(_ action: Action, _ file: FilePath, _ reason: String) {
    self.action = action
    self.file = file
    self.reason = reason
  }
}

extension RepairStep: CustomStringConvertible {
  /// One line.
  public var description: String { "\(action.rawValue) \(file): \(reason)" }
}
