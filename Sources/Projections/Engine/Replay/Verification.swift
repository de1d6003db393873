// The law of the house, checked: the tables that live traffic made and those that the log makes are the same.

public import Database

/// What a verification found.
public struct Verification: Hashable, Sendable {
  /// One table of both.
  public struct Table: Hashable, Sendable {
    /// As live traffic made it.
    public let live: TableDigest
    /// As the log makes it.
    public let replayed: TableDigest
    /// The first row that differs, when one does.
    public let difference: TableDifference?

    /// Whether both hold the same.
    public var isSame: Bool { live == replayed }
  }

  /// Every table, in the order of their names.
  public let tables: [Table]

  /// Whether every table is the same.
  public var holds: Bool { tables.allSatisfy(\.isSame) }

  /// Compares two stores of a projection that are at the same position. Nothing may write to either meanwhile.
  public init(of projection: some Projection, live: Store, replayed: Store) async throws(EngineError) {
    do throws(DatabaseError) {
      self = try await live.read { tables throws(DatabaseError) in
        try await Verification(of: projection, live: tables, replayed: replayed)
      }
    } catch {
      throw .database(error)
    }
  }

  /// The same for live tables as they are in one transaction, whoever writes to them meanwhile.
  init(of projection: some Projection, live: TableReader, replayed: Store) async throws(DatabaseError) {
    var tables: [Table] = []
    for table in try Self.shape(of: projection).tables {
      let left = try await live.digest(of: table)
      let right = try await replayed.read { reader throws(DatabaseError) in
        try await reader.digest(of: table)
      }
      var difference: TableDifference?
      if left != right { difference = try await TableComparison.firstDifference(in: table, live, replayed) }
      tables.append(Table(live: left, replayed: right, difference: difference))
    }
    self.tables = tables
  }

  /// The tables that follow from the events: all but the engine's note of where it stopped.
  static func shape(of projection: some Projection) throws(DatabaseError) -> SchemaShape {
    let shape = try SchemaShape(of: [Schema("varve", EngineMigrations.migrations), projection.schema])
    return shape.without("varve_failures")
  }
}
