// Which files are opened, and how; which are refused.

import Foundation
import Peers
import Testing

@testable import Database

@Suite("Opening a SQLite file") struct SQLiteOpeningTests {
  @Test("a writer makes the file, for its owner and group only, and marks it")
  func creation() throws {
    let fixture = try SQLiteFixture()
    let writer = try fixture.writer()
    #expect(try writer.integer("PRAGMA application_id") == 0x5661_7276)
    let attributes = try FileManager.default.attributesOfItem(atPath: fixture.path)
    #expect((attributes[.posixPermissions] as? Int).map { $0 & 0o137 } == 0)
    try writer.close()
    #expect(try fixture.writer().integer("PRAGMA application_id") == 0x5661_7276)
  }

  @Test(
    "a writer has the settings of the house",
    arguments: [
      ("synchronous", 1), ("foreign_keys", 1), ("wal_autocheckpoint", 4000), ("trusted_schema", 0),
      ("temp_store", 2), ("cache_size", -32 << 10), ("journal_size_limit", 64 << 20), ("busy_timeout", 5000),
    ] as [(String, Int64)])
  func settings(pragma: String, value: Int64) throws {
    let fixture = try SQLiteFixture()
    #expect(try fixture.writer().integer("PRAGMA \(pragma)") == value)
  }

  @Test("a writer uses the write-ahead log, and an in-memory database, which cannot, is refused")
  func journal() throws {
    let fixture = try SQLiteFixture()
    let writer = try fixture.writer()
    #expect(try writer.rows("PRAGMA journal_mode") == [[.text("wal")]])
    #expect(errorName { _ = try SQLiteConnection(path: ":memory:", mode: .reader).begin(.write) } != nil)
  }

  @Test("names in double quotes are never texts, and SQLite's own tables are not written")
  func strictness() throws {
    let writer = try SQLiteFixture().writer()
    #expect(errorName { _ = try writer.rows("SELECT \"no such column\"") } == "statement")
    #expect(errorName { try writer.run(script: "DELETE FROM sqlite_schema") } == "statement")
  }

  @Test("a reader changes nothing")
  func reader() throws {
    let fixture = try SQLiteFixture()
    let writer = try fixture.writer(withItems: 3)
    let reader = try fixture.reader()
    #expect(try reader.count("items") == 3)
    #expect(errorName { try reader.run(script: "DELETE FROM items") } == "storage")
    #expect(errorName { try reader.begin(.write) } != nil)
    #expect(try writer.count("items") == 3)
  }

  @Test("a reader does not make a file")
  func noFile() throws {
    let fixture = try SQLiteFixture()
    #expect(errorName { _ = try fixture.reader() } == "cannotOpen")
    #expect(!FileManager.default.fileExists(atPath: fixture.path))
  }

  @Test("a folder, and a file in a folder that is not there, cannot be opened")
  func noPath() throws {
    let fixture = try SQLiteFixture()
    for path in [fixture.folder.path, fixture.folder.path("no/model.sqlite")] {
      #expect(errorName { _ = try SQLiteConnection(path: path, mode: .writer) } == "cannotOpen", "\(path)")
    }
  }

  @Test("another program's file is refused and left as it is")
  func foreignApplication() throws {
    let fixture = try SQLiteFixture()
    _ = try ForeignProgram.run(
      "sqlite3", [fixture.path, "PRAGMA application_id = 7; CREATE TABLE theirs (a);"])
    let before = try Data(contentsOf: URL(fileURLWithPath: fixture.path))
    for mode in [SQLiteConnection.Mode.writer, .reader] {
      #expect(errorName { _ = try SQLiteConnection(path: fixture.path, mode: mode) } == "cannotOpen")
    }
    #expect(try Data(contentsOf: URL(fileURLWithPath: fixture.path)) == before)
  }

  /// Files that are no databases, or were.
  enum Damage: String, CaseIterable {
    case garbage, shortGarbage, tornHeader, wrongPageSize, lostTail, blankedPages, scribbledPages
  }

  @Test("a damaged file is refused or found out, and nothing crashes", arguments: Damage.allCases)
  func damage(_ damage: Damage) throws {
    let fixture = try SQLiteFixture()
    try fixture.writer(withItems: 5000).close()
    let url = URL(fileURLWithPath: fixture.path)
    var bytes = try Data(contentsOf: url)
    #expect(bytes.count > 20 * 4096)
    switch damage {
    case .garbage: bytes = Data((0..<8192).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ 7) })
    case .shortGarbage: bytes = Data("not a database".utf8)
    case .tornHeader: bytes.replaceSubrange(0..<50, with: Data(count: 50))
    case .wrongPageSize: bytes.replaceSubrange(16..<18, with: [0x03, 0x33])
    case .lostTail: bytes = bytes.prefix(bytes.count / 2)
    case .blankedPages: bytes.replaceSubrange(4096 * 3..<4096 * 6, with: Data(count: 4096 * 3))
    case .scribbledPages:
      for place in stride(from: 4096, to: bytes.count, by: 37) { bytes[place] ^= 0xa5 }
    }
    try bytes.write(to: url)
    let outcome = errorName {
      let writer = try fixture.writer()
      try writer.check(.quick)
    }
    #expect(outcome == "damaged")
  }

  @Test("an index that lacks a row, and a row that lacks its parent, are found by the full check")
  func fullCheck() throws {
    let fixture = try SQLiteFixture()
    let writer = try fixture.writer()
    try writer.run(
      script: """
        CREATE TABLE parents (id INTEGER PRIMARY KEY) STRICT;
        CREATE TABLE children (id INTEGER PRIMARY KEY, parent INTEGER REFERENCES parents) STRICT;
        """)
    try writer.check(.full)
    try writer.run(script: "PRAGMA foreign_keys = OFF; INSERT INTO children VALUES (1, 5)")
    try writer.check(.quick)
    do {
      try writer.check(.full)
      Issue.record("the missing parent was not found")
    } catch {
      #expect(
        error == .damaged(target: fixture.path, findings: ["row 1 of children has no row in parents"]))
    }
  }
}
