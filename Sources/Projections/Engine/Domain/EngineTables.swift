// The engine's own tables in every store: positions, answers, failures. Their SQL is here and nowhere else.

import Bytes
import Database
import Log

/// What the engine keeps beside a projection's tables.
enum EngineTables {
  /// For how long a command's answer is kept, in milliseconds of the events' time: retries come within a day.
  static let answersKeptMilliseconds: Int64 = 24 * 60 * 60 * 1000
  /// Old answers are dropped at every offset that this divides, so that replaying drops them at the same events.
  static let pruningInterval: Int64 = 1024

  // MARK: Positions

  /// Takes the row of a partition's position, which keeps every other writer of these tables waiting until the end
  /// of the transaction, and gives the position.
  static func lockPosition(
    _ partition: PartitionID, _ tables: Tables
  ) async throws(DatabaseError) -> Int64 {
    try tables.writer.write(
      """
      INSERT INTO varve_positions (topic, partition, next_offset) VALUES (?1, ?2, 0)
      ON CONFLICT (topic, partition) DO UPDATE SET next_offset = varve_positions.next_offset
      """, partition.topic.text, partition.index)
    guard let position = try await position(partition, tables.reader) else {
      throw .inconsistent(reason: "the position of \(partition) is missing after it was written")
    }
    return position
  }

  /// How far the tables are in a partition; nil when nothing was ever applied.
  static func position(
    _ partition: PartitionID, _ tables: TableReader
  ) async throws(DatabaseError) -> Int64? {
    try await tables.first(
      "SELECT next_offset FROM varve_positions WHERE topic = ?1 AND partition = ?2",
      partition.topic.text, partition.index
    ) { row throws(DatabaseError) in try row.take() }
  }

  /// How far the tables are in each of the partitions.
  static func positions(
    of partitions: [PartitionID], _ tables: TableReader
  ) async throws(DatabaseError) -> [PartitionID: LogOffset] {
    var positions: [PartitionID: LogOffset] = [:]
    for partition in partitions {
      positions[partition] = LogOffset(try await position(partition, tables) ?? 0)
    }
    return positions
  }

  static func setPosition(
    _ partition: PartitionID, _ next: Int64, _ tables: TableWriter
  ) throws(DatabaseError) {
    try tables.write(
      "UPDATE varve_positions SET next_offset = ?3 WHERE topic = ?1 AND partition = ?2",
      partition.topic.text, partition.index, next)
  }

  // MARK: Answers

  /// What a command was answered.
  struct Answer {
    let nextOffset: Int64
    let reply: ByteBuffer
  }

  static func answer(
    _ command: ByteBuffer, _ tables: TableReader
  ) async throws(DatabaseError) -> Answer? {
    try await tables.first(
      "SELECT next_offset, reply FROM varve_answers WHERE command = ?1", command
    ) { row throws(DatabaseError) in Answer(nextOffset: try row.take(), reply: try row.take()) }
  }

  /// Writes down what the engine notes at an event.
  static func write(_ note: EngineNote, _ tables: TableWriter) throws(DatabaseError) {
    switch note {
    case .answer(let reply, let command, let place):
      try tables.write(
        """
        INSERT INTO varve_answers (command, partition, next_offset, time, reply) VALUES (?1, ?2, ?3, ?4, ?5)
        ON CONFLICT (command) DO NOTHING
        """, command, place.partition, place.offset + 1, place.time, reply)
    case .pruning(let place):
      try tables.write(
        "DELETE FROM varve_answers WHERE partition = ?1 AND time < ?2",
        place.partition, place.time - answersKeptMilliseconds)
    }
  }

  /// Whether old answers, which nobody will ask for any more, are dropped at an event.
  static func isPruned(at place: EventPlace) -> Bool { place.offset % pruningInterval == 0 }

  // MARK: Failures

  static func failure(
    _ partition: PartitionID, _ tables: TableReader
  ) async throws(DatabaseError) -> ProjectionFailure? {
    try await tables.first(
      "SELECT failed_offset, cause, time FROM varve_failures WHERE topic = ?1 AND partition = ?2",
      partition.topic.text, partition.index
    ) { row throws(DatabaseError) in
      ProjectionFailure(
        partition: partition, offset: LogOffset(try row.take()), cause: try row.take(), time: try row.take())
    }
  }

  static func note(_ failure: ProjectionFailure, _ tables: TableWriter) throws(DatabaseError) {
    try tables.write(
      """
      INSERT INTO varve_failures (topic, partition, failed_offset, cause, time) VALUES (?1, ?2, ?3, ?4, ?5)
      ON CONFLICT (topic, partition) DO UPDATE
      SET failed_offset = excluded.failed_offset, cause = excluded.cause, time = excluded.time
      """, failure.partition.topic.text, failure.partition.index, failure.offset.value, failure.cause,
      failure.time)
  }

  static func clearFailure(_ partition: PartitionID, _ tables: TableWriter) throws(DatabaseError) {
    try tables.write(
      "DELETE FROM varve_failures WHERE topic = ?1 AND partition = ?2", partition.topic.text,
      partition.index)
  }
}
