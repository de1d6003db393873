// Threads and queues. The defaults fit a machine that the node has to itself.

import Configuration

/// Threads and queues.
struct RuntimeConfiguration: ConfigurationSection {
  /// Zero: one per core.
  var loops = 0
  var blockingThreads = 4
  var blockingQueue = 1024

  static func declare(_ section: inout SectionDeclaration<Self>) {
    section.key("loops", \.loops, .integer(0...1024), "Event loops; 0 means one per core.")
    section.key(
      "blocking_threads", \.blockingThreads, .integer(1...256),
      "Threads for work that blocks: file reads that miss the page cache, name lookups.")
    section.key(
      "blocking_queue", \.blockingQueue, .integer(1...1_000_000),
      "How much of that work may wait; beyond it, callers wait or are refused.")
  }
}
