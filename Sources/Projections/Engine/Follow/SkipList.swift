// The events that an operator had projections go past. Each decision is an event itself, in a topic of its own, so
// that whoever rebuilds a projection passes over the same ones.

import Bytes
public import Log
import LogEvents
import Records
import Runtime
import Wire

/// What operators decide about projections.
enum OperatorEvent: DomainEvent {
  case skipped(Varve_Projections_V1_EventSkipped)

  static let types = EventTypes(
    .init(Varve_Projections_V1_EventSkipped.self) { OperatorEvent.skipped($0) })

  var message: any Message {
    switch self {
    case .skipped(let message): message
    }
  }
}

/// That a projection goes past an event.
struct OperatorDecision: Hashable, Sendable {
  /// The projection.
  let projection: ProjectionName
  /// Where the event stands.
  let partition: PartitionID
  /// The event's offset.
  let offset: LogOffset
  /// Why, in the operator's words.
  let reason: String
  /// What the projection had said was wrong with it.
  let cause: String
}

extension EventLog {
  /// Has a projection go past an event that it cannot take, from its next start on. The decision is an event itself.
  ///
  /// - Parameters:
  ///   - reason: why, for those who come later.
  ///   - cause: what the projection had said was wrong.
  public func skip(
    past offset: LogOffset, of partition: PartitionID, in projection: ProjectionName, reason: String,
    cause: String
  ) async throws(LogError) {
    try await SkipList.append(
      OperatorDecision(
        projection: projection, partition: partition, offset: offset, reason: reason, cause: cause),
      to: self)
  }
}

/// The offsets that one projection passes over.
final class SkipList: Sendable {
  private let skipped = Locked<[PartitionID: Set<Int64>]>([:])

  func contains(_ partition: PartitionID, _ offset: Int64) -> Bool {
    skipped.withLock { $0[partition]?.contains(offset) ?? false }
  }

  /// Every offset of a partition that is passed over.
  func offsets(of partition: PartitionID) -> Set<Int64> { skipped.withLock { $0[partition] ?? [] } }

  func add(_ partition: PartitionID, _ offset: Int64) {
    skipped.withLock { _ = $0[partition, default: []].insert(offset) }
  }

  /// Where the decisions are kept.
  static let topic: TopicName = {
    do throws(LogError) {
      return try TopicName("varve.projections")
    } catch {
      preconditionFailure("a name of ours is none: \(error)")
    }
  }()

  /// Writes a decision down.
  static func append(_ decision: OperatorDecision, to log: EventLog) async throws(LogError) {
    if !log.topics.contains(where: { $0.name == topic }) {
      do throws(LogError) {
        _ = try await log.createTopic(topic, TopicSettings())
      } catch .topicExists {
        // Somebody else wrote down the first decision at the same moment.
      }
    }
    var event = Varve_Projections_V1_EventSkipped()
    event.projection = decision.projection.text
    event.topic = decision.partition.topic.text
    event.partition = UInt32(decision.partition.index)
    event.offset = decision.offset.value
    event.reason = decision.reason
    event.cause = decision.cause
    let key = ByteBuffer(decision.projection.text)
    let record: Record
    do throws(ProtobufError) {
      record = try EncodedCommand.record(key, event)
    } catch {
      preconditionFailure("an event of ours cannot be encoded: \(error)")
    }
    try await log.topic(topic).partitions[0].append(record)
  }

  /// What operators had a projection pass over, as the log says.
  static func load(
    of projection: ProjectionName, from source: any EventSource
  ) async throws(EngineError) -> SkipList {
    let list = SkipList()
    var pending: [EventRun<OperatorEvent>] = []
    for partition in try await partitions(in: source) {
      do throws(LogError) {
        pending.append(try await events(of: partition, in: source))
      } catch {
        throw .log(error)
      }
    }
    for events in pending {
      if let failure = events.failure { throw .event(failure) }
      for case .skipped(let skip) in events.events
      where skip.projection == projection.text {
        do throws(LogError) {
          list.add(PartitionID(try TopicName(skip.topic), Int(skip.partition)), skip.offset)
        } catch {
          throw .log(error)
        }
      }
    }
    return list
  }

  private static func events(
    of partition: PartitionID, in source: any EventSource
  ) async throws(LogError) -> EventRun<OperatorEvent> {
    var events = EventRun<OperatorEvent>(from: try await source.extent(of: partition).first.value)
    var reader = RunReader<OperatorEvent>(partition, of: source)
    try await reader.read(into: &events, maximum: .max, waiting: false)
    return events
  }

  private static func partitions(in source: any EventSource) async throws(EngineError) -> [PartitionID] {
    do throws(EngineError) {
      return try await source.partitionList(of: topic)
    } catch .log(.unknownTopic) {
      // Nothing was ever decided.
      return []
    }
  }
}
