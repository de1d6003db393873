// The topic that the cluster's events are in: made at first use, and held to what the cluster needs of it.

import Cluster
import CommandLine
import Files
import Log

/// The topic of the cluster's events.
enum ClusterTopic {
  /// Makes the topic where it is missing.
  static func ensure(_ domain: ClusterDomain, in log: EventLog) async throws {
    if exists(domain, in: log) { return try check(log.topic(domain.topic).settings) }
    try await log.createTopic(domain.topic, TopicSettings())
  }

  /// Throws unless there is a log in the data directory.
  static func requireLog(in data: FilePath) throws {
    let path = data / LogPlace.directoryName
    if try LocalFiles().exists(path) { return }
    throw CommandFailure(
      .data, "there is no log at \(path)",
      hint: "name the node's data directory with --data; `varve cluster init NAME` makes a cluster in it")
  }

  static func exists(_ domain: ClusterDomain, in log: EventLog) -> Bool {
    log.topics.contains { $0.name == domain.topic }
  }

  /// Throws when an operator has given the topic settings under which the cluster cannot be kept: a name that is taken
  /// is so in all of the cluster, and tables are made from all that ever happened.
  static func check(_ settings: TopicSettings) throws(CommandFailure) {
    var complaints: [String] = []
    if settings.partitions != 1 {
      complaints.append("has \(settings.partitions) partitions, and must have one")
    }
    if settings.cleanup.compacts { complaints.append("is compacted, and must not be") }
    if settings.cleanup.deletes && (settings.retentionAge != nil || settings.retentionBytes != nil) {
      complaints.append("loses what is old, and must keep everything")
    }
    if complaints.isEmpty { return }
    throw CommandFailure(
      .configuration, messages: complaints.map { "the topic \(ClusterDomain.topicText) \($0)" },
      hint: "see topics.\(ClusterDomain.topicText) in the configuration, and `varve log topic alter`")
  }
}
