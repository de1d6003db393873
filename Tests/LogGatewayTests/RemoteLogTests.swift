// A log over the network says and does what it says and does at hand.

import Bytes
import Foundation
import GRPC
import GRPCClient
import HTTPServer
import Log
import LogGateway
import LogProtocol
import Records
import RemoteLog
import Runtime
import Testing

@Suite("A log over the network", .timeLimit(.minutes(2))) struct RemoteLogTests {
  private func record(_ key: String?, _ value: String?, headers: [RecordHeader] = []) -> Record {
    Record(key: key.map { ByteBuffer($0) }, value: value.map { ByteBuffer($0) }, headers: headers)
  }

  // MARK: Topics

  @Test func topicsAreMadeChangedAndDeleted() async throws {
    try await GatewayFixture.with { fixture in
      try await fixture.remote { remote in
        let jobs = try TopicName("jobs")
        var settings = TopicSettings()
        settings.partitions = 3
        settings.compression = .zstd
        settings.retentionAge = .seconds(3600)
        let made = try await remote.createTopic(jobs, settings)
        #expect(made.description.settings == settings)
        #expect(made.description.id == (try fixture.log.topic(jobs).id))
        #expect(made.partitions.count == 3)
        #expect(
          await refusal { () throws(LogError) in try await remote.createTopic(jobs, settings) }
            == .topicExists(jobs))

        try await remote.alterTopic(jobs) { $0.retentionAge = nil }
        settings.retentionAge = nil
        #expect(try fixture.log.topic(jobs).settings == settings)
        let fewer = await refusal { () throws(LogError) in
          try await remote.alterTopic(jobs) { $0.partitions = 1 }
        }
        #expect("\(String(describing: fewer))".contains("partitions"))

        #expect(try await remote.topics().map(\.name) == [jobs])
        try await remote.deleteTopic(jobs)
        #expect(try await remote.topics().isEmpty)
        let gone = await refusal { () throws(LogError) in _ = try await remote.topic(jobs) }
        #expect(gone == .unknownTopic(jobs))
      }
    }
  }

  /// A change that was made of settings that are no more is refused, so that nobody's change is undone unseen.
  @Test func changesThatMeetDoNotUndoEachOther() async throws {
    try await GatewayFixture.with { fixture in
      let jobs = try TopicName("jobs")
      try await fixture.log.createTopic(jobs, TopicSettings())
      try await fixture.remote { remote in
        try await withThrowingTaskGroup { group in
          group.addTask { _ = try await remote.alterTopic(jobs) { $0.partitions = 4 } }
          group.addTask { _ = try await remote.alterTopic(jobs) { $0.compression = .lz4 } }
          group.addTask { _ = try await remote.alterTopic(jobs) { $0.recordBytesMaximum = 5000 } }
          try await group.waitForAll()
        }
        let settings = try fixture.log.topic(jobs).settings
        #expect(
          settings.partitions == 4 && settings.compression == .lz4 && settings.recordBytesMaximum == 5000)
      }
    }
  }

  // MARK: Records

  @Test func recordsComeBackAsTheyWentIn() async throws {
    try await GatewayFixture.with { fixture in
      let jobs = PartitionID(try TopicName("jobs"), 0)
      try await fixture.log.createTopic(jobs.topic, TopicSettings())
      try await fixture.remote { remote in
        let records = [
          record("a", "one"), record(nil, "two"), record("c", nil),
          record(
            "d", "",
            headers: [RecordHeader(key: "h", value: ByteBuffer("x")), RecordHeader(key: "i", value: nil)]),
        ]
        let receipt = try await remote.append(records, to: jobs)
        #expect(receipt.first == 0 && receipt.count == 4 && !receipt.isDuplicate)

        var batches = try await remote.subscribe(to: jobs, from: .zero)
        let batch = try #require(try await batches.nextIfAny())
        let stored = try batch.records()
        #expect(stored.map(\.record.key) == records.map(\.key))
        #expect(stored.map(\.record.value) == records.map(\.value))
        #expect(stored.map(\.record.headers) == records.map(\.headers))
        #expect(try await batches.nextIfAny() == nil)
        // What is stored is what was sent, byte by byte.
        var local = try await fixture.log.partition(jobs).subscribe(from: .beginning)
        #expect(try await local.nextIfAny()?.bytes == batch.bytes)
      }
    }
  }

  @Test func recordsOneByOneBeginAndEndWhereTheyAreAsked() async throws {
    try await GatewayFixture.with { fixture in
      let jobs = PartitionID(try TopicName("jobs"), 0)
      try await fixture.log.createTopic(jobs.topic, TopicSettings())
      let partition = try fixture.log.partition(jobs)
      for batch in 0..<20 {
        _ = try await partition.append((0..<50).map { record("k", "\(batch * 50 + $0)") }, .durable)
      }
      let channel = try fixture.channel(.read)
      let client = Varve_Log_V1_LogServiceClient(channel)
      for (from, until, maximum, expected) in [
        (Varve_Log_V1_ReadRequest.OneOf_From.offset(0), 0, 0, 0..<1000), (.offset(973), 0, 0, 973..<1000),
        (.offset(120), 180, 0, 120..<180), (.beginning(true), 0, 7, 0..<7), (.end(true), 0, 0, 1000..<1000),
        (.timeMs(0), 3, 0, 0..<3), (.offset(1000), 0, 0, 1000..<1000),
      ] as [(Varve_Log_V1_ReadRequest.OneOf_From, Int64, UInt64, Range<Int>)] {
        var request = Varve_Log_V1_ReadRequest()
        request.topic = "jobs"
        request.from = from
        request.until = until
        request.recordsMaximum = maximum
        var values: [String] = []
        var next: Int64 = -1
        for try await response in try await client.read(request) {
          values += response.records.map {
            $0.value.withReadableBytes { String(decoding: $0, as: UTF8.self) }
          }
          next = response.next
        }
        #expect(values == expected.map { "\($0)" })
        #expect(next == Int64(expected.upperBound))
      }
      await channel.close(within: .zero)
    }
  }

  @Test func appendsDependOnWhatTheySay() async throws {
    try await GatewayFixture.with { fixture in
      let jobs = PartitionID(try TopicName("jobs"), 0)
      try await fixture.log.createTopic(jobs.topic, TopicSettings())
      try await fixture.remote { remote in
        let options = AppendOptions(conditions: [.nextOffset(0)])
        _ = try await remote.append([record(nil, "a")], to: jobs, options)
        let conflict = await refusal { () throws(LogError) in
          _ = try await remote.append([record(nil, "b")], to: jobs, options)
        }
        #expect(conflict == .conflict(jobs, expectedNext: 0, next: 1))

        let stamped = AppendOptions(producer: ProducerStamp(id: 7, epoch: 1, sequence: 0))
        let first = try await remote.append([record(nil, "c")], to: jobs, stamped)
        let again = try await remote.append([record(nil, "c")], to: jobs, stamped)
        #expect(again.first == first.first && again.isDuplicate)

        let missing = PartitionID(jobs.topic, 5)
        #expect(
          await refusal { () throws(LogError) in _ = try await remote.append([record(nil, "d")], to: missing)
          }
            == .unknownPartition(missing))
        let beyond = await refusal { () throws(LogError) in _ = try await remote.subscribe(to: jobs, from: 99)
        }
        #expect(beyond == .offsetOutOfRange(jobs, requested: 99, first: 0, end: 2))
      }
    }
  }

  /// The server goes and comes back, again and again; nothing is missed and nothing comes twice.
  @Test func aTailGoesOnAfterCuts() async throws {
    try await GatewayFixture.with { fixture in
      let jobs = PartitionID(try TopicName("jobs"), 0)
      try await fixture.log.createTopic(jobs.topic, TopicSettings())
      let partition = try fixture.log.partition(jobs)
      let count = 600
      var server = try GatewayFixture.serve(fixture.log, on: fixture.group, port: 0)
      let port = try #require(server.address.port)
      let channel = try fixture.channel(.read, to: port)
      let reading = Task {
        var batches = try await RemoteLog(channel).subscribe(to: jobs, from: .zero)
        var offsets: [Int64] = []
        while offsets.count < count { offsets += try (try await batches.next()).records().map(\.offset) }
        return offsets
      }
      for index in 0..<count {
        _ = try await partition.append([record(nil, "\(index)")], .durable)
        if index % 150 == 149 {
          await server.drain(within: .zero)
          server = try GatewayFixture.serve(fixture.log, on: fixture.group, port: port)
        }
      }
      #expect(try await reading.value == (0..<Int64(count)).map { $0 })
      await channel.close(within: .zero)
      await server.drain(within: .zero)
    }
  }

  // MARK: Positions

  @Test func positionsAreCommittedAndForgotten() async throws {
    try await GatewayFixture.with { fixture in
      let jobs = PartitionID(try TopicName("jobs"), 0)
      try await fixture.log.createTopic(jobs.topic, TopicSettings())
      _ = try await fixture.log.partition(jobs).append((0..<5).map { record(nil, "\($0)") }, .durable)
      try await fixture.remote(.append) { remote in
        let billing = try ConsumerName("billing")
        try await remote.commit(billing, jobs, position: 2)
        let standings = try await remote.consumers()
        #expect(standings.count == 1 && standings[0].lag == 3)
        #expect(standings[0].position == fixture.log.position(of: billing, in: jobs))
        let beyond = await refusal { () throws(LogError) in
          try await remote.commit(billing, jobs, position: 9)
        }
        #expect(beyond == .offsetOutOfRange(jobs, requested: 9, first: 0, end: 5))
        #expect(try await remote.removeConsumer(billing) == 1)
        #expect(try await remote.consumers().isEmpty)
      }
    }
  }

  // MARK: Rights

  @Test(arguments: [nil, .read, .append, .manage] as [LogAccess.Right?])
  func callersMayWhatTheyWereGiven(right: LogAccess.Right?) async throws {
    try await GatewayFixture.with { fixture in
      let jobs = PartitionID(try TopicName("jobs"), 0)
      try await fixture.log.createTopic(jobs.topic, TopicSettings())
      try await fixture.remote(right) { remote in
        func may(_ body: () async throws(LogError) -> Void) async -> Bool {
          let error = await refusal(body)
          if case .notAllowed = error { return false }
          #expect(error == nil)
          return true
        }
        let rank = right ?? .none
        #expect(await may { () throws(LogError) in _ = try await remote.topics() } == (rank >= .read))
        #expect(await may { () throws(LogError) in _ = try await remote.consumers() } == (rank >= .read))
        #expect(
          await may { () throws(LogError) in _ = try await remote.append([record(nil, "a")], to: jobs) }
            == (rank >= .append))
        #expect(
          await may { () throws(LogError) in try await remote.commit(try ConsumerName("c"), jobs, position: 0)
          }
            == (rank >= .append))
        #expect(
          await may { () throws(LogError) in
            try await remote.createTopic(try TopicName("more"), TopicSettings())
          }
            == (rank >= .manage))
        #expect(
          await may { () throws(LogError) in try await remote.deleteTopic(jobs.topic) } == (rank >= .manage))
      }
    }
  }

  @Test(arguments: ["Bearer wrong", "bearer", "Basic dG9rZW4=", "Bearer ", "token-for-managers"])
  func otherTokensOpenNothing(field: String) async throws {
    try await GatewayFixture.with { fixture in
      let channel = try fixture.channel(nil)
      var options = GRPCCallOptions()
      try options.metadata.append("authorization", field)
      do throws(GRPCStatus) {
        _ = try await Varve_Log_V1_LogServiceClient(channel).topics(Varve_Log_V1_TopicsRequest(), options)
        Issue.record("it was let in")
      } catch {
        #expect(error.code == .unauthenticated)
      }
      await channel.close(within: .zero)
    }
  }

  // MARK: What makes no sense

  @Test func requestsThatMakeNoSenseAreRefused() async throws {
    try await GatewayFixture.with { fixture in
      try await fixture.log.createTopic(try TopicName("jobs"), TopicSettings())
      let channel = try fixture.channel(.manage)
      let client = Varve_Log_V1_LogServiceClient(channel)
      func code(_ body: () async throws(GRPCStatus) -> Void) async -> GRPCCode? {
        do throws(GRPCStatus) {
          try await body()
          return nil
        } catch {
          return error.code
        }
      }
      func append(_ change: (inout Varve_Log_V1_AppendRequest) -> Void) async -> GRPCCode? {
        var request = Varve_Log_V1_AppendRequest()
        request.topic = "jobs"
        request.records = [Varve_Log_V1_Record()]
        change(&request)
        let asked = request
        return await code { () throws(GRPCStatus) in _ = try await client.append(asked) }
      }
      #expect(await append { $0.records = [] } == .invalidArgument)
      #expect(await append { $0.topic = "" } == .invalidArgument)
      #expect(await append { $0.topic = "__varve" } == .permissionDenied)
      #expect(await append { $0.topic = "nothing" } == .notFound)
      #expect(await append { $0.partition = .max } == .notFound)
      #expect(await append { $0.durability = .UNRECOGNIZED(9) } == .invalidArgument)
      #expect(await append { $0.producer.epoch = 1 << 20 } == .invalidArgument)
      #expect(await append { $0.producer.id = -1 } == .invalidArgument)
      #expect(
        await append { $0.records[0].value = ByteBuffer([UInt8](repeating: 0, count: 2 << 20)) }
          == .invalidArgument)
      func read(_ change: (inout Varve_Log_V1_ReadRequest) -> Void) async -> GRPCCode? {
        var request = Varve_Log_V1_ReadRequest()
        request.topic = "jobs"
        change(&request)
        let asked = request
        return await code { () throws(GRPCStatus) in
          let responses = try await client.read(asked)
          while try await responses.next() != nil {}
        }
      }
      #expect(await read { $0.from = .offset(-1) } == .invalidArgument)
      #expect(await read { $0.from = .offset(1) } == .outOfRange)
      #expect(await read { $0.partition = 70_000 } == .notFound)
      #expect(await read { $0.form = .UNRECOGNIZED(2) } == .invalidArgument)
      #expect(await read { $0.topic = "a/b" } == .invalidArgument)
      await channel.close(within: .zero)
    }
  }
}
