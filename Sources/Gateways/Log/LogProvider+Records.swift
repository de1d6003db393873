// Records in and out of the log over the network.

import Bytes
public import GRPC
import Log
public import LogProtocol
import Records
import Runtime

extension LogProvider {
  /// About how many bytes of records one response has.
  private static let responseBytes = 256 << 10

  // MARK: Appending

  /// Appends records to one partition.
  public func append(
    _ request: Varve_Log_V1_AppendRequest, _ call: GRPCCall
  ) async throws(GRPCStatus) -> Varve_Log_V1_AppendResponse {
    try await append(request, to: try log(for: call, .append))
  }

  /// Appends again and again.
  public func appendAll(
    _ requests: GRPCRequests<Varve_Log_V1_AppendRequest>,
    _ responses: GRPCResponses<Varve_Log_V1_AppendResponse>, _ call: GRPCCall
  ) async throws(GRPCStatus) {
    let log = try log(for: call, .append)
    for try await request in requests { try await responses.send(try await append(request, to: log)) }
  }

  private func append(
    _ request: Varve_Log_V1_AppendRequest, to log: EventLog
  ) async throws(GRPCStatus) -> Varve_Log_V1_AppendResponse {
    var options = AppendOptions()
    switch request.durability {
    case .durable: options.durability = .durable
    case .written: options.durability = .written
    case .UNRECOGNIZED(let number):
      throw GRPCStatus(.invalidArgument, "there is no durability \(number)")
    }
    if request.hasExpectedNext { options.conditions = [.nextOffset(LogOffset(request.expectedNext))] }
    if request.hasProducer {
      let stamp = request.producer
      guard stamp.id >= 0, let epoch = Int16(exactly: stamp.epoch), epoch >= 0, stamp.sequence >= 0 else {
        throw GRPCStatus(
          .invalidArgument, "a producer's id, epoch (up to 32767) and sequence are not negative")
      }
      options.producer = ProducerStamp(id: stamp.id, epoch: epoch, sequence: stamp.sequence)
    }
    if request.topic == TopicName.metadata.text { throw GRPCStatus(LogError.internalTopic(.metadata)) }
    let topic = try await topic(request.topic, in: log)
    let records = request.records.map { Record($0) }
    let index = try partition(for: request, records, of: topic)
    guard topic.partitions.indices.contains(index) else {
      throw GRPCStatus(
        LogError.unknownPartition(PartitionID(topic.name, min(index, PartitionID.partitionsMaximum))))
    }
    let wanted = options
    let receipt = try await refusing { () throws(LogError) in
      try await topic.partitions[index].append(records, wanted)
    }
    var response = Varve_Log_V1_AppendResponse()
    response.partition = UInt32(index)
    response.first = receipt.first.value
    response.count = UInt32(receipt.count)
    response.isDuplicate = receipt.isDuplicate
    return response
  }

  /// The partition that all records belong to.
  private func partition(
    for request: Varve_Log_V1_AppendRequest, _ records: [Record], of topic: Topic
  ) throws(GRPCStatus) -> Int {
    if request.hasPartition { return Int(request.partition) }
    var found: Int?
    for record in records {
      let index = record.key.map { KeyPartitioning.index(of: $0, partitions: topic.partitions.count) } ?? 0
      guard found ?? index == index else {
        throw GRPCStatus(
          .invalidArgument, "the keys belong to several partitions: an append is one batch of one partition")
      }
      found = index
    }
    return found ?? 0
  }

  // MARK: Reading

  /// Reads to the end that the partition has now.
  public func read(
    _ request: Varve_Log_V1_ReadRequest, _ responses: GRPCResponses<Varve_Log_V1_ReadResponse>,
    _ call: GRPCCall
  ) async throws(GRPCStatus) {
    let partition = try await partition(request, call)
    var reading = try await Reading(request, partition)
    reading.end = min(reading.end, partition.extent().end.value)
    while let response = try await reading.next() { try await responses.send(response) }
    // Where a read ends is worth knowing when there was nothing to be read, too.
    if !reading.hasAnswered { try await responses.send(reading.pulse) }
  }

  /// Reads on and on.
  public func tail(
    _ request: Varve_Log_V1_ReadRequest, _ responses: GRPCResponses<Varve_Log_V1_ReadResponse>,
    _ call: GRPCCall
  ) async throws(GRPCStatus) {
    let partition = try await partition(request, call)
    var reading = try await Reading(request, partition)
    // Whoever follows learns at once where it begins, though nothing may come for long.
    try await responses.send(reading.pulse)
    while true {
      while let response = try await reading.next() { try await responses.send(response) }
      if reading.isDone { return }
      if call.isDraining { throw GRPCStatus(.unavailable, "the node is stopping: go on elsewhere, or later") }
      if try await !reading.waitForMore(atMost: configuration.tailInterval) {
        try await responses.send(reading.pulse)
      }
    }
  }

  /// The offset of the first record of a time, or later.
  public func findOffset(
    _ request: Varve_Log_V1_FindOffsetRequest, _ call: GRPCCall
  ) async throws(GRPCStatus) -> Varve_Log_V1_FindOffsetResponse {
    let log = try log(for: call, .read)
    var response = Varve_Log_V1_FindOffsetResponse()
    response.offset = try await refusing { () throws(LogError) in
      let id = try Self.partition(request.topic, request.partition)
      return try await log.partition(id).subscribe(from: .time(request.timeMs)).nextOffset.value
    }
    return response
  }

  private func partition(
    _ request: Varve_Log_V1_ReadRequest, _ call: GRPCCall
  ) async throws(GRPCStatus) -> Partition {
    let log = try log(for: call, .read)
    return try await refusing { () throws(LogError) in
      try log.partition(try Self.partition(request.topic, request.partition))
    }
  }

  /// Records on their way out.
  private struct Reading {
    /// Ends before this offset.
    var end: Int64
    private(set) var hasAnswered = false
    private let partition: Partition
    private let givesBatches: Bool
    private var subscription: LogSubscription
    private var recordsLeft: UInt64
    /// What was read and did not fit into a response.
    private var waiting: [StoredRecord] = []
    private var position: Int64

    init(_ request: Varve_Log_V1_ReadRequest, _ partition: Partition) async throws(GRPCStatus) {
      let start: ReadStart =
        switch request.from {
        case .offset(let offset): .offset(LogOffset(max(0, offset)))
        case .beginning, nil: .beginning
        case .end: .end
        case .timeMs(let time): .time(time)
        }
      if case .offset(let offset) = request.from, offset < 0 {
        throw GRPCStatus(.invalidArgument, "an offset is not negative")
      }
      switch request.form {
      case .batches: givesBatches = true
      case .records: givesBatches = false
      case .UNRECOGNIZED(let number): throw GRPCStatus(.invalidArgument, "there is no form \(number)")
      }
      self.partition = partition
      subscription = try await refusing { () throws(LogError) in try await partition.subscribe(from: start) }
      position = subscription.nextOffset.value
      recordsLeft = request.recordsMaximum == 0 ? .max : request.recordsMaximum
      end = request.until == 0 ? .max : request.until
    }

    /// Whether all that was asked for has been given.
    var isDone: Bool { recordsLeft == 0 || position >= end }

    /// A response without records.
    var pulse: Varve_Log_V1_ReadResponse {
      var response = Varve_Log_V1_ReadResponse()
      response.next = position
      response.extent = Varve_Log_V1_Extent(partition.extent())
      return response
    }

    mutating func waitForMore(atMost patience: Duration) async throws(GRPCStatus) -> Bool {
      do throws(LogError) {
        return try await subscription.waitForMore(atMost: patience)
      } catch {
        throw GRPCStatus(error)
      }
    }

    /// The next response; nil when there is nothing more now.
    mutating func next() async throws(GRPCStatus) -> Varve_Log_V1_ReadResponse? {
      if isDone { return nil }
      do throws(LogError) {
        return givesBatches ? try await nextBatches() : try await nextRecords()
      } catch {
        throw GRPCStatus(error)
      }
    }

    private mutating func nextBatches() async throws(LogError) -> Varve_Log_V1_ReadResponse? {
      var bytes = ByteBuffer()
      while !isDone && bytes.count < LogProvider.responseBytes {
        guard let batch = try await subscription.nextIfAny() else { break }
        // Most responses are one batch, which need not be copied.
        if bytes.isEmpty { bytes = batch.bytes } else { bytes.append(batch.bytes) }
        position = batch.header.nextOffset
        recordsLeft -= min(recordsLeft, UInt64(batch.header.recordCount))
      }
      if bytes.isEmpty { return nil }
      var response = pulse
      response.batches = bytes
      hasAnswered = true
      return response
    }

    private mutating func nextRecords() async throws(LogError) -> Varve_Log_V1_ReadResponse? {
      var (records, bytes) = ([Varve_Log_V1_Record](), 0)
      while !isDone && bytes < LogProvider.responseBytes {
        if waiting.isEmpty {
          guard let batch = try await subscription.nextIfAny() else { break }
          do throws(RecordError) {
            waiting = try batch.records().reversed()
          } catch {
            throw .record(partition.id, LogOffset(batch.header.baseOffset), error)
          }
        }
        while let stored = waiting.last, !isDone, bytes < LogProvider.responseBytes {
          waiting.removeLast()
          // A batch is given whole: its first records may be before the offset that was asked for.
          if stored.offset < position { continue }
          position = stored.offset
          if isDone { break }
          position += 1
          recordsLeft -= 1
          let record = Varve_Log_V1_Record(stored)
          bytes += record.serializedSize
          records.append(record)
        }
      }
      if records.isEmpty { return nil }
      var response = pulse
      response.records = records
      hasAnswered = true
      return response
    }
  }
}

extension Record {
  fileprivate init(_ message: Varve_Log_V1_Record) {
    self.init(
      key: message.hasKey ? message.key : nil, value: message.hasValue ? message.value : nil,
      headers: message.headers.map { RecordHeader(key: $0.name, value: $0.hasValue ? $0.value : nil) },
      timestamp: message.hasTimestampMs ? message.timestampMs : nil)
  }
}

extension Varve_Log_V1_Record {
  fileprivate init(_ stored: StoredRecord) {
    self.init()
    if let key = stored.record.key { self.key = key }
    if let value = stored.record.value { self.value = value }
    headers = stored.record.headers.map { header in
      var message = Varve_Log_V1_RecordHeader()
      message.name = header.key
      if let value = header.value { message.value = value }
      return message
    }
    timestampMs = stored.timestamp
    offset = stored.offset
  }
}
