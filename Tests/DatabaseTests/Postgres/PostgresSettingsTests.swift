// What a connection string means, and that no password comes out of it.

import Bytes
import Testing

@testable import Database

@Suite("PostgreSQL settings") struct PostgresSettingsTests {
  @Test(
    "names the server and its database, and no password",
    arguments: [
      ("postgres://u:secret@h:1234/d?sslmode=require", "postgres://u@h:1234/d"),
      ("postgresql://u:secret@h1:1,h2:2/d", "postgres://u@h1:1,h2:2/d"),
      ("host=h port=7 user=u password=secret dbname=d", "postgres://u@h:7/d"),
      ("host=h user=u password=secret port=5432", "postgres://u@h:5432/u"),
      ("hostaddr=127.0.0.1 port=1 user=u password=secret", "postgres://u@127.0.0.1:1/u"),
      ("postgres:///d?host=/run/pg&user=u&port=5&password=secret", "postgres://u@/run/pg:5/d"),
      ("postgres://u:secret@[::1]:5/d", "postgres://u@::1:5/d"),
      ("host=h user=u port=1 dbname='postgres://x:secret@y/z'", "postgres://u@h:1/"),
    ])
  func target(_ text: String, _ target: String) throws {
    #expect(try PostgresSettings(text).target == target)
  }

  @Test(
    "refuses what libpq cannot read, without repeating it",
    arguments: [
      "postgres://u:se%zzcret@h/d", "postgres://u:secret@h/d?nonsense=secret", "host=h password='secret",
      "password secret", "postgres://u:secret@[::1/d", "postgres://u:secret@h/d?sslmode",
      "host=h\0password=secret",
    ])
  func refusals(_ text: String) {
    #expect(throws: DatabaseError.self) { try PostgresSettings(text) }
    do {
      _ = try PostgresSettings(text)
    } catch {
      #expect(!"\(error)".contains("cret"), "\(error)")
      guard case .cannotOpen("the connection string", _) = error else {
        Issue.record("\(error)")
        return
      }
    }
  }

  @Test func whatTheStringSaysCountsButForTheEncoding() throws {
    let settings = try PostgresSettings(
      "postgres://u@h/d?application_name=mine&client_encoding=LATIN1&keepalives_idle=7&connect_timeout=1")
    let place = PostgresHandle.Place(host: "h", hostaddr: "::1", port: "")
    let parameters = Dictionary(uniqueKeysWithValues: settings.connectionParameters(at: place))
    #expect(parameters["application_name"] == "mine" && parameters["keepalives_idle"] == "7")
    #expect(parameters["client_encoding"] == "UTF8" && parameters["gssencmode"] == "disable")
    #expect(parameters["hostaddr"] == "::1" && parameters["port"] == nil)
    #expect(parameters["tcp_user_timeout"] == "20000")
  }

  @Test(
    "rounds times up to what the server takes",
    arguments: [
      (Duration.zero, 0), (.seconds(-1), 0), (.nanoseconds(1), 1), (.milliseconds(1500), 1500),
      (.microseconds(1500_001), 1501), (.seconds(Int64.max), 2_147_483_647),
    ] as [(Duration, UInt64)])
  func times(_ duration: Duration, _ milliseconds: UInt64) {
    #expect(duration.wholeMilliseconds == milliseconds)
  }
}

@Suite("What PostgreSQL's errors mean") struct PostgresFailureTests {
  @Test(
    "an SQLSTATE decides",
    arguments: [
      ("40001", .conflict(reason: "r")), ("40P01", .conflict(reason: "r")),
      ("23505", .constraint(sql: "q", reason: "r")), ("23P01", .constraint(sql: "q", reason: "r")),
      ("53100", .storage(target: "t", reason: "r")), ("58030", .storage(target: "t", reason: "r")),
      ("57P01", .disconnected(target: "t", reason: "r")), ("57P02", .disconnected(target: "t", reason: "r")),
      ("57P03", .disconnected(target: "t", reason: "r")), ("08006", .disconnected(target: "t", reason: "r")),
      ("25P03", .disconnected(target: "t", reason: "r")), ("", .disconnected(target: "t", reason: "r")),
      ("08P01", .statement(sql: "q", reason: "r")), ("55P03", .busy(target: "t")),
      ("53300", .overloaded(target: "t", reason: "r")), ("XX001", .damaged(target: "t", findings: ["r"])),
      ("53200", .overloaded(target: "t", reason: "r")), ("53400", .overloaded(target: "t", reason: "r")),
      ("25006", .storage(target: "t", reason: "r")), ("58P01", .storage(target: "t", reason: "r")),
      ("42601", .statement(sql: "q", reason: "r")), ("57014", .overloaded(target: "t", reason: "r")),
      ("0A000", .statement(sql: "q", reason: "r")), ("22021", .statement(sql: "q", reason: "r")),
    ] as [(String, DatabaseError)])
  func states(_ state: String, _ error: DatabaseError) {
    #expect(PostgresFailure.from(state: state, reason: "r", sql: "q", target: "t") == error)
  }

  @Test("a server that takes no writes is told from a statement that it does not know")
  func standby() {
    let begin = PostgresFailure.from(
      state: "0A000", reason: "r", sql: "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE", target: "t")
    #expect(begin == .storage(target: "t", reason: "r") && !begin.isFaultOfRequest)
  }

  @Test func aStatementIsShownInOneShortLine() {
    #expect(PostgresFailure.excerpt("  SELECT\n\t 1,\r\n 2  ") == "SELECT 1, 2")
    let long = PostgresFailure.excerpt(String(repeating: "žluť ", count: 100))
    #expect(long.utf8.count <= PostgresFailure.excerptBytesMaximum + 3 && long.hasSuffix("…"))
    #expect(PostgresFailure.excerpt("") == "")
  }

  @Test(
    "a refused connection tells its state",
    arguments: [
      (
        #"connection to server at "h" (1.2.3.4), port 5 failed: FATAL:  28P01: password authentication failed; "#
          + "LOCATION:  auth_failed, auth.c:338",
        "28P01", "password authentication failed"
      ),
      ("FATAL:  53300: sorry, too many clients already", "53300", "sorry, too many clients already"),
      ("connection refused", "", "connection refused"), ("FATAL:  short", "", "FATAL:  short"), ("", "", ""),
      (":  12", "", ":  12"),
    ])
  func refusals(_ text: String, _ state: String, _ reason: String) {
    let found = PostgresFailure.refusal(text)
    #expect(found.state == state && found.reason == reason)
  }
}

@Suite("Prepared statements of PostgreSQL") struct PostgresStatementsTests {
  private static func key(_ text: String) -> PostgresStatements.Key { .init(.dynamic(text)) }

  @Test func theOneUsedLongestAgoGoes() {
    var statements = PostgresStatements(countMaximum: 2)
    let names = ["a", "b"].map { statements.add(Self.key($0), for: []).name }
    for name in names { statements.confirm(name) }
    #expect(statements.name(of: Self.key("a"), for: []) == names[0])
    let third = statements.add(Self.key("c"), for: []).name
    #expect(statements.name(of: Self.key("b"), for: []) == nil && statements.count == 2)
    #expect(statements.takeLeaving() == names[1] && statements.takeLeaving() == nil)
    // What the server did not prepare is not there, and is not asked to go.
    statements.forget(third)
    #expect(statements.name(of: Self.key("c"), for: []) == nil && statements.takeLeaving() == nil)
    // A removal that failed is tried again.
    statements.stays(names[1])
    #expect(statements.takeLeaving() == names[1])
  }

  @Test func nothingThatMayNotExistIsAskedToGo() {
    var statements = PostgresStatements(countMaximum: 1)
    let first = statements.add(Self.key("a"), for: []).name
    let second = statements.add(Self.key("b"), for: []).name
    #expect(statements.count == 2 && statements.takeLeaving() == nil)
    // Prepared again with other parameters before the server has answered: it goes once it is known to be there.
    let third = statements.add(Self.key("a"), for: [.integer(1)]).name
    #expect(statements.takeLeaving() == nil)
    statements.confirm(first)
    #expect(statements.takeLeaving() == first)
    for name in [second, third] { statements.confirm(name) }
    statements.discardAll()
    #expect(
      Set([statements.takeLeaving(), statements.takeLeaving()]) == [second, third] && statements.count == 0)
  }

  @Test func typesOfParametersAreKept() {
    var statements = PostgresStatements(countMaximum: 4)
    let first = statements.add(Self.key("a"), for: [.integer(1), .null])
    #expect(statements.name(of: Self.key("a"), for: [.null, .null]) == first.name)
    #expect(statements.name(of: Self.key("a"), for: [.null, .text("x")]) == nil)
    let second = statements.add(Self.key("a"), for: [.null, .text("x")])
    #expect(second.types == [PostgresType.int8, PostgresType.text] && second.name != first.name)
    #expect(statements.name(of: Self.key("a"), for: [.integer(5), .null]) == second.name)
    #expect(statements.name(of: Self.key("a"), for: [.integer(5)]) == nil)
    #expect(PostgresStatements.Key(.literal("a")) != Self.key("a"))
  }
}

@Suite("Values in PostgreSQL's binary form") struct PostgresValueTests {
  @Test(
    "a value of the wrong length or of an unknown type is none",
    arguments: [
      (PostgresType.int8, 7), (PostgresType.int8, 9), (PostgresType.int8, 0), (PostgresType.int4, 8),
      (PostgresType.int2, 1), (PostgresType.bool, 0), (PostgresType.bool, 2), (PostgresType.float8, 4),
      (PostgresType.float4, 8), (1700, 8), (0, 0), (UInt32.max, 1),
    ])
  func malformed(_ type: UInt32, _ count: Int) {
    [UInt8](repeating: 1, count: count).withUnsafeBytes { #expect(SQLValue(postgres: type, $0) == nil) }
  }

  @Test(
    "bytes are read from any place, most significant first",
    arguments: [
      (PostgresType.int8, [0xff, 0, 0, 0, 0, 0, 0, 2], .integer(-0xff_ffff_ffff_fffe)),
      (PostgresType.int4, [0x80, 0, 0, 1], .integer(-0x7fff_ffff)),
      (PostgresType.int2, [0xff, 0xfe], .integer(-2)),
      (PostgresType.bool, [2], .integer(1)),
      (PostgresType.float8, [0xbf, 0xf0, 0, 0, 0, 0, 0, 0], .real(-1)),
      (PostgresType.float4, [0x3f, 0, 0, 0], .real(0.5)), (PostgresType.text, [0xc5, 0xbe], .text("ž")),
      (PostgresType.text, [], .text("")), (PostgresType.bytea, [0], .bytes([0])),
      (PostgresType.void, [], .null),
    ] as [(UInt32, [UInt8], Expected)])
  func values(_ type: UInt32, _ bytes: [UInt8], _ expected: Expected) {
    for shift in 0..<8 {
      let moved = [UInt8](repeating: 0xee, count: shift) + bytes
      moved.withUnsafeBytes {
        let value = SQLValue(postgres: type, UnsafeRawBufferPointer(rebasing: $0[shift...]))
        #expect(value == expected.value)
      }
    }
  }

  /// A value that can be an argument of a test.
  enum Expected: Sendable {
    case null, integer(Int64), real(Double), text(String), bytes([UInt8])

    var value: SQLValue {
      switch self {
      case .null: .null
      case .integer(let value): .integer(value)
      case .real(let value): .real(value)
      case .text(let value): .text(value)
      case .bytes(let value): .bytes(ByteBuffer(value))
      }
    }
  }
}
