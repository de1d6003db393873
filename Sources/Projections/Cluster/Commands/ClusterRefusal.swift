// Why a command about the cluster is not carried out.

/// Why the cluster says no.
public enum ClusterRefusal: Error, Hashable, Sendable {
  /// A value is none that can be taken.
  case invalid(InvalidValue)
  /// There is a cluster already.
  case clusterExists(ClusterID, name: String)
  /// There is no cluster yet.
  case noCluster
  /// So many of them are there already.
  case full(what: String, maximum: Int)
  /// No node has that id.
  case unknownNode(NodeID)
  /// Another member has that name.
  case nodeNameTaken(String, by: NodeID)
  /// A node of that id is a member already and is described otherwise.
  case nodeDiffers(NodeID, in: [String])
  /// The node was removed, and its id does not come back.
  case nodeRemoved(NodeID)
  /// The node is the only member, and a cluster has one.
  case lastNode(NodeID)
  /// The node still takes data.
  case notDrained(NodeID)
  /// The node has no such disk.
  case unknownDisk(DiskID, of: NodeID)
  /// The id is another disk's, be it in use or not.
  case diskExists(DiskID, of: NodeID)
  /// Another disk of the node has that name.
  case diskNameTaken(String, by: DiskID)
  /// Another disk of the node is at that path.
  case diskPathTaken(String, by: DiskID)
  /// The disk was retired, and its id does not come back.
  case diskRetired(DiskID)
  /// The path has no policy of its own.
  case noPolicy(ScopePath)
  /// Everything must have a policy, so that of the root can be changed and not removed.
  case rootPolicy
}

extension ClusterRefusal: CustomStringConvertible {
  /// One line for whoever asked.
  public var description: String {
    switch self {
    case .invalid(let value): "\(value)"
    case .clusterExists(let id, let name): "there is a cluster already: \(name) (\(id))"
    case .noCluster: "there is no cluster yet"
    case .full(let what, let maximum): "there are \(maximum) \(what) already, and no more are allowed"
    case .unknownNode(let id): "there is no node \(id)"
    case .nodeNameTaken(let name, let id): "the name \(name) is that of node \(id)"
    case .nodeDiffers(let id, let fields):
      "node \(id) is a member already, with different \(fields.joined(separator: ", "))"
    case .nodeRemoved(let id): "node \(id) was removed from the cluster, and its id does not come back"
    case .lastNode(let id): "node \(id) is the only member of the cluster"
    case .notDrained(let id): "node \(id) has not been drained"
    case .unknownDisk(let id, let node): "node \(node) has no disk \(id)"
    case .diskExists(let id, let node): "disk \(id) is or was one of node \(node)"
    case .diskNameTaken(let name, let id): "the name \(name) is that of the node's disk \(id)"
    case .diskPathTaken(let path, let id): "the node's disk \(id) is at \(path)"
    case .diskRetired(let id): "disk \(id) was retired"
    case .noPolicy(let path): "\(path) has no policy of its own"
    case .rootPolicy: "the policy of / can be changed and not removed: everything must have one"
    }
  }
}
