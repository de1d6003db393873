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

  static func withMounted(bytes: Int, _ body: (String) async throws -> Void) async throws {
    let folder = try TemporaryFolder()
    guard mount("tmpfs", folder.path, "tmpfs", 0, "size=\(bytes)") == 0 else {
      throw SystemError.last("mount")
    }
    defer { umount2(folder.path, Int32(MNT_DETACH)) }
    try await body(folder.path)
  }

  /// Makes a file of all the room there is.
  static func fill(_ path: String) throws {
    let descriptor = open(path, O_CREAT | O_WRONLY, 0o600)
    guard descriptor >= 0 else { throw SystemError.last("open") }
    defer { close(descriptor) }
    let page = [UInt8](repeating: 1, count: 4096)
    while write(descriptor, page, page.count) > 0 {}
    guard errno == ENOSPC else { throw SystemError.last("write") }
  }
}
