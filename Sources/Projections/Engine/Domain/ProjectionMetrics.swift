// What the engine counts, by projection.

import Telemetry

/// The metrics of projections.
final class ProjectionMetrics: Sendable {
  private let commandSeconds: MetricFamily<Histogram>
  private let batchCommands: MetricFamily<Histogram>
  private let commands: MetricFamily<Counter>
  private let events: MetricFamily<Counter>
  private let failures: MetricFamily<Counter>

  /// The metrics, in the process's registry.
  init(_ registry: MetricRegistry) {
    commandSeconds = registry.histogram(
      "varve_projection_command_seconds", help: "From a command's coming to its answer.",
      labels: ["projection"], buckets: .seconds)
    batchCommands = registry.histogram(
      "varve_projection_batch_commands", help: "Commands decided in one transaction.",
      labels: ["projection"], buckets: .counts)
    commands = registry.counter(
      "varve_projection_commands_total", help: "Commands answered.", labels: ["projection", "outcome"])
    events = registry.counter(
      "varve_projection_events_total", help: "Events applied to the tables.", labels: ["projection"])
    failures = registry.counter(
      "varve_projection_failures_total", help: "How often a projection stopped.", labels: ["projection"])
  }

  func counts(of projection: ProjectionName) -> ProjectionCounts {
    let name = projection.text
    return ProjectionCounts(
      commandSeconds: commandSeconds.with(name), batchCommands: batchCommands.with(name),
      accepted: commands.with(name, "accepted"), refused: commands.with(name, "refused"),
      events: events.with(name), failures: failures.with(name))
  }
}

/// The metrics of one projection.
struct ProjectionCounts: Sendable {
  let commandSeconds: Histogram
  let batchCommands: Histogram
  let accepted: Counter
  let refused: Counter
  let events: Counter
  let failures: Counter
}
