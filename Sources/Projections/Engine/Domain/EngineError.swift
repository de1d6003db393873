// What can go wrong between the log and the tables.

public import Database
public import Files
public import Log
public import Runtime

/// Why the engine did not do what it was asked.
public enum EngineError: Error, Equatable, Sendable {
  /// The store said so.
  case database(DatabaseError)
  /// The log said so.
  case log(LogError)
  /// The tables cannot be brought to where the program wants them.
  case migration(MigrationError)
  /// A thread could not be started.
  case thread(NetworkError)
  /// The file system said so.
  case file(FileError)
  /// An event cannot be read.
  case event(EventError)
  /// A projection has stopped at an event that it cannot take.
  case stopped(ProjectionFailure)
  /// The tables hold events that the log does not have: they are of another log, or the log lost its end.
  case ahead(PartitionID, tables: LogOffset, log: LogOffset)
  /// The tables need events that the log has dropped, and there is no snapshot that holds them.
  case behind(PartitionID, tables: LogOffset, log: LogOffset)
  /// The tables in use were built by another version of the projection.
  case otherVersion(ProjectionName, tables: Int, program: Int)
  /// A read model's files are not as the engine left them.
  case damagedCatalogue(path: FilePath, found: String)
  /// Tables of PostgreSQL are not copied by the engine: the server's own backups do that.
  case noSnapshots(ProjectionName)
  /// There is no such projection, generation or snapshot.
  case unknown(kind: String, name: String)
  /// It was closed.
  case closed
}

extension EngineError {
  /// What it means that the log could not be read from where some tables are.
  init(reading error: LogError) {
    if case .offsetOutOfRange(let partition, let requested, let first, let end) = error {
      self =
        requested < first
        ? .behind(partition, tables: requested, log: first) : .ahead(partition, tables: requested, log: end)
    } else {
      self = .log(error)
    }
  }
}

extension EngineError: CustomStringConvertible {
  /// One line for a log, with what to do about it where something can be done.
  public var description: String {
    switch self {
    case .database(let error): "\(error)"
    case .log(let error): "\(error)"
    case .migration(let error): "\(error)"
    case .thread(let error): "\(error)"
    case .file(let error): "\(error)"
    case .event(let error): "\(error)"
    case .stopped(let failure):
      "stopped at \(failure); mend the program and start again, or go past the event with `varve projections skip`"
    case .ahead(let partition, let tables, let log):
      "the tables hold events of \(partition) up to offset \(tables), the log ends at \(log): rebuild them with `varve replay`"
    case .behind(let partition, let tables, let log):
      "the tables need \(partition) from offset \(tables) on, the log begins at \(log): start from a snapshot"
    case .otherVersion(let projection, let tables, let program):
      "the tables of \(projection) are of version \(tables), the program has version \(program): build them with `varve replay --projection \(projection)`, beside the node that still runs if there is one"
    case .damagedCatalogue(let path, let found): "\(path) is not as it was left: \(found)"
    case .noSnapshots(let projection):
      "the tables of \(projection) are in PostgreSQL, which has backups of its own (pg_dump, pg_basebackup): snapshots are of SQLite files"
    case .unknown(let kind, let name): "there is no \(kind) \(name)"
    case .closed: "closed"
    }
  }
}
