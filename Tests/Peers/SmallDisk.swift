// A disk that can be filled.

import Glibc

/// A file system in memory with a limit, mounted for a test.
public enum SmallDisk {
  /// Whether this process may mount: it tries.
  public static let isPossible: Bool = {
    guard geteuid() == 0 else { return false }
    do {
      try withMounted(bytes: 65_536) { _ in }
      return true
    } catch {
      return false
    }
  }()

  /// Mounts one, does `body` with its path, and takes it away.
  public static func withMounted(bytes: Int, _ body: (String) async throws -> Void) async throws {
    let folder = try mounted(bytes)
    defer { umount2(folder.path, Int32(MNT_DETACH)) }
    try await body(folder.path)
  }

  /// The same for a body that waits for nobody.
  public static func withMounted(bytes: Int, _ body: (String) throws -> Void) throws {
    let folder = try mounted(bytes)
    defer { umount2(folder.path, Int32(MNT_DETACH)) }
    try body(folder.path)
  }

  private static func mounted(_ bytes: Int) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    guard mount("tmpfs", folder.path, "tmpfs", 0, "size=\(bytes)") == 0 else { throw failure("mount") }
    return folder
  }

  /// Makes a file of all the room there is.
  public static func fill(_ path: String) throws {
    let descriptor = open(path, O_CREAT | O_WRONLY, 0o600)
    guard descriptor >= 0 else { throw failure("open") }
    defer { close(descriptor) }
    let page = [UInt8](repeating: 1, count: 4096)
    while write(descriptor, page, page.count) > 0 {}
    guard errno == ENOSPC else { throw failure("write") }
  }

  private static func failure(_ call: String) -> ForeignProgram.Failure {
    ForeignProgram.Failure("\(call) failed with \(errno)")
  }
}
