// The events of the topic `cluster`.

public import LogEvents
public import Projections
public import Wire

/// What happened to a cluster.
public enum ClusterEvent: DomainEvent {
  case created(Varve_Cluster_V1_ClusterCreated)
  case joined(Varve_Cluster_V1_NodeJoined)
  case updated(Varve_Cluster_V1_NodeUpdated)
  case livenessChanged(Varve_Cluster_V1_NodeLivenessChanged)
  case draining(Varve_Cluster_V1_NodeDraining)
  case reactivated(Varve_Cluster_V1_NodeReactivated)
  case removed(Varve_Cluster_V1_NodeRemoved)
  case diskAdded(Varve_Cluster_V1_DiskAdded)
  case diskUpdated(Varve_Cluster_V1_DiskUpdated)
  case diskRetired(Varve_Cluster_V1_DiskRetired)
  case policySet(Varve_Cluster_V1_PolicySet)
  case policyRemoved(Varve_Cluster_V1_PolicyRemoved)

  /// One reader for each message of Schemas/events/cluster.proto that is an event.
  public static let types = EventTypes(
    .init(Varve_Cluster_V1_ClusterCreated.self) { ClusterEvent.created($0) },
    .init(Varve_Cluster_V1_NodeJoined.self) { ClusterEvent.joined($0) },
    .init(Varve_Cluster_V1_NodeUpdated.self) { ClusterEvent.updated($0) },
    .init(Varve_Cluster_V1_NodeLivenessChanged.self) { ClusterEvent.livenessChanged($0) },
    .init(Varve_Cluster_V1_NodeDraining.self) { ClusterEvent.draining($0) },
    .init(Varve_Cluster_V1_NodeReactivated.self) { ClusterEvent.reactivated($0) },
    .init(Varve_Cluster_V1_NodeRemoved.self) { ClusterEvent.removed($0) },
    .init(Varve_Cluster_V1_DiskAdded.self) { ClusterEvent.diskAdded($0) },
    .init(Varve_Cluster_V1_DiskUpdated.self) { ClusterEvent.diskUpdated($0) },
    .init(Varve_Cluster_V1_DiskRetired.self) { ClusterEvent.diskRetired($0) },
    .init(Varve_Cluster_V1_PolicySet.self) { ClusterEvent.policySet($0) },
    .init(Varve_Cluster_V1_PolicyRemoved.self) { ClusterEvent.policyRemoved($0) })

  /// The message that is stored.
  public var message: any Message {
    switch self {
    case .created(let message): message
    case .joined(let message): message
    case .updated(let message): message
    case .livenessChanged(let message): message
    case .draining(let message): message
    case .reactivated(let message): message
    case .removed(let message): message
    case .diskAdded(let message): message
    case .diskUpdated(let message): message
    case .diskRetired(let message): message
    case .policySet(let message): message
    case .policyRemoved(let message): message
    }
  }
}
