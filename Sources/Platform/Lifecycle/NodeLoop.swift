// The driver of the state machine: one thread that polls for signals and events, feeds them to the machine
// and carries out what it says. Services run in tasks of the global executor and only post events, so a
// service that blocks its thread cannot keep the node from seeing a second signal or the deadline.

import CLinux
import Glibc
import Runtime
import Telemetry

/// One run of a node. Confined to the thread that calls `run`.
final class NodeLoop {
  private let node: Node
  private let log: Logger
  private let time = SystemTime()
  private let signals: Int32?
  private let nodeHealth: HealthComponent
  private let serviceHealth: [HealthComponent]
  private var machine: LifecycleStateMachine
  private var startTasks: [Int: Task<Void, Never>] = [:]
  private var runTasks: [Int: Task<Void, Never>] = [:]
  private var serviceSince: [MonotonicInstant]
  private var nodeSince: MonotonicInstant
  private var deadline: MonotonicInstant?
  private var status: NodeExit?

  init(node: Node) throws(LifecycleError) {
    self.node = node
    log = node.logs.logger("lifecycle")
    machine = LifecycleStateMachine(serviceCount: node.services.count)
    nodeHealth = node.health.component("node")
    serviceHealth = node.services.map { node.health.component($0.name) }
    nodeSince = time.monotonic
    serviceSince = Array(repeating: nodeSince, count: node.services.count)
    guard node.handlesSignals else {
      signals = nil
      return
    }
    ProcessSignals.block()
    var set = ProcessSignals.handledSet()
    let descriptor = clinux_signal_descriptor(&set)
    guard descriptor >= 0 else { throw .cannotWaitForSignals(errno: errno) }
    signals = descriptor
  }

  deinit { if let signals { close(signals) } }

  func run() -> NodeExit {
    handle(.begun)
    while true {
      if let status { return status }
      waitForSomething()
      for signal in pendingSignals() {
        log.info("signal", ["signal": .string(ProcessSignals.name(signal))])
        handle(signal == SIGHUP ? .reloadRequested : .stopRequested(signal: signal))
      }
      for event in node.inbox.take() { handle(event) }
      if let deadline, time.monotonic >= deadline { handle(.deadlinePassed) }
    }
  }

  // MARK: Waiting

  private func waitForSomething() {
    var waits = [pollfd(fd: node.inbox.descriptor, events: Int16(POLLIN), revents: 0)]
    if let signals { waits.append(pollfd(fd: signals, events: Int16(POLLIN), revents: 0)) }
    var timeout: Int32 = -1
    if let deadline {
      // Rounded up, so as not to spin through the last millisecond.
      let left = deadline.since(time.monotonic).wholeNanoseconds
      timeout = Int32(clamping: (left + 999_999) / 1_000_000)
    }
    if poll(&waits, nfds_t(waits.count), timeout) < 0 {
      precondition(errno == EINTR, "poll failed on the node's own descriptors: errno \(errno)")
    }
  }

  private func pendingSignals() -> [Int32] {
    guard let signals else { return [] }
    var pending: [Int32] = []
    while true {
      let signal = clinux_signal_next(signals)
      if signal <= 0 { return pending }
      pending.append(signal)
    }
  }

  // MARK: Doing

  private func handle(_ event: LifecycleStateMachine.Event) {
    for action in machine.handle(event) { perform(action) }
  }

  private func perform(_ action: LifecycleStateMachine.Action) {
    switch action {
    case .start(let index): start(index)
    case .run(let index): run(index)
    case .announceReady:
      nodeHealth.state = .ready
      log.info("node ready", ["services": .int(node.services.count), "took": took(since: nodeSince)])
      node.callReadyHandlers()
    case .beginStopping(let signal): beginStopping(signal)
    case .cancelStart(let index): startTasks[index]?.cancel()
    case .cancelRun(let index): runTasks[index]?.cancel()
    case .stop(let index): stop(index)
    case .announceStopped(let index):
      // What a failed service failed of stays to be read.
      if case .notReady = serviceHealth[index].state {
        serviceHealth[index].state = .notReady(reason: "stopped")
      }
      log.info("service stopped", ["service": name(index), "took": took(since: serviceSince[index])])
    case .announceAbandoned(let index, let cause):
      serviceHealth[index].state = .notReady(reason: "stopped")
      log.info("service did not go on starting", ["service": name(index), "cause": .string(cause)])
    case .announceFailure(let index, let cause):
      serviceHealth[index].state = .failed(reason: cause)
      log.error("service failed", ["service": name(index), "cause": .string(cause)])
    case .reload: reload()
    case .finish(let ending, let unstopped): finish(ending, unstopped)
    }
  }

  private func start(_ index: Int) {
    log.debug("starting service", ["service": name(index)])
    serviceSince[index] = time.monotonic
    let service = node.services[index]
    let inbox = node.inbox
    startTasks[index] = Task.detached {
      do {
        try await service.start()
        inbox.post(.started(index))
      } catch {
        inbox.post(.startFailed(index, cause: "\(error)"))
      }
    }
  }

  private func run(_ index: Int) {
    serviceHealth[index].state = .ready
    log.info("service ready", ["service": name(index), "took": took(since: serviceSince[index])])
    let service = node.services[index]
    let inbox = node.inbox
    let log = log
    runTasks[index] = Task.detached {
      do {
        try await service.run()
        inbox.post(.ended(index, cause: nil))
      } catch {
        // The node cancels only after `stop` has returned: throwing is one way to end then.
        if Task.isCancelled {
          log.debug("service ended", ["service": .string(service.name), "cause": .error(error)])
        }
        inbox.post(.ended(index, cause: Task.isCancelled ? nil : "\(error)"))
      }
    }
  }

  private func stop(_ index: Int) {
    guard let deadline else { preconditionFailure("stopping without a deadline") }
    serviceHealth[index].state = .notReady(reason: "stopping")
    log.debug("stopping service", ["service": name(index)])
    serviceSince[index] = time.monotonic
    let service = node.services[index]
    let inbox = node.inbox
    Task.detached {
      await service.stop(deadline: deadline)
      inbox.post(.stopReturned(index))
    }
  }

  private func reload() {
    let handlers = node.currentReloadHandlers
    let inbox = node.inbox
    let log = log
    Task.detached {
      for handler in handlers {
        do {
          try await handler.body()
          log.info("reloaded", ["what": .string(handler.name)])
        } catch {
          log.error("reload failed", ["what": .string(handler.name), "cause": .error(error)])
        }
      }
      inbox.post(.reloaded)
    }
  }

  private func beginStopping(_ signal: Int32?) {
    // Readiness goes first: whoever sends work here should look elsewhere before the doors close.
    nodeHealth.state = .notReady(reason: "stopping")
    nodeSince = time.monotonic
    deadline = nodeSince.advanced(by: node.limits.stopWithin)
    var fields: LogFields = ["within": .duration(node.limits.stopWithin)]
    if let signal { fields.append("signal", .string(ProcessSignals.name(signal))) }
    log.info("stopping", fields)
  }

  // MARK: Telling

  /// Writes the last line of the node.
  private func finish(_ ending: LifecycleStateMachine.Ending, _ unstopped: [Int]) {
    let names = unstopped.map { node.services[$0].name }
    if !names.isEmpty {
      log.error("services not stopped", ["services": .string(names.joined(separator: ","))])
    }
    let took = took(since: nodeSince)
    switch ending {
    case .stopped:
      status = .stopped
      log.info("node stopped", ["took": took])
    case .startFailed(let index, let cause):
      let status = NodeExit.startFailed(service: node.services[index].name, cause: cause)
      self.status = status
      log.critical(
        "node failed: a service did not start",
        ["service": name(index), "cause": .string(cause), "exit_code": .int(status.code)])
    case .crashed(let index, let cause):
      let status = NodeExit.crashed(service: node.services[index].name, cause: cause)
      self.status = status
      log.critical(
        "node failed: a service crashed",
        ["service": name(index), "cause": .string(cause), "exit_code": .int(status.code)])
    case .overdue:
      let status = NodeExit.overdue(services: names)
      self.status = status
      log.critical(
        "node failed: a service did not stop in time",
        [
          "service": .string(names.first ?? ""), "cause": "deadline", "took": took,
          "exit_code": .int(status.code),
        ])
    case .forced(let signal):
      let status = NodeExit.forced(signal: signal)
      self.status = status
      log.critical(
        "node forced to end",
        [
          "service": .string(names.first ?? ""), "cause": .string("second \(ProcessSignals.name(signal))"),
          "exit_code": .int(status.code),
        ])
    }
  }

  private func name(_ index: Int) -> LogValue { .string(node.services[index].name) }

  private func took(since: MonotonicInstant) -> LogValue { .duration(time.monotonic.since(since)) }
}
