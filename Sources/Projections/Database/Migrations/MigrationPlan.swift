// What is left to do, from what a store has run and what the program has. No I/O.

/// A migration that a store has run.
struct RunMigration: Hashable, Sendable {
  let number: Int
  let name: String
  let checksum: String
}

/// The migrations to run, in order.
struct MigrationPlan: Equatable {
  let pending: [Migration]

  /// - Parameters:
  ///   - schema: what the program has.
  ///   - run: what the store has run, in order.
  init(_ schema: Schema, run: [RunMigration]) throws(MigrationError) {
    if run.count > schema.migrations.count {
      throw .newer(owner: schema.name, store: run.count, program: schema.migrations.count)
    }
    for (migration, earlier) in zip(schema.migrations, run)
    where migration.number != earlier.number || migration.checksum != earlier.checksum {
      throw .changed(owner: schema.name, number: earlier.number, name: earlier.name)
    }
    pending = Array(schema.migrations[run.count...])
  }
}
