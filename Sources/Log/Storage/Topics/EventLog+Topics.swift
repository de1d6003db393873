// Creating, altering and deleting topics. Each is decided against the catalogue, appended to the log's own
// topic, and then applied: the event comes first, and opening the log finishes what a crash interrupted.

import Files
import Runtime
public import Wire

extension EventLog {
  /// Makes a topic.
  @discardableResult
  public func createTopic(
    _ name: TopicName, _ settings: TopicSettings = TopicSettings(), id: UUID? = nil
  ) async throws(LogError) -> Topic {
    try settings.validate(topic: name.text)
    return try await inTurn { () throws(LogError) in
      if try self.entry(name) != nil { throw .topicExists(name) }
      var random = SystemRandomNumberGenerator()
      let entry = TopicEntry(name: name, id: id ?? UUID(version4: &random), settings: settings)
      try await self.commit(.topicSet(entry))
      return try await self.open(entry, keeping: [])
    }
  }

  /// Changes a topic's settings. The number of partitions may only grow.
  @discardableResult
  public func alterTopic(
    _ name: TopicName, _ change: @Sendable (inout TopicSettings) -> Void
  ) async throws(LogError) -> Topic {
    try await inTurn { () throws(LogError) in
      guard let old = try self.entry(name) else { throw .unknownTopic(name) }
      var settings = old.settings
      change(&settings)
      try settings.validate(topic: name.text)
      if settings.partitions < old.settings.partitions {
        throw .invalidSetting(
          topic: name.text, key: "partitions",
          reason: "there are \(old.settings.partitions), and records are never moved: it cannot shrink")
      }
      if settings == old.settings { return try self.topic(name) }
      let entry = TopicEntry(name: name, id: old.id, settings: settings)
      try await self.commit(.topicSet(entry))
      let open = try self.topic(name).partitions
      for partition in open { partition.alter(settings) }
      return try await self.open(entry, keeping: open)
    }
  }

  /// Deletes a topic with all of its records and the positions of its consumers.
  public func deleteTopic(_ name: TopicName) async throws(LogError) {
    try await inTurn { () throws(LogError) in
      guard try self.entry(name) != nil else { throw .unknownTopic(name) }
      let positions = self.consumers.filter { $0.partition.topic == name }
      for position in positions {
        try await self.commit(
          .consumerDeleted(LogCatalogue.ConsumerKey(name: position.name, partition: position.partition)))
      }
      try await self.commit(.topicDeleted(name))
      guard let topic = self.state.withLock({ $0.topics.removeValue(forKey: name) }) else { return }
      for partition in topic.partitions { await partition.retire() }
      try await self.parts.pool.perform {
        [self] () throws(LogError) in try remove(topic)
      }
    }
  }

  private func remove(_ topic: Topic) throws(LogError) {
    let opening = LogOpening(path: configuration.path, parts: parts)
    for partition in topic.partitions {
      partition.upkeep.retire()
      do throws(FileError) { try opening.setAside(partition.directory) } catch { throw .file(error) }
    }
    try opening.removeDeleted()
  }

  private func entry(_ name: TopicName) throws(LogError) -> TopicEntry? {
    if name.isInternal { throw .internalTopic(name) }
    return try state.withLock { state throws(LogError) in
      if state.isClosed { throw .closed }
      return state.catalogue.topic(name)
    }
  }

  private func open(_ entry: TopicEntry, keeping open: [Partition]) async throws(LogError) -> Topic {
    let opening = LogOpening(path: configuration.path, parts: parts)
    let topic = try await parts.pool.perform {
      () throws(LogError) in try opening.openTopic(entry, keeping: open)
    }
    state.withLock { $0.topics[entry.name] = topic }
    return topic
  }

  /// Appends a change of the log itself and applies it.
  func commit(
    _ change: LogCatalogue.Change, durability: Durability = .durable
  ) async throws(LogError) {
    let receipt = try await metadata.append(
      change.record(), AppendOptions(durability: durability))
    state.withLock { $0.catalogue.apply(change, at: receipt.first.value) }
  }

  func inTurn<Result: Sendable>(
    _ body: () async throws(LogError) -> Result
  ) async throws(LogError) -> Result {
    await turns.begin()
    defer { turns.end() }
    return try await body()
  }
}
