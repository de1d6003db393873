// The cluster: which nodes are members, which disks they have, and by which policies files are stored. This is the
// domain's front door; Commands/ has what can be asked and decided, Events/ what happens and what it does to the
// tables, Queries/ what can be read.

public import Bytes
public import Database
public import Log
public import Projections

/// The domain of the topic `cluster`.
public struct ClusterDomain: Domain {
  /// What happens.
  public typealias Event = ClusterEvent
  /// What can be asked.
  public typealias Command = ClusterCommand
  /// What an accepted command is answered.
  public typealias Reply = Varve_Cluster_Api_V1_ClusterReply
  /// Why a command is refused.
  public typealias Refusal = ClusterRefusal

  /// Of the tables, and of the domain in metrics.
  public let name: ProjectionName = "cluster"
  /// Of the tables.
  public let version = 1
  /// Where the events are. It has one partition: whether a name is taken, or a node is the last, is for the whole cluster.
  public let topic: TopicName
  /// The tables.
  public let schema = Schema("cluster", ClusterMigrations.migrations, indexes: ClusterMigrations.indexes)

  /// The name of the topic.
  public static let topicText = "cluster"

  /// The domain of the topic `cluster`.
  public init() throws(LogError) { topic = try TopicName(Self.topicText) }

  /// What a command is about: commands about one thing are decided in the order they came.
  public func key(of command: ClusterCommand) -> ByteBuffer {
    switch command {
    case .create: EventKey.cluster
    case .join(let node): node.id.map { EventKey.node($0) } ?? EventKey.cluster
    case .updateNode(let node, _), .drain(let node, _), .reactivate(let node), .remove(let node, _, _),
      .addDisk(let node, _), .updateDisk(let node, _, _), .retireDisk(let node, _, _):
      EventKey.node(node)
    case .reportLiveness(let report): EventKey.node(report.node)
    case .setPolicy(let path, _), .removePolicy(let path): EventKey.policy(path)
    }
  }

  /// What is to happen.
  public func decide(
    _ command: ClusterCommand, in context: DecisionContext, reading tables: TableReader
  ) async throws(DatabaseError) -> Decision<ClusterDomain> {
    do throws(InvalidValue) { try command.check() } catch { return .refused(.invalid(error)) }
    let deciding = ClusterDeciding(view: ClusterView(tables), context: context)
    if case .create(let name, let policy) = command { return try await deciding.create(name, policy) }
    guard try await deciding.view.cluster() != nil else { return .refused(.noCluster) }
    switch command {
    case .create: preconditionFailure("decided above")
    case .join(let node): return try await deciding.join(node)
    case .updateNode(let id, let change): return try await deciding.update(id, change)
    case .reportLiveness(let report): return try await deciding.report(report)
    case .drain(let id, let reason): return try await deciding.drain(id, reason)
    case .reactivate(let id): return try await deciding.reactivate(id)
    case .remove(let id, let reason, let isForced): return try await deciding.remove(id, reason, isForced)
    case .addDisk(let node, let disk): return try await deciding.add(disk, to: node)
    case .updateDisk(let node, let id, let change): return try await deciding.update(id, of: node, change)
    case .retireDisk(let node, let id, let reason): return try await deciding.retire(id, of: node, reason)
    case .setPolicy(let path, let coding): return try await deciding.setPolicy(path, coding)
    case .removePolicy(let path): return try await deciding.removePolicy(path)
    }
  }
}
