// Where the tables are that answer questions: files in the data directory, or a PostgreSQL database.

import Configuration
import Database
import Projections

/// The read models.
struct ProjectionsConfiguration: ConfigurationSection {
  /// What keeps the tables.
  enum Store: String, CaseIterable, Sendable {
    case sqlite, postgres
  }

  var store = Store.sqlite
  var postgres = PostgresConfiguration()

  static func declare(_ section: inout SectionDeclaration<Self>) {
    section.key(
      "store", \.store, .choice,
      "Where read models are: in SQLite files in the data directory, or in a PostgreSQL database, which nodes may share. The log makes them again when this is changed."
    )
    section.section("postgres", \.postgres, "The PostgreSQL database, when read models are in one.")
    section.constraint(
      "read models in PostgreSQL need a connection string", \.store, \.postgres.connection
    ) { $0.store != .postgres || $0.postgres.connection != nil }
  }
}

/// The PostgreSQL database of read models.
struct PostgresConfiguration: ConfigurationSection {
  /// How the connection is encrypted; spelled as libpq does.
  typealias TLSMode = PostgresSettings.TLSMode

  var connection: Secret?
  var schema = "varve"
  var connectionsMaximum = 8
  var connectTimeout = Duration.seconds(10)
  var statementTimeout = Duration.seconds(30)
  var tls: TLSMode?
  var caFile: String?

  static func declare(_ section: inout SectionDeclaration<Self>) {
    section.key(
      "connection", \.connection, .secret(bytes: 1...4096),
      "The server and database, as libpq takes them: postgres://user:password@host:port/database, or host=… user=… dbname=…"
    )
    section.key(
      "schema", \.schema, .readModelSchema,
      "The schema that says which tables are whose; its name begins those of the schemas with the tables. Nodes of one log share it, others have one of their own."
    )
    section.key(
      "connections_maximum", \.connectionsMaximum, .integer(1...1000),
      "How many connections each projection reads with at most; it writes with one more.")
    section.key(
      "connect_timeout", \.connectTimeout, .duration(.milliseconds(100) ... .seconds(300)),
      "How long all addresses of the server together may take to accept a connection. A node whose server does not, does not start."
    )
    section.key(
      "statement_timeout", \.statementTimeout, .duration(.milliseconds(100) ... .seconds(3600)),
      "How long the server may work on one statement before it ends it.")
    section.key(
      "tls", \.tls, .choice,
      "How connections are encrypted, and what is checked; stronger than sslmode in the connection string. Over a network, verify-full."
    )
    section.key(
      "ca_file", \.caFile, .path,
      "The certificates of the authorities that may have signed the server's; stronger than sslrootcert in the connection string."
    )
  }

  /// How the store reaches the server.
  func settings(for connection: Secret) throws(DatabaseError) -> PostgresSettings {
    var settings = try PostgresSettings(connection.reveal())
    settings.schema = schema
    settings.readersMaximum = connectionsMaximum
    settings.connectTimeout = connectTimeout
    settings.statementTimeout = statementTimeout
    // The server ends a statement before its silence means that it is gone.
    settings.answerTimeout = max(settings.answerTimeout, statementTimeout + .seconds(15))
    if let tls { settings.tls = tls }
    if let caFile { settings.certificateAuthorities = caFile }
    return settings
  }
}

extension ValueNotation where Value == String {
  /// A name that PostgreSQL takes without quotes, and that leaves room for a projection's.
  fileprivate static var readModelSchema: ValueNotation {
    let maximum = ReadModelSchemas.prefixBytesMaximum
    return .string(
      bytes: 1...maximum,
      accepted: "1 to \(maximum) of a to z, 0 to 9 and _, a letter first, and not pg_ at the beginning"
    ) { name in
      ProjectionName(name) != nil && !name.hasPrefix("pg_")
    }
  }
}
