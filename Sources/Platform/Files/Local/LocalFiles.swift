// The machine's own file systems, through the kernel.

/// The files of this machine.
public struct LocalFiles: FileSystem {
  /// The kernel's calls.
  public var calls: any FileCalls { LocalCalls.shared }

  /// The files of this machine.
  public init() {}
}
