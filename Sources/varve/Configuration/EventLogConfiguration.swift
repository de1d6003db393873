// How the node runs its event log. Topics are a section of their own.

import Configuration

/// The event log.
struct EventLogConfiguration: ConfigurationSection {
  var writerThreads = 1
  var upkeepInterval = Duration.seconds(30)

  static func declare(_ section: inout SectionDeclaration<Self>) {
    section.key(
      "writer_threads", \.writerThreads, .integer(1...64),
      "Threads that write the partitions. One serves one disk; more help where there are several.")
    section.key(
      "upkeep_interval", \.upkeepInterval, .duration(.seconds(1) ... .seconds(86_400)),
      "How often old segments are looked for: to begin new ones, and for retention and compaction.")
  }
}
