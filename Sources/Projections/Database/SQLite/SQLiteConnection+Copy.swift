// A copy of the file while others write. The pages are copied inside of one read transaction: SQLite's own
// way of copying would begin anew whenever somebody commits, and VACUUM INTO, the other consistent way,
// rebuilds every table and index, which takes several times as long and tells nothing of its progress.

import CSQLite
import Glibc

extension SQLiteConnection {
  private enum Limit {
    /// Pages copied between two reports of progress.
    static let pagesPerStep: Int32 = 1024
  }

  /// Copies the database, as it is now, to a new file. Writers go on meanwhile, but the write-ahead log grows
  /// until the copy is done. When this returns, the copy and its name are on the disk; when it throws, there
  /// is no copy. To replace a file, copy beside it and rename.
  ///
  /// - Parameter progress: called now and then with the pages copied and all there are; it throws to give up.
  func copy(
    to target: String,
    progress: (_ copied: Int, _ total: Int) throws(DatabaseError) -> Void = { _, _ in }
  ) throws(DatabaseError) {
    let source = try handle
    let descriptor = Glibc.open(target, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o640)
    guard descriptor >= 0 else { throw .cannotOpen(target: target, reason: String(cString: strerror(errno))) }
    defer { Glibc.close(descriptor) }
    do throws(DatabaseError) {
      try begin(.read)
      do throws(DatabaseError) {
        try Self.copyPages(of: source, to: target, progress: progress)
      } catch {
        try rollback()
        throw error
      }
      try commit()
      try Self.makeDurable(descriptor, target)
    } catch {
      guard unlink(target) == 0 || errno == ENOENT else {
        throw .storage(target: target, reason: "\(error), and the part that was copied cannot be removed")
      }
      throw error
    }
  }

  private static func copyPages(
    of source: SQLiteHandle, to target: String,
    progress: (_ copied: Int, _ total: Int) throws(DatabaseError) -> Void
  ) throws(DatabaseError) {
    let copy = try open(target, mode: .writer)
    // A copy that fails is removed, and one that does not is synced at the end.
    var code = sqlite3_exec(
      copy.pointer, "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF", nil, nil, nil)
    guard code == SQLITE_OK else { throw copy.error(code, sql: "PRAGMA journal_mode") }
    guard let backup = sqlite3_backup_init(copy.pointer, "main", source.pointer, "main") else {
      throw copy.error(sqlite3_extended_errcode(copy.pointer), sql: "")
    }
    do throws(DatabaseError) {
      repeat {
        code = sqlite3_backup_step(backup, Limit.pagesPerStep)
        let total = Int(sqlite3_backup_pagecount(backup))
        try progress(total - Int(sqlite3_backup_remaining(backup)), total)
      } while code == SQLITE_OK
    } catch {
      // What it says is that the copy is not complete.
      sqlite3_backup_finish(backup)
      throw error
    }
    // It repeats the error of the last step.
    sqlite3_backup_finish(backup)
    guard code == SQLITE_DONE else { throw copy.error(code, sql: "") }
    try copy.close()
  }

  /// Syncs a file and its name.
  private static func makeDurable(_ descriptor: Int32, _ path: String) throws(DatabaseError) {
    guard fsync(descriptor) == 0 else {
      throw .storage(target: path, reason: "fsync: \(String(cString: strerror(errno)))")
    }
    let end = path.lastIndex(of: "/")
    let folder = end.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    let directory = Glibc.open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard directory >= 0 else { throw .storage(target: folder, reason: String(cString: strerror(errno))) }
    defer { Glibc.close(directory) }
    guard fsync(directory) == 0 else {
      throw .storage(target: folder, reason: "fsync: \(String(cString: strerror(errno)))")
    }
  }
}
