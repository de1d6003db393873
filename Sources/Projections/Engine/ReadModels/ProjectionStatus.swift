// How a projection's tables stand, for whoever looks in from outside.

public import Database
public import Log
import Runtime

/// How far a projection is, and what keeps it.
public struct ProjectionStatus: Sendable {
  /// One partition of it.
  public struct Part: Sendable {
    /// The partition.
    public let partition: PartitionID
    /// The offset of the next event.
    public let position: LogOffset
    /// How many offsets it is behind the log.
    public let lag: Int
    /// Where it has stopped, when it has.
    public let failure: ProjectionFailure?
  }

  /// The tables that answer queries.
  public let generation: Generation
  /// The version that the program has: another one means that the tables wait to be rebuilt.
  public let programVersion: Int
  /// Its partitions, in order.
  public let parts: [Part]

  /// Reads how the tables in a store stand.
  public init(
    of projection: some Projection, _ generation: Generation, in store: ReadOnlyStore,
    log source: any EventSource
  ) async throws(EngineError) {
    self.generation = generation
    programVersion = projection.version
    var parts: [Part] = []
    for partition in try await source.partitionList(of: projection.topic) {
      let end: LogOffset
      do throws(LogError) { end = try await source.extent(of: partition).end } catch { throw .log(error) }
      do throws(DatabaseError) {
        let (position, failure) = try await store.read { tables throws(DatabaseError) in
          (
            try await EngineTables.position(partition, tables) ?? 0,
            try await EngineTables.failure(partition, tables)
          )
        }
        parts.append(
          Part(
            partition: partition, position: LogOffset(position), lag: Int(max(0, end.value - position)),
            failure: failure))
      } catch {
        throw .database(error)
      }
    }
    self.parts = parts
  }
}
