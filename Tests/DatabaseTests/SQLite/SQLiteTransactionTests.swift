// What a transaction sees, keeps and loses, beside others and on a full disk.

import Glibc
import Peers
import Runtime
import Testing

@testable import Database

@Suite("Transactions of SQLite") struct SQLiteTransactionTests {
  @Test("commit keeps, rollback keeps nothing, and a rollback without a transaction is none")
  func outcomes() throws {
    let writer = try SQLiteFixture().writer(withItems: 1)
    try writer.begin(.write)
    #expect(try writer.isInTransaction)
    try writer.statement("INSERT INTO items VALUES (?1, ?2)").execute(1, "kept")
    try writer.commit()
    #expect(try !writer.isInTransaction)
    try writer.begin(.write)
    try writer.statement("INSERT INTO items VALUES (?1, ?2)").execute(2, "lost")
    try writer.rollback()
    try writer.rollback()
    #expect(try writer.rows("SELECT id FROM items ORDER BY id") == [[.integer(0)], [.integer(1)]])
    #expect(errorName { try writer.commit() } == "statement")
  }

  @Test("a transaction in a transaction is refused, and the first goes on")
  func nesting() throws {
    let writer = try SQLiteFixture().writer(withItems: 1)
    try writer.begin(.write)
    #expect(errorName { try writer.begin(.write) } == "statement")
    #expect(errorName { try writer.begin(.read) } == "statement")
    #expect(errorName { try writer.checkpoint(.passive) } == "statement")
    try writer.statement("DELETE FROM items").execute()
    try writer.commit()
    #expect(try writer.count("items") == 0)
  }

  @Test("a read transaction sees the file as it was when it began, even before it reads")
  func snapshot() throws {
    let fixture = try SQLiteFixture()
    let writer = try fixture.writer(withItems: 5)
    let reader = try fixture.reader()
    try reader.begin(.read)
    try writer.run(script: "DELETE FROM items")
    #expect(try reader.count("items") == 5)
    try reader.commit()
    #expect(try reader.count("items") == 0)
  }

  @Test("a refused statement leaves the transaction open, and what it did before")
  func constraint() throws {
    let writer = try SQLiteFixture().writer(withItems: 1)
    try writer.begin(.write)
    try writer.statement("INSERT INTO items VALUES (?1, ?2)").execute(1, "kept")
    #expect(
      errorName { try writer.statement("INSERT INTO items VALUES (?1, ?2)").execute(0, "again") }
        == "constraint")
    #expect(try writer.isInTransaction)
    try writer.commit()
    #expect(try writer.count("items") == 2)
  }

  @Test("a commit that a deferred foreign key refuses keeps nothing")
  func refusedCommit() throws {
    let writer = try SQLiteFixture().writer()
    try writer.run(
      script: """
        CREATE TABLE parents (id INTEGER PRIMARY KEY) STRICT;
        CREATE TABLE children (
          parent INTEGER REFERENCES parents DEFERRABLE INITIALLY DEFERRED) STRICT;
        """)
    try writer.begin(.write)
    try writer.statement("INSERT INTO children VALUES (7)").execute()
    #expect(errorName { try writer.commit() } == "constraint")
    #expect(try !writer.isInTransaction)
    #expect(try writer.count("children") == 0)
  }

  @Test("a second writer waits, then is told that the file is busy, and has done nothing")
  func busy() throws {
    let fixture = try SQLiteFixture()
    let first = try fixture.writer(withItems: 1)
    let second = try fixture.writer { $0.busyTimeout = .milliseconds(20) }
    try first.begin(.write)
    try first.statement("INSERT INTO items VALUES (1, 'first')").execute()
    #expect(errorName { try second.begin(.write) } == "busy")
    #expect(errorName { try second.run(script: "INSERT INTO items VALUES (2, 'second')") } == "busy")
    #expect(try !second.isInTransaction)
    try first.commit()
    try second.begin(.write)
    try second.statement("INSERT INTO items VALUES (2, 'second')").execute()
    try second.commit()
    #expect(try first.count("items") == 3)
  }

  @Test("writing on from rows that have changed since is a conflict")
  func conflict() throws {
    let fixture = try SQLiteFixture()
    let first = try fixture.writer(withItems: 1)
    let second = try fixture.writer()
    try second.begin(.read)
    try first.run(script: "INSERT INTO items VALUES (1, 'first')")
    #expect(
      errorName { try second.statement("INSERT INTO items VALUES (1, 'second')").execute() } == "conflict")
    try second.rollback()
    #expect(try second.rows("SELECT name FROM items WHERE id = 1") == [[.text("first")]])
  }

  @Test("a connection that is let go in a transaction keeps nothing of it")
  func letGo() throws {
    let fixture = try SQLiteFixture()
    do {
      let writer = try fixture.writer(withItems: 1)
      try writer.begin(.write)
      try writer.statement("DELETE FROM items").execute()
    }
    #expect(try fixture.writer().count("items") == 1)
  }

  @Test("a file at its size limit fails the statement; with room again, the connection goes on")
  func sizeLimit() throws {
    let writer = try SQLiteFixture().writer(withItems: 1)
    try writer.run(script: "PRAGMA max_page_count = 20")
    try checkFullness(of: writer)
    try writer.run(script: "PRAGMA max_page_count = 10000")
    try checkRoom(in: writer)
  }

  @Test(
    "a full disk fails the statement; with room again, the connection goes on",
    .enabled(if: SmallDisk.isPossible, "needs root and the right to mount"))
  func fullDisk() throws {
    try SmallDisk.withMounted(bytes: 1 << 20) { folder in
      let path = "\(folder)/model.sqlite"
      let writer = try SQLiteConnection(path: path, mode: .writer)
      try writer.run(
        script: """
          CREATE TABLE items (id INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT;
          INSERT INTO items VALUES (0, 'before');
          """)
      let ballast = open("\(folder)/ballast", O_WRONLY | O_CREAT, 0o600)
      #expect(posix_fallocate(ballast, 0, 600 << 10) == 0)
      close(ballast)
      try checkFullness(of: writer)
      #expect(unlink("\(folder)/ballast") == 0)
      try checkRoom(in: writer)
      try writer.check(.full)
      try writer.close()
    }
  }

  @Test("after SQLite ended a transaction by itself, nothing runs outside of it, and commit tells why")
  func abortion() throws {
    let writer = try SQLiteFixture().writer(withItems: 1)
    try writer.run(script: "PRAGMA max_page_count = 20")
    for end in [writer.rollback, writer.commit] {
      try writer.begin(.write)
      #expect(
        errorName {
          try writer.statement("INSERT INTO items VALUES (1, ?1)").execute(
            String(repeating: "x", count: 100_000))
        } == "storage")
      #expect(try writer.isInTransaction)
      #expect(
        errorName { try writer.statement("INSERT INTO items VALUES (2, 'alone')").execute() } == "storage")
      #expect(errorName { try writer.run(script: "INSERT INTO items VALUES (2, 'alone')") } == "storage")
      #expect(errorName { _ = try writer.rows("SELECT * FROM items") } == "storage")
      let outcome = errorName { try end() }
      #expect(outcome == nil || outcome == "storage")
      #expect(try writer.count("items") == 1)
    }
  }

  /// Writes until there is no room; then nothing of the transaction is kept.
  private func checkFullness(of writer: SQLiteConnection) throws {
    let text = String(repeating: "x", count: 3000)
    try writer.begin(.write)
    var (id, kept) = (0, 1)
    var outcome: String?
    while outcome == nil && id < 1000 {
      id += 1
      outcome = errorName { try writer.statement("INSERT INTO items VALUES (?1, ?2)").execute(id, text) }
      // What is only in memory yet has to meet the disk.
      guard outcome == nil && id % 64 == 0 else { continue }
      outcome = errorName { try writer.commit() }
      try writer.begin(.write)
      if outcome == nil { kept = id + 1 }
    }
    #expect(outcome == "storage")
    try writer.rollback()
    #expect(try !writer.isInTransaction)
    #expect(try writer.count("items") == kept)
  }

  private func checkRoom(in writer: SQLiteConnection) throws {
    try writer.begin(.write)
    try writer.statement("INSERT INTO items VALUES (?1, ?2)").execute(5000, "after")
    try writer.commit()
    #expect(try writer.rows("SELECT name FROM items WHERE id = 5000") == [[.text("after")]])
    try writer.check(.full)
  }
}
