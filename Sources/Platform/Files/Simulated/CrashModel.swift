// What a power cut may do to what was not synced. The two presets span what real disks and file systems do:
// code that is safe under `hostile` is safe everywhere.

/// The rules of a simulated power cut.
public struct CrashModel: Hashable, Sendable {
  /// In what order changes of names become durable.
  public enum Names: String, Hashable, Sendable {
    /// As on ext4 or XFS: a crash keeps the earlier ones and loses the later; syncing one directory also
    /// keeps what was changed in others before.
    case journaled
    /// As POSIX allows: any of them, each on its own, until the directory is synced. A rename inside one
    /// directory is kept or lost as a whole; one between two may leave both names, or none.
    case unordered
  }

  /// How many bytes, on a multiple of their number, the disk writes all or not at all. 512 is a sector; 1
  /// tears anywhere.
  public var atomicBytes: Int
  /// In what order changes of names become durable.
  public var names: Names
  /// Whether a file's growth becomes durable only after the bytes in its new blocks did (ext4's
  /// `data=ordered`); otherwise the file may come back longer, with zeros at its end. Even so the rest of a
  /// block that was there before may come back as zeros.
  public var dataBeforeSize: Bool

  /// A model from its parts.
  public init(atomicBytes: Int, names: Names, dataBeforeSize: Bool) {
    precondition(atomicBytes > 0, "the disk writes at least one byte at a time")
    self.atomicBytes = atomicBytes
    self.names = names
    self.dataBeforeSize = dataBeforeSize
  }

  /// Everything that POSIX and a disk with 512-byte sectors allow.
  public static let hostile = CrashModel(atomicBytes: 512, names: .unordered, dataBeforeSize: false)
  /// Hostile, and writes tear at any byte.
  public static let tornAnywhere = CrashModel(atomicBytes: 1, names: .unordered, dataBeforeSize: false)
  /// A journaling file system in its usual mode.
  public static let journaled = CrashModel(atomicBytes: 512, names: .journaled, dataBeforeSize: true)
}

/// How much of what was not synced a crash leaves.
public enum Survival: Hashable, Sendable, CustomStringConvertible {
  /// None of it.
  case nothing
  /// All of it, as when only the process died.
  case everything
  /// Some of it, as the model allows and the seed decides: whole writes, parts of them, later ones without
  /// earlier ones, sizes without bytes, names without files.
  case random(seed: UInt64)

  /// For a failing test's message.
  public var description: String {
    switch self {
    case .nothing: "nothing unsynced survives"
    case .everything: "everything survives"
    case .random(let seed): "survival by seed \(seed)"
    }
  }
}
