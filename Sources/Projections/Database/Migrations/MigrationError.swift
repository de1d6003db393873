// Why a store's tables cannot be brought to where the program wants them.

/// What is wrong between a store and the program's migrations.
public enum MigrationError: Error, Equatable, Sendable {
  /// The store has run migrations that this program does not have: it was used by a newer one.
  case newer(owner: String, store: Int, program: Int)
  /// The store has not run all migrations of this program, and who only reads runs none.
  case older(owner: String, store: Int, program: Int)
  /// A migration's text was changed after the store had run it.
  case changed(owner: String, number: Int, name: String)
  /// A migration is not in the common dialect.
  case dialect(owner: String, number: Int, DialectError)
  /// The indexes of queries are not in the common dialect.
  case indexes(owner: String, DialectError)
  /// The store refused it.
  case database(DatabaseError)
}

extension MigrationError: CustomStringConvertible {
  /// One line for a log, with what to do.
  public var description: String {
    switch self {
    case .newer(let owner, let store, let program):
      "the tables of \(owner) are at migration \(store), this program knows \(program): run the newer program, or rebuild them with `varve replay`"
    case .older(let owner, let store, let program):
      "the tables of \(owner) are at migration \(store), this program knows \(program): a node of this version brings them up when it starts"
    case .changed(let owner, let number, let name):
      "migration \(number) (\(name)) of \(owner) was run with another text than this program has: rebuild with `varve replay`"
    case .dialect(let owner, let number, let error): "migration \(number) of \(owner): \(error)"
    case .indexes(let owner, let error): "the indexes of \(owner): \(error)"
    case .database(let error): "\(error)"
    }
  }
}
