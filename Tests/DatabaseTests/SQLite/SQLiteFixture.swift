// A SQLite file for one test.

import Glibc
import Peers

@testable import Database

/// A folder with a database in it.
final class SQLiteFixture {
  let folder: TemporaryFolder
  let path: String

  init() throws {
    folder = try TemporaryFolder()
    path = folder.path("model.sqlite")
  }

  func writer(_ change: (inout SQLiteSettings) -> Void = { _ in }) throws -> SQLiteConnection {
    var settings = SQLiteSettings()
    change(&settings)
    return try SQLiteConnection(path: path, mode: .writer, settings: settings)
  }

  func reader() throws -> SQLiteConnection { try SQLiteConnection(path: path, mode: .reader) }

  /// A writer with a table `items` of `count` rows.
  func writer(withItems count: Int) throws -> SQLiteConnection {
    let connection = try writer()
    try connection.run(script: "CREATE TABLE items (id INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT")
    try connection.begin(.write)
    for id in 0..<count {
      try connection.statement("INSERT INTO items VALUES (?1, ?2)").execute(id, "item \(id)")
    }
    try connection.commit()
    return connection
  }
}

extension SQLiteConnection {
  /// All rows of an answer.
  func rows(_ sql: String, _ parameters: [SQLValue] = []) throws -> [[SQLValue]] {
    var rows: [[SQLValue]] = []
    try statement(dynamic: sql).query(parameters) { row throws(DatabaseError) in
      rows.append(try row.values())
    }
    return rows
  }

  func count(_ table: String) throws -> Int64 { try integer("SELECT count(*) FROM \(table)") }
}

extension DatabaseError {
  /// Which case it is, to compare without its texts.
  var name: String {
    switch self {
    case .closed: "closed"
    case .cancelled: "cancelled"
    default: Mirror(reflecting: self).children.first?.label ?? "\(self)"
    }
  }
}

/// The name of the error that `body` throws; nil when it throws none.
func errorName(of body: () throws -> Void) -> String? {
  do {
    try body()
    return nil
  } catch {
    return (error as? DatabaseError)?.name ?? "\(error)"
  }
}
