// What the event loops and the blocking pool say of themselves, as metrics.

import Runtime
import Telemetry

/// The metrics of the runtime.
enum RuntimeMetrics {
  /// Registers the loops and the pool of `group`.
  static func register(_ group: EventLoopGroup, in registry: MetricRegistry) {
    func counter(_ name: String, _ help: String, _ read: @escaping @Sendable (EventLoopStatistics) -> Double)
    {
      registry.counter(name, help: help, labels: ["loop"]) {
        group.loops.map { (["\($0.index)"], read($0.statistics)) }
      }
    }
    func gauge(_ name: String, _ help: String, _ read: @escaping @Sendable (EventLoopStatistics) -> Double) {
      registry.gauge(name, help: help, labels: ["loop"]) {
        group.loops.map { (["\($0.index)"], read($0.statistics)) }
      }
    }
    counter("varve_loop_turns_total", "Turns of the event loop: calls to epoll_wait.") { Double($0.turns) }
    counter("varve_loop_jobs_total", "Pieces of tasks run between two suspensions.") { Double($0.jobs) }
    counter("varve_loop_busy_seconds_total", "Time spent running jobs.") { Double($0.busyNanoseconds) / 1e9 }
    gauge("varve_loop_sockets", "Sockets open on the loop.") { Double($0.sockets) }
    gauge("varve_loop_tasks", "Tasks started on the loop that have not ended.") { Double($0.tasks) }
    gauge("varve_loop_turn_seconds_maximum", "The longest time the loop was away from the kernel.") {
      Double($0.turnNanosecondsMaximum) / 1e9
    }
    gauge("varve_loop_timer_lag_seconds_maximum", "The latest that a timer fired after its deadline.") {
      Double($0.timerLagNanosecondsMaximum) / 1e9
    }
  }
}
