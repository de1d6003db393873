// The care of a file: whether it is sound, how big it is, and when its write-ahead log is copied into it.

import CSQLite
import Glibc

extension SQLiteConnection {
  /// How thoroughly a file is checked.
  enum CheckDepth: Sendable {
    /// Every page and every row is well-formed.
    case quick
    /// And every index agrees with its table, and every foreign key has its row.
    case full
  }

  /// The sizes of a file, for metrics.
  struct Sizes: Hashable, Sendable {
    /// The bytes of a page.
    var pageBytes: Int
    /// The pages in the file.
    var pageCount: Int
    /// Pages that hold nothing, for what is written next.
    var freePages: Int
    /// The bytes of the write-ahead log's file, read or not.
    var journalBytes: Int
  }

  /// How much of the write-ahead log a checkpoint copies.
  enum CheckpointReach: Sendable {
    /// What can be copied without waiting for anybody.
    case passive
    /// Everything, waiting for readers; then the log's file is cut to nothing.
    case truncate
  }

  /// What a checkpoint found and did.
  struct Checkpoint: Hashable, Sendable {
    /// Pages in the write-ahead log.
    var journalPages: Int
    /// Those of them that are in the file now.
    var copiedPages: Int
  }

  private enum Limit {
    /// Findings that an integrity check reports.
    static let findings = 10
  }

  /// Reads the whole file, and throws `.damaged` with the first findings if it is not sound.
  func check(_ depth: CheckDepth) throws(DatabaseError) {
    var findings: [String] = []
    let pragma = depth == .quick ? "quick_check" : "integrity_check"
    try statement(dynamic: "PRAGMA \(pragma)(\(Limit.findings))").query([]) { row throws(DatabaseError) in
      guard case .text(let finding) = try row.value(at: 0), finding != "ok" else { return }
      findings.append(finding)
    }
    if depth == .full && findings.isEmpty {
      try statement("SELECT \"table\", rowid, parent FROM pragma_foreign_key_check LIMIT 10").query([]) {
        row throws(DatabaseError) in
        guard case .text(let table) = try row.value(at: 0), case .text(let parent) = try row.value(at: 2)
        else {
          return
        }
        if case .integer(let id) = try row.value(at: 1) {
          findings.append("row \(id) of \(table) has no row in \(parent)")
        } else {
          findings.append("a row of \(table) has no row in \(parent)")
        }
      }
    }
    guard findings.isEmpty else {
      throw .damaged(target: path, findings: Array(findings.prefix(Limit.findings)))
    }
  }

  /// Copies pages of the write-ahead log into the file.
  @discardableResult
  func checkpoint(_ reach: CheckpointReach) throws(DatabaseError) -> Checkpoint {
    let handle = try handle
    guard try !isInTransaction else {
      throw .statement(sql: "PRAGMA wal_checkpoint", reason: "a transaction is open")
    }
    let mode = reach == .passive ? SQLITE_CHECKPOINT_PASSIVE : SQLITE_CHECKPOINT_TRUNCATE
    var (journal, copied) = (Int32(0), Int32(0))
    let code = sqlite3_wal_checkpoint_v2(handle.pointer, nil, mode, &journal, &copied)
    guard code == SQLITE_OK else { throw handle.error(code, sql: "PRAGMA wal_checkpoint") }
    return Checkpoint(journalPages: Int(max(journal, 0)), copiedPages: Int(max(copied, 0)))
  }

  /// Looks which tables have changed so much that the planner needs new statistics, and takes them.
  func optimize() throws(DatabaseError) { try statement("PRAGMA optimize").execute() }

  /// How big the file is.
  func sizes() throws(DatabaseError) -> Sizes {
    var status = stat()
    let journalBytes: Int
    if stat("\(path)-wal", &status) == 0 {
      journalBytes = Int(status.st_size)
    } else if errno == ENOENT {
      journalBytes = 0
    } else {
      throw .storage(target: "\(path)-wal", reason: String(cString: strerror(errno)))
    }
    return Sizes(
      pageBytes: Int(try integer("PRAGMA page_size")), pageCount: Int(try integer("PRAGMA page_count")),
      freePages: Int(try integer("PRAGMA freelist_count")), journalBytes: journalBytes)
  }
}
