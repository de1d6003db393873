// Taking snapshots of running projections. Each is announced to the log as a consumer, so that retention keeps the
// events that follow it; the announcement goes when the snapshot does.

import Database
import Log
import Runtime
import Telemetry

extension ProjectionEngine {
  /// Copies a running projection's tables now, and drops the snapshots that are too many.
  @discardableResult
  public func takeSnapshot(of projection: ProjectionName) async throws(EngineError) -> Snapshot {
    guard let service = running.withLock({ $0.first { $0.name == projection } }) else {
      throw .unknown(kind: "running projection", name: projection.text)
    }
    guard let store = configuration.readModels.snapshotStore else { throw .noSnapshots(projection) }
    // Taken down before the copy, so never too far.
    let positions = service.tables.positions
    let place = service.tables.place
    let snapshot = try await store.takeSnapshot(
      of: place.generation, from: place.store, at: time.wall)
    do throws(LogError) {
      for (partition, position) in positions {
        try await log.commit(try snapshot.consumer, partition, position: position, kind: .snapshot)
      }
    } catch {
      throw .log(error)
    }
    let kept = try store.prune(projection, keep: configuration.snapshots.keep)
    do throws(LogError) { try await forget(of: projection, except: kept) } catch { throw .log(error) }
    return snapshot
  }

  /// Takes back the announcements of snapshots that are gone.
  private func forget(of projection: ProjectionName, except kept: [Snapshot]) async throws(LogError) {
    var names: Set<ConsumerName> = []
    for snapshot in kept { names.insert(try snapshot.consumer) }
    let gone = Set(
      log.consumers.filter { $0.kind == .snapshot && Snapshot.isConsumer($0.name, of: projection) }.map(
        \.name)
    )
    .subtracting(names)
    for name in gone { try await log.removeConsumer(name) }
  }

  /// Takes snapshots of a projection as the policy says, for as long as it runs.
  func keepSnapshots(of service: any RunningProjection) {
    if configuration.readModels.snapshotStore == nil { return }
    let policy = configuration.snapshots
    let task = service.tables.loop.spawn { [self] in
      var last = service.tables.eventCount
      while !Task.isCancelled {
        do throws(CancellationError) { try await time.sleep(for: policy.checkInterval) } catch { return }
        if service.tables.eventCount - last < Int64(policy.everyEvents) { continue }
        last = service.tables.eventCount
        do throws(EngineError) {
          let snapshot = try await takeSnapshot(of: service.name)
          logger.info(
            "snapshot taken",
            ["projection": .string(service.name.text), "file": .string(snapshot.fileName)])
        } catch {
          // The next interval tries again; the tables themselves are none the worse.
          logger.error(
            "no snapshot could be taken", ["projection": .string(service.name.text), "cause": .error(error)])
        }
      }
    }
    service.tables.upkeep.withLock { $0.append(task) }
  }
}

extension Snapshot {
  /// The consumer under which the log knows it.
  var consumer: ConsumerName {
    get throws(LogError) { try ConsumerName("\(Self.prefix(projection))\(time)") }
  }

  static func isConsumer(_ name: ConsumerName, of projection: ProjectionName) -> Bool {
    name.text.hasPrefix(prefix(projection))
  }

  private static func prefix(_ projection: ProjectionName) -> String { "snapshot.\(projection)." }
}
