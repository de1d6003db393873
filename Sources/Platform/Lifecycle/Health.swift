// Whether the process is alive and whether it wants work, and if not, why. Components say how they are; the
// admin port answers /healthz from liveness and /readyz from readiness.

import Runtime
public import Telemetry

/// How a component is.
public enum HealthState: Equatable, Sendable {
  /// It does its work.
  case ready
  /// It does no work now, and may later: starting, catching up, draining.
  case notReady(reason: String)
  /// It will do no more work until the process is restarted.
  case failed(reason: String)
}

/// The health of every component of a process.
public final class Health: Sendable {
  private let components = Locked<[String: HealthComponent]>([:])

  /// The health of a process without components: alive and ready.
  public init() {}

  /// The component called `name`; made, not ready yet, when there is none.
  public func component(_ name: String) -> HealthComponent {
    components.withLock { components in
      if let known = components[name] { return known }
      let fresh = HealthComponent(name: name)
      components[name] = fresh
      return fresh
    }
  }

  /// How every component is, by name.
  public var report: HealthReport {
    let components = components.withLock { Array($0.values) }
    return HealthReport(
      components: components.map { .init(name: $0.name, state: $0.state) }.sorted { $0.name < $1.name })
  }

  /// Registers gauges of liveness and readiness, in all and by component.
  public func register(in registry: MetricRegistry) {
    registry.gauge("varve_live", help: "1 while no component has failed.") {
      self.report.isLive ? 1 : 0
    }
    registry.gauge("varve_ready", help: "1 while every component is ready.") {
      self.report.isReady ? 1 : 0
    }
    registry.gauge("varve_component_ready", help: "1 while the component is ready.", labels: ["component"]) {
      self.report.components.map { ([$0.name], $0.state == .ready ? 1 : 0) }
    }
  }
}

/// One component's own place to say how it is.
public final class HealthComponent: Sendable {
  /// What reports call it.
  public let name: String
  private let current = Locked(HealthState.notReady(reason: "starting"))

  init(name: String) { self.name = name }

  /// How the component is.
  public var state: HealthState {
    get { current.withLock { $0 } }
    set { current.withLock { $0 = newValue } }
  }
}

/// How a process was at one moment.
public struct HealthReport: Equatable, Sendable {
  /// One line of the report.
  public struct Component: Equatable, Sendable {
    /// What the component is called.
    public let name: String
    /// How it was.
    public let state: HealthState
  }

  /// Every component, by name.
  public let components: [Component]

  /// Whether no component has failed, so that a restart would mend nothing. This is /healthz.
  public var isLive: Bool {
    components.allSatisfy { component in
      if case .failed = component.state { false } else { true }
    }
  }

  /// Whether the process wants work: every component is ready. This is /readyz.
  public var isReady: Bool { components.allSatisfy { $0.state == .ready } }
}
