// The log over the network: what answers the calls of Schemas/varve/log.proto. Topics and positions are here; records are in
// LogProvider+Records.swift.

import Bytes
public import GRPC
public import Log
import LogEvents
public import LogProtocol
import Runtime
import Wire

/// A log, for other processes.
public struct LogProvider: Sendable {
  /// How a log is served.
  public struct Configuration: Sendable {
    /// Who may do what.
    public var access = LogAccess()
    /// A tail without records says so often how far the partition reaches, and looks whether the node is to stop.
    public var tailInterval = Duration.seconds(2)

    /// Nobody may do anything.
    public init() {}
  }

  /// The log, once it is open; nil before that and after its end.
  let source: @Sendable () -> EventLog?
  let configuration: Configuration

  /// A service of a log.
  ///
  /// - Parameters:
  ///   - configuration: who may do what.
  ///   - source: the log; nil while it is not open.
  public init(_ configuration: Configuration, _ source: @escaping @Sendable () -> EventLog?) {
    self.configuration = configuration
    self.source = source
  }

  /// For a server to have.
  public var service: GRPCService { Varve_Log_V1_LogService.service(self) }

  /// The log, for a caller that may do what it asks for.
  func log(for call: GRPCCall, _ right: LogAccess.Right) throws(GRPCStatus) -> EventLog {
    try configuration.access.admit(call, right)
    guard let log = source() else { throw GRPCStatus(.unavailable, "the log is not open") }
    return log
  }
}

extension LogProvider: Varve_Log_V1_LogServiceProvider {
  // MARK: Topics

  /// Which topics there are.
  public func topics(
    _ request: Varve_Log_V1_TopicsRequest, _ call: GRPCCall
  ) async throws(GRPCStatus) -> Varve_Log_V1_TopicsResponse {
    let log = try log(for: call, .read)
    var response = Varve_Log_V1_TopicsResponse()
    if request.topic.isEmpty {
      response.topics = log.topics.map { Self.listing($0) }
    } else {
      response.topics = [Self.listing(try await topic(request.topic, in: log))]
    }
    return response
  }

  /// Makes a topic.
  public func createTopic(
    _ request: Varve_Log_V1_CreateTopicRequest, _ call: GRPCCall
  ) async throws(GRPCStatus) -> Varve_Log_V1_CreateTopicResponse {
    let log = try log(for: call, .manage)
    var response = Varve_Log_V1_CreateTopicResponse()
    response.topic = try await refusing { () throws(LogError) in
      let name = try TopicName(request.name)
      try await log.createTopic(name, try Self.settings(request.settings, name))
      return Self.listing(try log.topic(name))
    }
    return response
  }

  /// Changes settings of a topic.
  public func alterTopic(
    _ request: Varve_Log_V1_AlterTopicRequest, _ call: GRPCCall
  ) async throws(GRPCStatus) -> Varve_Log_V1_AlterTopicResponse {
    let log = try log(for: call, .manage)
    let name = try await refusing { () throws(LogError) in try TopicName(request.name) }
    let wanted = try await refusing { () throws(LogError) in try Self.settings(request.settings, name) }
    let expected = request.hasPrevious ? request.previous : nil
    let isStale = Locked(false)
    try await refusing { () throws(LogError) in
      _ = try await log.alterTopic(name) { settings in
        if let expected, settings.event != expected {
          isStale.withLock { $0 = true }
        } else {
          settings = wanted
        }
      }
    }
    if isStale.withLock({ $0 }) {
      throw GRPCStatus(.aborted, "the settings of \(name) have been changed meanwhile: read them again")
    }
    var response = Varve_Log_V1_AlterTopicResponse()
    response.topic = Self.listing(try await refusing { () throws(LogError) in try log.topic(name) })
    return response
  }

  /// Deletes a topic.
  public func deleteTopic(
    _ request: Varve_Log_V1_DeleteTopicRequest, _ call: GRPCCall
  ) async throws(GRPCStatus) -> Varve_Log_V1_DeleteTopicResponse {
    let log = try log(for: call, .manage)
    try await refusing { () throws(LogError) in try await log.deleteTopic(try TopicName(request.name)) }
    return Varve_Log_V1_DeleteTopicResponse()
  }

  /// The settings of a message: those that are zero are the usual ones, and one partition is the least.
  private static func settings(
    _ message: Varve_Log_V1_TopicSettings, _ name: TopicName
  ) throws(LogError) -> TopicSettings {
    var message = message
    if message.partitions == 0 { message.partitions = UInt32(TopicSettings().partitions) }
    return try TopicSettings(message, topic: name.text)
  }

  /// A topic by its name, the log's own too.
  func topic(_ name: String, in log: EventLog) async throws(GRPCStatus) -> Topic {
    try await refusing { () throws(LogError) in
      try log.topic(name == TopicName.metadata.text ? .metadata : try TopicName(name))
    }
  }

  private static func listing(_ topic: Topic) -> Varve_Log_V1_TopicListing {
    var listing = Varve_Log_V1_TopicListing()
    listing.name = topic.name.text
    topic.id.append(to: &listing.topicID)
    listing.settings = topic.settings.event
    listing.partitions = topic.partitions.map { partition in
      var listing = Varve_Log_V1_PartitionListing()
      listing.extent = Varve_Log_V1_Extent(partition.extent())
      switch partition.standing {
      case .open: break
      case .stopped(let error), .readOnly(let error): listing.trouble = error.description
      }
      return listing
    }
    return listing
  }

  // MARK: Positions

  /// How far consumers have come.
  public func positions(
    _ request: Varve_Log_V1_PositionsRequest, _ call: GRPCCall
  ) async throws(GRPCStatus) -> Varve_Log_V1_PositionsResponse {
    let log = try log(for: call, .read)
    var response = Varve_Log_V1_PositionsResponse()
    for position in log.consumers where request.consumer.isEmpty || position.name.text == request.consumer {
      var answer = Varve_Log_V1_Position()
      answer.consumer = position.name.text
      answer.kind = position.kind == .consumer ? .consumer : .snapshot
      answer.topic = position.partition.topic.text
      answer.partition = UInt32(position.partition.index)
      answer.position = position.position.value
      answer.committedAtMs = position.committedAt
      do throws(LogError) { answer.lag = Int64(try log.lag(of: position)) } catch { answer.lag = -1 }
      response.positions.append(answer)
    }
    return response
  }

  /// A consumer says how far it has come.
  public func commitPosition(
    _ request: Varve_Log_V1_CommitPositionRequest, _ call: GRPCCall
  ) async throws(GRPCStatus) -> Varve_Log_V1_CommitPositionResponse {
    let log = try log(for: call, .append)
    let kind: ConsumerKind
    switch request.kind {
    case .consumer: kind = .consumer
    case .snapshot: kind = .snapshot
    case .UNRECOGNIZED(let number):
      throw GRPCStatus(.invalidArgument, "there is no kind \(number) of consumers")
    }
    guard request.position >= 0 else { throw GRPCStatus(.invalidArgument, "a position is not negative") }
    try await refusing { () throws(LogError) in
      try await log.commit(
        try ConsumerName(request.consumer), try Self.partition(request.topic, request.partition),
        position: LogOffset(request.position), kind: kind)
    }
    return Varve_Log_V1_CommitPositionResponse()
  }

  /// Forgets a consumer.
  public func removePosition(
    _ request: Varve_Log_V1_RemovePositionRequest, _ call: GRPCCall
  ) async throws(GRPCStatus) -> Varve_Log_V1_RemovePositionResponse {
    let log = try log(for: call, .append)
    if request.hasPartition && request.topic.isEmpty {
      throw GRPCStatus(.invalidArgument, "a partition is one of a topic: name it")
    }
    var response = Varve_Log_V1_RemovePositionResponse()
    response.count = try await refusing { () throws(LogError) in
      let consumer = try ConsumerName(request.consumer)
      let found = log.consumers.filter {
        $0.name == consumer && (request.topic.isEmpty || $0.partition.topic.text == request.topic)
          && (!request.hasPartition || $0.partition.index == Int(request.partition))
      }
      if found.isEmpty { throw .unknownConsumer(consumer.text) }
      for position in found { try await log.removeConsumer(consumer, position.partition) }
      return UInt32(found.count)
    }
    return response
  }

  /// A partition of a topic.
  static func partition(_ topic: String, _ index: UInt32) throws(LogError) -> PartitionID {
    let name: TopicName = topic == TopicName.metadata.text ? .metadata : try TopicName(topic)
    guard index < PartitionID.partitionsMaximum else {
      throw .unknownPartition(PartitionID(name, PartitionID.partitionsMaximum))
    }
    return PartitionID(name, Int(index))
  }
}
