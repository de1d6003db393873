// Everything a node can be told, as one immutable value. Each part of the house adds a section here; the
// initial values are the defaults, and `varve config schema` prints what is declared.

import Configuration
import Log

/// The whole configuration of a node.
struct NodeConfiguration: ConfigurationSection {
  /// Where the node keeps what must survive it.
  var data = "data"
  var log = LogConfiguration()
  var topics: [TopicName: TopicChange] = [:]
  var eventLog = EventLogConfiguration()
  var projections = ProjectionsConfiguration()
  var runtime = RuntimeConfiguration()
  var admin = ListenerConfiguration.admin
  var grpc = ListenerConfiguration.grpc
  var access = AccessConfiguration()
  var follow = FollowConfiguration()
  var shutdown = ShutdownConfiguration()

  static func declare(_ section: inout SectionDeclaration<Self>) {
    section.key(
      "data", \.data, .directory, "The data directory; it is created, and locked while the node runs.")
    section.section("log", \.log, "What the node says of itself.")
    section.sections(
      "topics", \.topics, by: .topicName, placeholder: "<topic>", count: 0...topicsMaximum,
      "A topic, by its name. At start it is made, or given the settings that stand here; others stay as they are, and no topic is deleted."
    )
    section.section("event_log", \.eventLog, "How the event log is run.")
    section.section("projections", \.projections, "The tables that are made of the log's events.")
    section.section("runtime", \.runtime, "Threads and queues.")
    section.section(
      "admin", \.admin,
      "The admin port: health, readiness, metrics, version. It answers anyone who reaches it: keep it on a private address."
    )
    section.section(
      "grpc", \.grpc,
      "The gRPC port: the log for other processes, health, reflection. Nothing listens unless an address is set."
    )
    section.section("access", \.access, "Who may do what with the log over the network.")
    section.section("follow", \.follow, "Another node, whose log this one makes the cluster's tables of.")
    section.section("shutdown", \.shutdown, "How the node stops.")
  }

  /// How many topics a configuration may name.
  static let topicsMaximum = 1000

  /// The schema that `serve` and `config` load by.
  static let schema = ConfigurationSchema(
    NodeConfiguration.self,
    reservedEnvironment: [ConfigurationOptions.fileVariable, NodeReach.tokenVariable])
}
