// What the event loops say of themselves, as metrics. Names stand as literals in every call: a test reads them
// from here and looks for them in docs/metrics.md.

import Runtime
import Telemetry

/// The metrics of the runtime.
enum RuntimeMetrics {
  /// Registers the loops of `group`.
  static func register(_ group: EventLoopGroup, in registry: MetricRegistry) {
    @Sendable func each(_ read: (EventLoopStatistics) -> Double) -> [(labels: [String], value: Double)] {
      group.loops.map { (["\($0.index)"], read($0.statistics)) }
    }
    registry.counter(
      "varve_loop_turns_total", help: "Turns of the event loop: calls to epoll_wait.", labels: ["loop"]
    ) { each { Double($0.turns) } }
    registry.counter(
      "varve_loop_jobs_total", help: "Pieces of tasks run between two suspensions.", labels: ["loop"]
    ) { each { Double($0.jobs) } }
    registry.counter(
      "varve_loop_busy_seconds_total", help: "Time an event loop spent running jobs.", labels: ["loop"]
    ) { each { Double($0.busyNanoseconds) / 1e9 } }
    registry.gauge(
      "varve_loop_sockets", help: "Sockets open on the loop.", labels: ["loop"]
    ) { each { Double($0.sockets) } }
    registry.gauge(
      "varve_loop_tasks", help: "Tasks started on the loop that have not ended.", labels: ["loop"]
    ) { each { Double($0.tasks) } }
    registry.gauge(
      "varve_loop_turn_seconds_maximum", help: "The longest time the loop was away from the kernel.",
      labels: ["loop"]
    ) { each { Double($0.turnNanosecondsMaximum) / 1e9 } }
    registry.gauge(
      "varve_loop_timer_lag_seconds_maximum", help: "The latest that a timer fired after its deadline.",
      labels: ["loop"]
    ) { each { Double($0.timerLagNanosecondsMaximum) / 1e9 } }
  }
}
