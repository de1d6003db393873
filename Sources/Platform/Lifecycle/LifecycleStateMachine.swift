// Every decision about starting, stopping and crashing, without a thread, a clock or a signal: events in,
// actions out. Node.swift carries the actions out. Services are numbered in the order they start.
//
//   idle → starting → running → stopping → finished
//
// A service that fails, at any time, sends the node to stopping; the first thing that went wrong decides
// how the node ends.

/// Decides what a node does next.
struct LifecycleStateMachine {
  /// Something that happened.
  enum Event: Equatable {
    /// The node was told to run.
    case begun
    /// A service's `start` returned.
    case started(Int)
    /// A service's `start` threw.
    case startFailed(Int, cause: String)
    /// A service's `run` returned, or threw when there is a cause.
    case ended(Int, cause: String?)
    /// A service's `stop` returned.
    case stopReturned(Int)
    /// SIGINT, SIGTERM, or the program itself when there is no signal.
    case stopRequested(signal: Int32?)
    /// SIGHUP.
    case reloadRequested
    /// The reload handlers are done.
    case reloaded
    /// The time for stopping is over.
    case deadlinePassed
  }

  /// Something to do. Actions are carried out in the order they are given.
  enum Action: Equatable {
    /// Call `start`.
    case start(Int)
    /// Call `run`.
    case run(Int)
    /// Every service is ready.
    case announceReady
    /// The node is no longer ready; the time for stopping begins. The signal is the one that asked for it.
    case beginStopping(signal: Int32?)
    /// Cancel the task that starts the service.
    case cancelStart(Int)
    /// Call `stop`.
    case stop(Int)
    /// Cancel the task that runs the service: its `stop` has returned.
    case cancelRun(Int)
    /// The service is stopped.
    case announceStopped(Int)
    /// The service gave up starting, as it was asked to.
    case announceAbandoned(Int, cause: String)
    /// The service failed: to start, while running, or while stopping.
    case announceFailure(Int, cause: String)
    /// Run the reload handlers.
    case reload
    /// The node has ended. Services that were still to stop come first the one that was waited for.
    case finish(Ending, unstopped: [Int])
  }

  /// Why the node stops.
  enum StopReason: Equatable {
    case asked(signal: Int32?)
    case startFailed(Int, cause: String)
    case crashed(Int, cause: String)
  }

  /// How the node ended.
  enum Ending: Equatable {
    case stopped
    case startFailed(Int, cause: String)
    case crashed(Int, cause: String)
    case overdue
    case forced(signal: Int32)
  }

  private enum Phase: Equatable {
    case idle, starting, running
    case stopping(StopReason)
    case finished
  }

  private enum ServicePhase: Equatable {
    case waiting, starting, running, stopped
    case stopping(hasReturned: Bool, hasEnded: Bool)
  }

  /// What is told of a service whose `run` returned before it was asked to stop.
  static let endedUnasked = "ended without being asked"

  private var phase = Phase.idle
  private var services: [ServicePhase]
  private var stopSignals = 0
  private var isReloading = false
  private var isReloadWanted = false

  /// A node of `count` services.
  init(serviceCount: Int) { services = Array(repeating: .waiting, count: serviceCount) }

  /// Takes in what happened and says what to do. After `finish` there is nothing more to do.
  mutating func handle(_ event: Event) -> [Action] {
    if phase == .finished { return [] }
    switch event {
    case .begun:
      precondition(phase == .idle, "a node runs once")
      phase = .starting
      return startNext()
    case .started(let index): return started(index)
    case .startFailed(let index, let cause): return startFailed(index, cause)
    case .ended(let index, let cause): return ended(index, cause)
    case .stopReturned(let index): return stopReturned(index)
    case .stopRequested(let signal): return stopRequested(signal)
    case .reloadRequested:
      isReloadWanted = true
      return reloadIfWanted()
    case .reloaded:
      isReloading = false
      return reloadIfWanted()
    case .deadlinePassed:
      guard case .stopping(let reason) = phase else { return [] }
      return finish(ending(for: reason, otherwise: .overdue))
    }
  }

  // MARK: Starting

  private mutating func startNext() -> [Action] {
    guard let next = services.firstIndex(of: .waiting) else {
      phase = .running
      return [.announceReady] + reloadIfWanted()
    }
    services[next] = .starting
    return [.start(next)]
  }

  private mutating func started(_ index: Int) -> [Action] {
    precondition(services[index] == .starting, "a service that was not starting started")
    if case .stopping = phase {
      // The cancelled start succeeded all the same: the service never ran, but it has something to undo.
      services[index] = .stopping(hasReturned: false, hasEnded: true)
      return [.stop(index)]
    }
    services[index] = .running
    return [.run(index)] + startNext()
  }

  private mutating func startFailed(_ index: Int, _ cause: String) -> [Action] {
    precondition(services[index] == .starting, "a service that was not starting failed to start")
    services[index] = .stopped
    if case .stopping = phase { return [.announceAbandoned(index, cause: cause)] + stopNext() }
    return [.announceFailure(index, cause: cause)] + beginStopping(.startFailed(index, cause: cause))
  }

  // MARK: Running

  private mutating func ended(_ index: Int, _ cause: String?) -> [Action] {
    switch services[index] {
    case .running:
      services[index] = .stopped
      return crash(index, cause ?? Self.endedUnasked)
    case .stopping(let hasReturned, _):
      services[index] = .stopping(hasReturned: hasReturned, hasEnded: true)
      // Failing to finish its work is a failure too, though the node was stopping anyway.
      let failure = cause.map { crash(index, $0) } ?? []
      return failure + stoppedIfDone(index)
    case .waiting, .starting, .stopped:
      preconditionFailure("a service that did not run ended")
    }
  }

  private mutating func reloadIfWanted() -> [Action] {
    guard phase == .running, isReloadWanted, !isReloading else { return [] }
    isReloadWanted = false
    isReloading = true
    return [.reload]
  }

  // MARK: Stopping

  private mutating func stopRequested(_ signal: Int32?) -> [Action] {
    if signal != nil { stopSignals += 1 }
    if stopSignals > 1, let signal { return finish(.forced(signal: signal)) }
    if case .stopping = phase { return [] }
    return beginStopping(.asked(signal: signal))
  }

  /// A service failed: the node stops, or goes on stopping for this graver reason.
  private mutating func crash(_ index: Int, _ cause: String) -> [Action] {
    let announcement = Action.announceFailure(index, cause: cause)
    guard case .stopping(let known) = phase else {
      return [announcement] + beginStopping(.crashed(index, cause: cause))
    }
    if case .asked = known { phase = .stopping(.crashed(index, cause: cause)) }
    return [announcement]
  }

  private mutating func beginStopping(_ reason: StopReason) -> [Action] {
    phase = .stopping(reason)
    var signal: Int32?
    if case .asked(let asked) = reason { signal = asked }
    var actions: [Action] = [.beginStopping(signal: signal)]
    if let starting = services.firstIndex(of: .starting) {
      // The rest is stopped once it is known whether this one has to be.
      actions.append(.cancelStart(starting))
      return actions
    }
    return actions + stopNext()
  }

  /// Stops the last of the services that run; ends the node when none is left.
  private mutating func stopNext() -> [Action] {
    if services.indices.contains(where: { services[$0] == .starting || isStopping($0) }) { return [] }
    if let last = services.lastIndex(of: .running) {
      services[last] = .stopping(hasReturned: false, hasEnded: false)
      return [.stop(last)]
    }
    guard case .stopping(let reason) = phase else { preconditionFailure("stopped without a reason") }
    return finish(ending(for: reason, otherwise: .stopped))
  }

  private mutating func stopReturned(_ index: Int) -> [Action] {
    guard case .stopping(false, let hasEnded) = services[index] else {
      preconditionFailure("a service that was not told to stop did")
    }
    services[index] = .stopping(hasReturned: true, hasEnded: hasEnded)
    return hasEnded ? stoppedIfDone(index) : [.cancelRun(index)]
  }

  private mutating func stoppedIfDone(_ index: Int) -> [Action] {
    guard services[index] == .stopping(hasReturned: true, hasEnded: true) else { return [] }
    services[index] = .stopped
    return [.announceStopped(index)] + stopNext()
  }

  // MARK: Ending

  private func ending(for reason: StopReason, otherwise: Ending) -> Ending {
    switch reason {
    case .asked: otherwise
    case .startFailed(let index, let cause): .startFailed(index, cause: cause)
    case .crashed(let index, let cause): .crashed(index, cause: cause)
    }
  }

  private mutating func finish(_ ending: Ending) -> [Action] {
    phase = .finished
    // At most one is waited for at a time; the others had not had their turn.
    let waitedFor = services.indices.filter { services[$0] == .starting || isStopping($0) }
    let running = services.indices.reversed().filter { services[$0] == .running }
    return [.finish(ending, unstopped: waitedFor + running)]
  }

  private func isStopping(_ index: Int) -> Bool {
    if case .stopping = services[index] { true } else { false }
  }
}
