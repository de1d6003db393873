// Checkpoints, sizes and copies.

import Foundation
import Peers
import Testing

@testable import Database

@Suite("The care of a SQLite file") struct SQLiteUpkeepTests {
  @Test("a passive checkpoint copies what no reader needs, a truncating one everything, and cuts the log")
  func checkpoints() throws {
    let fixture = try SQLiteFixture()
    let writer = try fixture.writer { $0.busyTimeout = .zero }
    try writer.run(script: "CREATE TABLE items (id INTEGER PRIMARY KEY) STRICT")
    let reader = try fixture.reader()
    try reader.begin(.read)
    try writer.run(script: "INSERT INTO items VALUES (1)")
    let held = try writer.checkpoint(.passive)
    #expect(held.journalPages > 0 && held.copiedPages < held.journalPages)
    #expect(errorName { try writer.checkpoint(.truncate) } == "busy")
    #expect(try writer.sizes().journalBytes > 0)
    try reader.commit()
    let free = try writer.checkpoint(.passive)
    #expect(free.copiedPages == free.journalPages)
    try writer.checkpoint(.truncate)
    #expect(try writer.sizes().journalBytes == 0)
    #expect(try reader.count("items") == 1)
  }

  @Test("sizes tell of pages that hold nothing any more")
  func sizes() throws {
    let writer = try SQLiteFixture().writer(withItems: 2000)
    let full = try writer.sizes()
    #expect(full.pageBytes == 4096 && full.pageCount > 5 && full.freePages == 0)
    try writer.run(script: "DELETE FROM items")
    let empty = try writer.sizes()
    #expect(empty.pageCount == full.pageCount && empty.freePages > 0)
  }

  @Test("optimize takes statistics for the planner")
  func optimize() throws {
    let writer = try SQLiteFixture().writer(withItems: 2000)
    try writer.run(script: "CREATE INDEX names ON items (name); ANALYZE; DELETE FROM items WHERE id > 10")
    _ = try writer.rows("SELECT id FROM items WHERE name = 'item 5'")
    try writer.optimize()
    try writer.check(.full)
  }

  @Test("a copy has the rows of one moment, though somebody writes meanwhile")
  func copy() throws {
    let fixture = try SQLiteFixture()
    let writer = try fixture.writer()
    try writer.run(
      script: """
        CREATE TABLE items (id INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT;
        WITH ids (id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM ids WHERE id < 2500)
        INSERT INTO items SELECT id, zeroblob(4000) FROM ids;
        """)
    let reader = try fixture.reader()
    let target = fixture.folder.path("copy.sqlite")
    var reports: [Int] = []
    var total = 0
    try reader.copy(to: target) { copied, all throws(DatabaseError) in
      reports.append(copied)
      total = all
      try writer.run(script: "DELETE FROM items WHERE id % 5 = \(reports.count)")
    }
    #expect(reports.count > 2 && reports == reports.sorted() && reports.last == total)
    #expect(try writer.count("items") < 2500)
    let copy = try SQLiteConnection(path: target, mode: .writer)
    try copy.check(.full)
    #expect(try copy.count("items") == 2500)
    #expect(try copy.integer("PRAGMA application_id") == Int64(SQLiteConnection.applicationID))
    let attributes = try FileManager.default.attributesOfItem(atPath: target)
    #expect((attributes[.posixPermissions] as? Int).map { $0 & 0o137 } == 0)
    #expect(try !reader.isInTransaction)
  }

  @Test("a copy that is given up, or cannot be, leaves nothing behind")
  func failedCopies() throws {
    let fixture = try SQLiteFixture()
    _ = try fixture.writer(withItems: 10)
    let reader = try fixture.reader()
    let target = fixture.folder.path("copy.sqlite")
    let given = errorName {
      try reader.copy(to: target) { _, _ throws(DatabaseError) in throw .cancelled }
    }
    #expect(given == "cancelled")
    #expect(!FileManager.default.fileExists(atPath: target))
    #expect(errorName { try reader.copy(to: fixture.folder.path("no/copy")) } == "cannotOpen")
    // A file that is there is nobody's to overwrite.
    let before = try Data(contentsOf: URL(fileURLWithPath: fixture.path))
    #expect(errorName { try reader.copy(to: fixture.path) } == "cannotOpen")
    #expect(try Data(contentsOf: URL(fileURLWithPath: fixture.path)) == before)
    #expect(try reader.count("items") == 10)
  }

  @Test(
    "a copy to a full disk fails, and leaves nothing there",
    .enabled(if: SmallDisk.isPossible, "needs root and the right to mount"))
  func copyToFullDisk() throws {
    let fixture = try SQLiteFixture()
    _ = try fixture.writer(withItems: 20_000)
    let reader = try fixture.reader()
    try SmallDisk.withMounted(bytes: 128 << 10) { folder in
      #expect(errorName { try reader.copy(to: "\(folder)/copy.sqlite") } == "storage")
      let left = try FileManager.default.contentsOfDirectory(atPath: folder)
      #expect(left.isEmpty)
    }
    try reader.copy(to: fixture.folder.path("copy.sqlite"))
  }
}
