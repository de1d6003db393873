// Which server, and how patient to be with it. The connection string is libpq's own, so that what operators know
// of it holds here; what it does not say has the values below.

import CPostgres
import Glibc

/// How a store reaches its PostgreSQL server.
public struct PostgresSettings: Sendable {
  /// How far the connection goes before it makes its caller wait for answers.
  public struct Pipeline: Hashable, Sendable {
    /// Statements sent and not answered.
    public var statementsMaximum = 1000
    /// Bytes of their parameters.
    public var bytesMaximum = 1 << 20
    /// Every pipeline is this patient.
    public init() {}
  }

  /// What an answer that is collected may hold. Rows that are taken one by one are not counted.
  public struct Answer: Hashable, Sendable {
    /// Rows.
    public var rowsMaximum = 100_000
    /// Bytes of their values.
    public var bytesMaximum = 64 << 20
    /// Answers are collected up to here.
    public init() {}
  }

  /// How the connection is encrypted, and what is checked: libpq's `sslmode`.
  public enum TLSMode: String, CaseIterable, Sendable {
    /// Not at all.
    case disable
    /// When the server can; nothing is checked.
    case prefer
    /// Always; nothing is checked.
    case require
    /// Always, and the server's certificate is of an authority that is trusted.
    case verifyCA = "verify-ca"
    /// That, and the certificate is for the host that was asked for.
    case verifyFull = "verify-full"
  }

  /// What the server calls us, in its lists and logs.
  static let applicationName = "varve"

  /// The schema whose tables are meant; nil for the server's own choice (`search_path`).
  public var schema: String?
  /// How long all the addresses of the server together may take to accept a connection.
  public var connectTimeout = Duration.seconds(10)
  /// How long a statement may run on the server before it ends it; zero for ever.
  public var statementTimeout = Duration.seconds(30)
  /// How long a statement may wait for another's lock on the server; zero for ever.
  public var lockTimeout = Duration.seconds(5)
  /// How long a transaction may stand idle before the server ends its connection; zero for ever.
  public var idleTransactionTimeout = Duration.seconds(60)
  /// How long nothing may come from the server while something is due. Longer than `statementTimeout`, or the
  /// connection is lost where a statement alone would have failed.
  public var answerTimeout = Duration.seconds(45)
  /// How long sent bytes may go unacknowledged by the server's host before the connection is given up.
  public var unacknowledgedTimeout = Duration.seconds(20)
  /// How many statements stay prepared on a connection.
  public var preparedMaximum = 256
  /// How many connections a store reads with at most. It writes with one more.
  public var readersMaximum = 8
  /// When to wait for answers.
  public var pipeline = Pipeline()
  /// How large a collected answer may be.
  public var answer = Answer()

  /// libpq's parameters by keyword, the password among them.
  private(set) var parameters: [String: String]

  /// Reads a connection string, `postgres://user:password@host:port/database?sslmode=verify-full`, or any other
  /// form that libpq takes. What it leaves out comes from libpq's environment variables and files.
  public init(_ connectionString: String) throws(DatabaseError) {
    if connectionString.utf8.contains(0) {
      throw .cannotOpen(target: Self.unread, reason: "there is a zero byte in it")
    }
    var complaint: UnsafeMutablePointer<CChar>?
    guard let options = PQconninfoParse(connectionString, &complaint) else {
      defer { PQfreemem(complaint) }
      let reason = complaint.map { String(cString: $0) } ?? "there is no memory to read it"
      throw .cannotOpen(target: Self.unread, reason: Self.withoutQuotations(reason))
    }
    parameters = Self.values(of: options)
    PQconninfoFree(options)
    // A service brings its own host, which these would hide.
    guard parameters["service"] == nil, let defaults = PQconndefaults() else { return }
    let inherited = Self.values(of: defaults)
    PQconninfoFree(defaults)
    let names =
      parameters["hostaddr"] == nil ? ["host", "port", "user", "dbname"] : ["port", "user", "dbname"]
    for name in names where parameters[name] == nil { parameters[name] = inherited[name] }
  }

  /// How the connection is encrypted; nil when the connection string does not say it, or in another way.
  public var tls: TLSMode? {
    get { parameters["sslmode"].flatMap { TLSMode(rawValue: $0) } }
    set { parameters["sslmode"] = newValue?.rawValue }
  }

  /// The file of the authorities that are trusted to sign the server's certificate.
  public var certificateAuthorities: String? {
    get { parameters["sslrootcert"] }
    set { parameters["sslrootcert"] = newValue }
  }

  /// The server and its database, for logs and errors: never a password.
  public var target: String {
    let hosts = Self.list(parameters["host"] ?? parameters["hostaddr"])
    let ports = Self.list(parameters["port"])
    let places = hosts.enumerated().map { index, host in
      let port = ports.count == 1 ? ports[0] : index < ports.count ? ports[index] : ""
      let place = host.isEmpty ? "local" : host
      return port.isEmpty ? place : "\(place):\(port)"
    }
    let user = parameters["user"].map { "\($0)@" } ?? ""
    // libpq's default database is the one named as the user.
    let database = parameters["dbname"] ?? parameters["user"] ?? ""
    // A database given as a connection string of its own would bring its password here.
    let shown = database.contains(where: { $0 == "=" || $0 == ":" }) ? "" : database
    return "postgres://\(user)\(places.joined(separator: ","))/\(shown)"
  }

  /// What PostgreSQL's errors would be about if the string cannot be read: nothing of it is repeated.
  private static let unread = "the connection string"

  /// libpq quotes what it could not read, and that may be the password.
  static func withoutQuotations(_ text: String) -> String {
    var shown = ""
    for (index, part) in text.split(separator: "\"", omittingEmptySubsequences: false).enumerated() {
      shown += index % 2 == 0 ? part : "…"
    }
    while shown.last?.isNewline == true { shown.removeLast() }
    return shown
  }

  static func list(_ text: String?) -> [String] {
    guard let text else { return [""] }
    return text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
  }

  private static func values(of options: UnsafeMutablePointer<PQconninfoOption>) -> [String: String] {
    var values: [String: String] = [:]
    var option = options
    while let keyword = option.pointee.keyword {
      if let value = option.pointee.val { values[String(cString: keyword)] = String(cString: value) }
      option += 1
    }
    return values
  }
}

extension Duration {
  /// Rounded up, as libpq's and the server's settings want it.
  var wholeMilliseconds: UInt64 {
    let (seconds, attoseconds) = components
    if seconds < 0 || (seconds == 0 && attoseconds <= 0) { return 0 }
    let milliseconds = UInt64(seconds).multipliedReportingOverflow(by: 1000)
    let rest = (UInt64(attoseconds) + 999_999_999_999_999) / 1_000_000_000_000_000
    // The server's settings are 32-bit milliseconds.
    if milliseconds.overflow { return UInt64(Int32.max) }
    return min(milliseconds.partialValue + rest, UInt64(Int32.max))
  }
}
