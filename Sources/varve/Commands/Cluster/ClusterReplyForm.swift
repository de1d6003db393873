// How the answer to a command is printed: a sentence, or the ids that it is about as an object of JSON.

import Cluster
import CommandLine
import Wire

extension Console {
  /// Prints an answer.
  ///
  /// - Parameter sentence: what was done, for people; when nothing had to be done, that is said too.
  func report(
    _ reply: ClusterDomain.Reply, isJSON: Bool, _ sentence: () -> String
  ) throws(CommandLineError) {
    if !isJSON { return try print(sentence() + (reply.unchanged ? " (it was so already)" : "")) }
    try printJSON { writer in
      writer.beginObject()
      writer.key("changed")
      writer.bool(!reply.unchanged)
      if let id = ClusterID(bytes: reply.clusterID) { writer.member("cluster", id.description) }
      if let id = NodeID(bytes: reply.nodeID) { writer.member("node", id.description) }
      if !reply.diskIds.isEmpty {
        writer.key("disks")
        writer.beginArray()
        for bytes in reply.diskIds { if let id = DiskID(bytes: bytes) { writer.string(id.description) } }
        writer.endArray()
      }
      if let id = PolicyID(bytes: reply.policyID) { writer.member("policy", id.description) }
      writer.endObject()
    }
  }
}
