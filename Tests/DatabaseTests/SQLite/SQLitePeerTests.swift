// Our files in another program, and another program's in ours.

import Bytes
import Foundation
import Peers
import Testing

@testable import Database

@Suite("SQLite files of other programs") struct SQLitePeerTests {
  @Test("Python reads the rows that we wrote")
  func written() throws {
    let fixture = try SQLiteFixture()
    let writer = try fixture.writer()
    try writer.run(script: "CREATE TABLE t (a INTEGER, b REAL, c TEXT, d BLOB, e TEXT) STRICT")
    let row: [SQLValue] = [
      .integer(.min), .real(0.1), .text("žluť 🐕"), .bytes(ByteBuffer([0, 1, 255])), .null,
    ]
    try writer.statement("INSERT INTO t VALUES (?1, ?2, ?3, ?4, ?5)").execute(row)
    // The writer is open: the row is in the write-ahead log only.
    let said = try ForeignProgram.python(
      """
      import sqlite3, sys
      print(sqlite3.connect(sys.argv[1]).execute("SELECT * FROM t").fetchall())
      """, [fixture.path], input: "")
    #expect(said == "[(-9223372036854775808, 0.1, 'žluť 🐕', b'\\x00\\x01\\xff', None)]\n")
  }

  @Test("we read the rows that Python wrote, and make the file ours")
  func read() throws {
    let fixture = try SQLiteFixture()
    _ = try ForeignProgram.python(
      """
      import sqlite3, sys
      file = sqlite3.connect(sys.argv[1])
      file.execute("CREATE TABLE t (a, b, c, d, e)")
      file.execute("INSERT INTO t VALUES (?, ?, ?, ?, ?)", (2**63 - 1, -2.5, "žluť", b"\\x00\\xff", None))
      file.commit()
      """, [fixture.path], input: "")
    let writer = try fixture.writer()
    try writer.check(.full)
    #expect(
      try writer.rows("SELECT * FROM t") == [
        [.integer(.max), .real(-2.5), .text("žluť"), .bytes(ByteBuffer([0, 255])), .null]
      ])
    #expect(try writer.integer("PRAGMA application_id") == Int64(SQLiteConnection.applicationID))
  }

  @Test("another process that writes makes us wait, and then say busy; when it is done, we write")
  func otherWriter() throws {
    let fixture = try SQLiteFixture()
    let writer = try fixture.writer { $0.busyTimeout = .milliseconds(10) }
    try writer.run(script: "CREATE TABLE t (a INTEGER) STRICT")
    let peer = Process()
    let (toPeer, fromPeer) = (Pipe(), Pipe())
    peer.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    peer.arguments = [
      "python3", "-c",
      """
      import sqlite3, sys
      file = sqlite3.connect(sys.argv[1], isolation_level=None)
      file.execute("BEGIN IMMEDIATE")
      file.execute("INSERT INTO t VALUES (1)")
      print("writing", flush=True)
      sys.stdin.readline()
      file.execute("COMMIT")
      """, fixture.path,
    ]
    (peer.standardInput, peer.standardOutput) = (toPeer, fromPeer)
    try peer.run()
    var said = Data()
    while !said.contains(UInt8(ascii: "\n")) {
      let more = fromPeer.fileHandleForReading.available()
      try #require(!more.isEmpty, "the peer ended")
      said += more
    }
    #expect(errorName { try writer.begin(.write) } == "busy")
    // Reading waits for nobody.
    #expect(try writer.count("t") == 0)
    try toPeer.fileHandleForWriting.write(contentsOf: Data("go\n".utf8))
    peer.waitUntilExit()
    #expect(peer.terminationStatus == 0)
    try writer.begin(.write)
    try writer.statement("INSERT INTO t VALUES (2)").execute()
    try writer.commit()
    #expect(try writer.count("t") == 2)
  }
}
