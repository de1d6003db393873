// One process of Varve: its services, the signals that steer it, and how it ends. All decisions are made by
// LifecycleStateMachine; NodeLoop.swift carries them out on the thread that calls `run`.

import Runtime
public import Telemetry

/// Runs services until a signal, a failure or the program itself says stop.
public final class Node: Sendable {
  /// How long a node takes its time.
  public struct Limits: Sendable {
    /// For all services together to stop; then the process ends as it is.
    public var stopWithin: Duration = .seconds(30)
    /// For the last log lines to be written when the node has ended.
    public var flushWithin: Duration = .seconds(2)
    /// The same after a second signal, when somebody is impatient.
    public var forcedFlushWithin: Duration = .milliseconds(100)

    /// The usual limits.
    public init() {}
  }

  let services: [any Service]
  let logs: LogPipeline
  let health: Health
  let limits: Limits
  let handlesSignals: Bool
  let inbox: NodeInbox
  private let reloadHandlers = Locked<[ReloadHandler]>([])
  private let readyHandlers = Locked<[@Sendable () -> Void]>([])

  /// A node that will start `services` in their order and stop them in reverse.
  ///
  /// - Parameters:
  ///   - services: each must be ready before the next is started; names must differ.
  ///   - logs: where the node tells what it does; on SIGHUP its sink is reopened first of all.
  ///   - health: where it keeps a component `node` and one for each service.
  ///   - limits: how long it waits.
  ///   - handlesSignals: false in tests, which stop a node by `stop()`.
  public init(
    services: [any Service], logs: LogPipeline, health: Health = Health(), limits: Limits = Limits(),
    handlesSignals: Bool = true
  ) throws(LifecycleError) {
    precondition(
      Set(services.map(\.name)).union(["node"]).count == services.count + 1,
      "services need names of their own, none of them node")
    self.services = services
    self.logs = logs
    self.health = health
    self.limits = limits
    self.handlesSignals = handlesSignals
    inbox = try NodeInbox()
    onReload("logs") { try logs.reopen() }
  }

  /// Has `handler` run on every SIGHUP, after those that were there before: to read certificates, levels or
  /// other things again. One that throws is logged, and the others run all the same.
  public func onReload(_ name: String, _ handler: @escaping @Sendable () async throws -> Void) {
    reloadHandlers.withLock { $0.append(ReloadHandler(name: name, body: handler)) }
  }

  /// Has `handler` called once every service is ready: to tell whoever started the node.
  public func onReady(_ handler: @escaping @Sendable () -> Void) {
    readyHandlers.withLock { $0.append(handler) }
  }

  /// Asks the node to stop, as SIGTERM does. Never forces: that is for signals.
  public func stop() { inbox.post(.stopRequested(signal: nil)) }

  /// Runs the reload handlers, as SIGHUP does.
  public func reload() { inbox.post(.reloadRequested) }

  /// Runs the node on the calling thread, which also takes the signals: the main thread, with
  /// `ProcessSignals.block()` called before any other thread was started.
  ///
  /// - Returns: how the node ended. Tasks of services that did not stop may still be running: end the process.
  public func run() throws(LifecycleError) -> NodeExit {
    let loop = try NodeLoop(node: self)
    return loop.run()
  }

  /// Runs the node, writes the last log lines and ends the process with the status's code.
  public func runAndExit() throws(LifecycleError) -> Never {
    exit(with: try run())
  }

  func callReadyHandlers() {
    for handler in readyHandlers.withLock({ $0 }) { handler() }
  }

  var currentReloadHandlers: [ReloadHandler] { reloadHandlers.withLock { $0 } }
}

/// What to do on SIGHUP.
struct ReloadHandler: Sendable {
  let name: String
  let body: @Sendable () async throws -> Void
}
