// A disk that can be filled.

import Glibc
import Peers
import Runtime

/// A file system in memory with a limit, mounted for a test.
enum SmallDisk {
  /// Whether this process may mount: it tries.
  static let isPossible: Bool = {
    guard geteuid() == 0 else { return false }
    do {
      let folder = try TemporaryFolder()
      guard mount("tmpfs", folder.path, "tmpfs", 0, "size=65536") == 0 else { return false }
      return umount2(folder.path, Int32(MNT_DETACH)) == 0
    } catch {
      return false
    }
  }()

  static func withMounted(bytes: Int, _ body: (String) throws -> Void) throws {
    let folder = try TemporaryFolder()
    guard mount("tmpfs", folder.path, "tmpfs", 0, "size=\(bytes)") == 0 else {
      throw SystemError.last("mount")
    }
    defer { umount2(folder.path, Int32(MNT_DETACH)) }
    try body(folder.path)
  }
}
