// Another process's log, as if it were at hand: the calls of Schemas/varve/log.proto with the names and the errors of Log.

import Bytes
public import GRPC
public import Log
import LogEvents
import LogProtocol
public import Records
import Wire

/// A log that another process has.
public struct RemoteLog: Sendable {
  /// How long one question may take.
  public var patience = Duration.seconds(30)
  let client: Varve_Log_V1_LogServiceClient

  /// The log that `caller` reaches.
  public init(_ caller: any GRPCCaller) { client = Varve_Log_V1_LogServiceClient(caller) }

  /// For a call that is answered once.
  private var options: GRPCCallOptions {
    var options = GRPCCallOptions(timeout: patience)
    options.limits.receivedMessageBytesMaximum = Self.messageBytesMaximum
    return options
  }

  /// Longer than any batch that a log takes, and what is around it.
  static let messageBytesMaximum = RecordLimits.batchBytesMaximum + (1 << 20)

  // MARK: Topics

  /// A topic as its node has it.
  public struct Topic: Sendable {
    /// Its name, its id and its settings.
    public let description: TopicDescription
    /// Its name.
    public var name: TopicName { description.name }
    /// By their index: how far each reaches, and why it takes no appends when it does not.
    public let partitions: [(extent: LogExtent, trouble: String?)]
  }

  /// Every topic.
  public func topics() async throws(LogError) -> [Topic] {
    try await asking { () throws(GRPCStatus) in
      try await client.topics(Varve_Log_V1_TopicsRequest(), options)
    }.topics.map { listing throws(LogError) in try Topic(listing) }
  }

  /// A topic; `LogError.unknownTopic` when there is none.
  public func topic(_ name: TopicName) async throws(LogError) -> Topic {
    try Topic(try await listing(name))
  }

  private func listing(_ name: TopicName) async throws(LogError) -> Varve_Log_V1_TopicListing {
    var request = Varve_Log_V1_TopicsRequest()
    request.topic = name.text
    let response = try await asking { () throws(GRPCStatus) in try await client.topics(request, options) }
    guard let listing = response.topics.first else { throw .unknownTopic(name) }
    return listing
  }

  /// Makes a topic.
  @discardableResult
  public func createTopic(_ name: TopicName, _ settings: TopicSettings) async throws(LogError) -> Topic {
    var request = Varve_Log_V1_CreateTopicRequest()
    request.name = name.text
    request.settings = settings.event
    let response = try await asking { () throws(GRPCStatus) in
      try await client.createTopic(request, options)
    }
    return try Topic(response.topic)
  }

  /// How often a change that met another's is tried again.
  private static let attemptsMaximum = 8

  /// Changes settings of a topic, as they are there and then.
  @discardableResult
  public func alterTopic(
    _ name: TopicName, _ change: (inout TopicSettings) -> Void
  ) async throws(LogError) -> Topic {
    for attempt in 1... {
      let listing = try await listing(name)
      var settings = try TopicSettings(listing.settings, topic: name.text)
      change(&settings)
      var request = Varve_Log_V1_AlterTopicRequest()
      request.name = name.text
      request.settings = settings.event
      request.previous = listing.settings
      let response: Varve_Log_V1_AlterTopicResponse
      do throws(GRPCStatus) {
        response = try await client.alterTopic(request, options)
      } catch {
        if error.code != .aborted || attempt == Self.attemptsMaximum { throw LogError(error) }
        continue
      }
      return try Topic(response.topic)
    }
    preconditionFailure("attempts end")
  }

  /// Deletes a topic with all of its records.
  public func deleteTopic(_ name: TopicName) async throws(LogError) {
    var request = Varve_Log_V1_DeleteTopicRequest()
    request.name = name.text
    _ = try await asking { () throws(GRPCStatus) in try await client.deleteTopic(request, options) }
  }

  // MARK: Records

  /// Appends records to a partition: all of them, as one batch, or none.
  ///
  /// Whoever repeats an append after an error that leaves its fate open gives it a producer's stamp: then it is there once.
  public func append(
    _ records: [Record], to partition: PartitionID, _ options: AppendOptions = .durable
  ) async throws(LogError) -> AppendReceipt {
    var request = Varve_Log_V1_AppendRequest()
    request.topic = partition.topic.text
    request.partition = UInt32(partition.index)
    request.records = records.map { Varve_Log_V1_Record($0) }
    request.durability = options.durability == .durable ? .durable : .written
    for condition in options.conditions {
      guard case .nextOffset(let next) = condition else {
        throw .remote("an append over the network can depend on the next offset, and on no key's last")
      }
      request.expectedNext = next.value
    }
    if let producer = options.producer {
      var stamp = Varve_Log_V1_ProducerStamp()
      stamp.id = producer.id
      stamp.epoch = Int32(producer.epoch)
      stamp.sequence = producer.sequence
      request.producer = stamp
    }
    let response = try await asking { () throws(GRPCStatus) in
      try await client.append(request, self.options)
    }
    return AppendReceipt(
      first: LogOffset(response.first), count: Int(response.count), isDuplicate: response.isDuplicate)
  }

  /// The offsets that can be read now.
  public func extent(of partition: PartitionID) async throws(LogError) -> LogExtent {
    let topic = try await topic(partition.topic)
    guard topic.partitions.indices.contains(partition.index) else { throw .unknownPartition(partition) }
    return topic.partitions[partition.index].extent
  }

  /// The offset of the first record of a time or later; the end when there is none.
  public func offset(notBefore time: Int64, in partition: PartitionID) async throws(LogError) -> LogOffset {
    var request = Varve_Log_V1_FindOffsetRequest()
    request.topic = partition.topic.text
    request.partition = UInt32(partition.index)
    request.timeMs = time
    let response = try await asking { () throws(GRPCStatus) in
      try await client.findOffset(request, options)
    }
    return LogOffset(response.offset)
  }

  /// The batches from `offset` on, the first of which may begin before it. The connection may be lost and come back
  /// meanwhile: nothing is missed and nothing comes twice.
  ///
  /// - Parameter lossesMaximum: how often in a row the reading may be cut without a batch between; nil for any number.
  public func subscribe(
    to partition: PartitionID, from offset: LogOffset, lossesMaximum: Int? = nil
  ) async throws(LogError) -> RemoteSubscription {
    // The offset is looked at here, so that a mistake is told at once.
    let extent = try await extent(of: partition)
    guard offset >= extent.first && offset <= extent.end else {
      throw .offsetOutOfRange(partition, requested: offset, first: extent.first, end: extent.end)
    }
    return RemoteSubscription(client, partition, from: offset, lossesMaximum: lossesMaximum)
  }

  // MARK: Positions

  /// A consumer's position, and how far behind the end it is; nil when its partition cannot be read.
  public typealias Standing = (position: ConsumerPosition, lag: Int?)

  /// Every position of every consumer.
  public func consumers() async throws(LogError) -> [Standing] {
    let response = try await asking { () throws(GRPCStatus) in
      try await client.positions(Varve_Log_V1_PositionsRequest(), options)
    }
    return try response.positions.map { position throws(LogError) in
      let partition = PartitionID(try TopicName(reading: position.topic), Int(position.partition))
      let consumer = ConsumerPosition(
        name: try ConsumerName(position.consumer), kind: position.kind == .snapshot ? .snapshot : .consumer,
        partition: partition, position: LogOffset(position.position), committedAt: position.committedAtMs)
      return (consumer, position.lag < 0 ? nil : Int(position.lag))
    }
  }

  /// Remembers how far a consumer has come.
  public func commit(
    _ consumer: ConsumerName, _ partition: PartitionID, position: LogOffset, kind: ConsumerKind = .consumer
  ) async throws(LogError) {
    var request = Varve_Log_V1_CommitPositionRequest()
    request.consumer = consumer.text
    request.topic = partition.topic.text
    request.partition = UInt32(partition.index)
    request.position = position.value
    request.kind = kind == .snapshot ? .snapshot : .consumer
    _ = try await asking { () throws(GRPCStatus) in try await client.commitPosition(request, options) }
  }

  /// Forgets a consumer: in all topics, in one, or in one partition.
  ///
  /// - Returns: how many positions were forgotten.
  public func removeConsumer(
    _ consumer: ConsumerName, topic: TopicName? = nil, partition: Int? = nil
  ) async throws(LogError) -> Int {
    var request = Varve_Log_V1_RemovePositionRequest()
    request.consumer = consumer.text
    if let topic { request.topic = topic.text }
    if let partition { request.partition = UInt32(partition) }
    return Int(
      try await asking { () throws(GRPCStatus) in try await client.removePosition(request, options) }.count)
  }
}

extension RemoteLog.Topic {
  init(_ listing: Varve_Log_V1_TopicListing) throws(LogError) {
    guard let id = UUID(bytes: listing.topicID.readable) else {
      throw .remote("the node gives the topic \(listing.name) an id of \(listing.topicID.count) bytes")
    }
    description = TopicDescription(
      name: try TopicName(reading: listing.name), id: id,
      settings: try TopicSettings(listing.settings, topic: listing.name))
    partitions = listing.partitions.map { partition in
      (LogExtent(partition.extent), partition.trouble.isEmpty ? nil : partition.trouble)
    }
  }
}

extension TopicName {
  /// A name that a node has said: the log's own too.
  init(reading text: String) throws(LogError) {
    if text == TopicName.metadata.text { self = .metadata } else { try self.init(text) }
  }
}

extension LogExtent {
  init(_ extent: Varve_Log_V1_Extent) {
    self.init(first: LogOffset(extent.first), end: LogOffset(max(extent.end, extent.first)))
  }
}

extension Varve_Log_V1_Record {
  fileprivate init(_ record: Record) {
    self.init()
    if let key = record.key { self.key = key }
    if let value = record.value { self.value = value }
    headers = record.headers.map { header in
      var message = Varve_Log_V1_RecordHeader()
      message.name = header.key
      if let value = header.value { message.value = value }
      return message
    }
    if let timestamp = record.timestamp { timestampMs = timestamp }
  }
}

/// Makes a call's status the log's error.
func asking<Result>(_ body: () async throws(GRPCStatus) -> Result) async throws(LogError) -> Result {
  do throws(GRPCStatus) { return try await body() } catch { throw LogError(error) }
}
