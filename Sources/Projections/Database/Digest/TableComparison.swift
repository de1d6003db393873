// The first row in which two stores differ, for whoever is told that their digests do.

/// A row that two stores do not agree on.
public struct TableDifference: Hashable, Sendable {
  /// The table.
  public let table: String
  /// The names of its columns.
  public let columns: [String]
  /// The row of the one store; nil when it has none with that key.
  public let left: [SQLValue]?
  /// The row of the other.
  public let right: [SQLValue]?
}

/// Compares two stores table by table.
public enum TableComparison {
  /// How many rows are held of each store at a time.
  private static let pageRows = 500

  /// The first differing row of a table; nil when there is none. The store on the right is read in snapshots, page by
  /// page, so nothing may write to it meanwhile.
  public static func firstDifference(
    in table: SchemaShape.Table, _ left: TableReader, _ right: Store
  ) async throws(DatabaseError) -> TableDifference? {
    var after: [SQLValue]?
    while true {
      let start = after
      let ours = try await left.page(of: table, after: start, rows: pageRows)
      let theirs = try await right.read { tables throws(DatabaseError) in
        try await tables.page(of: table, after: start, rows: pageRows)
      }
      if ours != theirs { return difference(in: table, ours, theirs) }
      guard let last = ours.last, ours.count == pageRows else { return nil }
      after = table.orderValues(of: last)
    }
  }

  private static func difference(
    in table: SchemaShape.Table, _ ours: [[SQLValue]], _ theirs: [[SQLValue]]
  ) -> TableDifference {
    let same = zip(ours, theirs).prefix { $0 == $1 }.count
    let left = same < ours.count ? ours[same] : nil
    let right = same < theirs.count ? theirs[same] : nil
    let isSameKey = left.map(table.orderValues) == right.map(table.orderValues)
    if isSameKey || left == nil || right == nil {
      return TableDifference(table: table.name, columns: table.columns, left: left, right: right)
    }
    // One store has a row that the other lacks: whichever key the other has anywhere in its page is not missing.
    let keys = Set(theirs.map(table.orderValues))
    let isExtra = left.map { !keys.contains(table.orderValues(of: $0)) } ?? false
    return TableDifference(
      table: table.name, columns: table.columns, left: isExtra ? left : nil, right: isExtra ? nil : right)
  }
}

extension SchemaShape.Table {
  /// The values of a row that the table is ordered by.
  func orderValues(of row: [SQLValue]) -> [SQLValue] {
    order.compactMap { name in columns.firstIndex(of: name).map { row[$0] } }
  }
}

extension TableReader {
  /// Some rows, in the order of the key, after the one with the key `start`.
  func page(
    of table: SchemaShape.Table, after start: [SQLValue]?, rows count: Int
  ) async throws(DatabaseError) -> [[SQLValue]] {
    var sql = "SELECT \(table.list(table.columns)) FROM \(table.quoted(table.name))"
    if let start {
      let marks = start.indices.map { "?\($0 + 1)" }.joined(separator: ", ")
      sql += " WHERE (\(table.list(table.order))) > (\(marks))"
    }
    sql += " ORDER BY \(table.list(table.order)) LIMIT \(count)"
    var rows: [[SQLValue]] = []
    try await stream(dynamic: sql, start ?? []) { rows.append($0) }
    return rows
  }
}
