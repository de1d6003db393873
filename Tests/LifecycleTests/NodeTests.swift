// The node inside the test's own process, without signals: order, health, and what services see.

import Bytes
import Runtime
import Synchronization
import Telemetry
import Testing

@testable import Lifecycle

private struct Refused: Error {}

/// A service that keeps a diary and fails on demand.
private struct Recorder: Service {
  let name: String
  let diary: Locked<[String]>
  var onStart: @Sendable () async throws -> Void = {}
  var onRun: @Sendable () async throws -> Void = { try await Task.sleep(for: .seconds(3600)) }

  func start() async throws {
    diary.withLock { $0.append("start \(name)") }
    try await onStart()
  }
  func run() async throws {
    diary.withLock { $0.append("run \(name)") }
    try await onRun()
  }
  func stop(deadline: MonotonicInstant) async { diary.withLock { $0.append("stop \(name)") } }
}

/// A service that is all defaults.
private struct Idle: Service {
  let name: String
}

@Suite("Node") struct NodeTests {
  /// Runs the node on a thread of its own, as the main thread would.
  private func run(_ node: Node) async throws -> NodeExit {
    let status = Locked<NodeExit?>(nil)
    let (ended, end) = AsyncStream.makeStream(of: Never.self)
    let thread = try SystemThread.start(name: "node") {
      do {
        let result = try node.run()
        status.withLock { $0 = result }
      } catch {
        Issue.record("\(error)")
      }
      end.finish()
    }
    for await _ in ended {}
    thread.join()
    return try #require(status.withLock { $0 })
  }

  private func node(
    _ services: [any Service], health: Health = Health(), sink: MemorySink = MemorySink()
  ) throws -> Node {
    // Far beyond what a busy machine may take: these tests are not about the deadline.
    var limits = Node.Limits()
    limits.stopWithin = .seconds(3600)
    return try Node(
      services: services, logs: try LogPipeline(sink: sink), health: health, limits: limits,
      handlesSignals: false)
  }

  @Test func eachServiceIsReadyBeforeTheNextStarts() async throws {
    let diary = Locked<[String]>([])
    let health = Health()
    let stopper = Locked<Node?>(nil)
    let second = Recorder(
      name: "second", diary: diary,
      onStart: {
        #expect(health.component("first").state == .ready)
        #expect(health.component("second").state == .notReady(reason: "starting"))
        #expect(!health.report.isReady && health.report.isLive)
      },
      onRun: {
        while !health.report.isReady { await Task.yield() }
        stopper.withLock { $0 }?.stop()
        try await Task.sleep(for: .seconds(3600))
      })
    let node = try node([Recorder(name: "first", diary: diary), second], health: health)
    stopper.withLock { $0 = node }
    #expect(try await run(node) == .stopped)
    stopper.withLock { $0 = nil }
    let entries = diary.withLock { $0 }
    #expect(
      entries.filter { !$0.hasPrefix("run") } == ["start first", "start second", "stop second", "stop first"])
    #expect(
      health.report.components.map(\.state) == [
        .notReady(reason: "stopped"), .notReady(reason: "stopping"), .notReady(reason: "stopped"),
      ])
  }

  @Test func aServiceOfDefaultsRunsUntilStopped() async throws {
    let node = try node([Idle(name: "idle")])
    node.stop()
    #expect(try await run(node) == .stopped)
  }

  @Test func readyHandlersAreCalledOnceEveryServiceIsReady() async throws {
    let diary = Locked<[String]>([])
    let node = try node([Recorder(name: "first", diary: diary), Recorder(name: "second", diary: diary)])
    let stopper = Locked<Node?>(node)
    node.onReady {
      diary.withLock { $0.append("ready") }
      stopper.withLock { $0 }?.stop()
    }
    #expect(try await run(node) == .stopped)
    stopper.withLock { $0 = nil }
    #expect(
      diary.withLock { $0 }.filter { !$0.hasPrefix("run") } == [
        "start first", "start second", "ready", "stop second", "stop first",
      ])
  }

  @Test func whyItFailedIsTold() async throws {
    let sink = MemorySink()
    let health = Health()
    let diary = Locked<[String]>([])
    let node = try node(
      [
        Recorder(name: "first", diary: diary),
        Recorder(name: "second", diary: diary, onRun: { throw Refused() }),
      ], health: health, sink: sink)
    #expect(try await run(node) == .crashed(service: "second", cause: "Refused()"))
    #expect(node.logs.flush(within: .seconds(60)))
    #expect(sink.lines.last?.contains("level=critical") == true)
    #expect(health.component("second").state == .failed(reason: "Refused()"))
    #expect(!health.report.isLive)
  }

  @Test func aStartThatThrowsIsTheCause() async throws {
    let diary = Locked<[String]>([])
    let node = try node([Recorder(name: "only", diary: diary, onStart: { throw Refused() })])
    #expect(try await run(node) == .startFailed(service: "only", cause: "Refused()"))
    #expect(diary.withLock { $0 } == ["start only"])
  }

  @Test func throwingAfterBeingCancelledIsNoFailure() async throws {
    let diary = Locked<[String]>([])
    let node = try node([
      Recorder(
        name: "only", diary: diary,
        onRun: { do { try await Task.sleep(for: .seconds(3600)) } catch { throw Refused() } })
    ])
    node.stop()
    #expect(try await run(node) == .stopped)
  }

  @Test func reloadHandlersRunInOrder() async throws {
    let diary = Locked<[String]>([])
    let node = try node([Idle(name: "idle")])
    node.onReload("first") { diary.withLock { $0.append("first") } }
    node.onReload("failing") { throw Refused() }
    node.onReload("last") { [weak node] in
      diary.withLock { $0.append("last") }
      node?.stop()
    }
    node.reload()
    #expect(try await run(node) == .stopped)
    #expect(diary.withLock { $0 } == ["first", "last"])
  }

  @Test(
    "Each ending has its exit code",
    arguments: [
      (.stopped, 0), (.startFailed(service: "a", cause: "b"), 69), (.crashed(service: "a", cause: "b"), 70),
      (.overdue(services: ["a"]), 75), (.forced(signal: 2), 130), (.forced(signal: 15), 143),
    ] as [(NodeExit, Int32)])
  func exitCodes(status: NodeExit, code: Int32) {
    #expect(status.code == code)
  }

  @Test("Names tell services apart", arguments: [["a", "a"], ["node"]])
  func names(names: [String]) async {
    await #expect(processExitsWith: .failure) { [names] in
      _ = try Node(services: names.map { Idle(name: $0) }, logs: try LogPipeline(sink: MemorySink()))
    }
  }
}

@Suite("Health") struct HealthTests {
  @Test(
    "Liveness and readiness follow from the components",
    arguments: [
      ([], true, true),
      ([.ready], true, true),
      ([.ready, .notReady(reason: "catching up")], true, false),
      ([.ready, .failed(reason: "disk gone")], false, false),
    ] as [([HealthState], Bool, Bool)])
  func health(states: [HealthState], live: Bool, ready: Bool) {
    let health = Health()
    for (number, state) in states.enumerated() { health.component("c\(number)").state = state }
    #expect(health.report.isLive == live && health.report.isReady == ready)
    #expect(health.report.components.map(\.state) == states)
  }

  @Test func aComponentBeginsNotReadyAndIsTheSameForItsName() {
    let health = Health()
    #expect(health.component("log").state == .notReady(reason: "starting"))
    #expect(health.component("log") === health.component("log"))
  }

  @Test func healthIsMeasured() {
    let health = Health()
    let registry = MetricRegistry()
    health.register(in: registry)
    health.component("log").state = .ready
    health.component("net").state = .failed(reason: "x")
    var buffer = ByteBuffer()
    registry.render(into: &buffer)
    let text = String(validating: buffer) ?? ""
    for line in [
      "varve_live 0", "varve_ready 0", "varve_component_ready{component=\"log\"} 1",
      "varve_component_ready{component=\"net\"} 0",
    ] {
      #expect(text.contains(line + "\n"))
    }
  }
}
