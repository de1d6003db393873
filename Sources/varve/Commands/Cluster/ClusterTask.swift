// What the commands under `varve cluster` have in common: what the cluster says no with becomes a message, a hint and
// an exit code.

import Cluster
import CommandLine
import Log
import Projections

/// A command about the cluster.
protocol ClusterTask: LogCommand {
  /// Does it.
  func perform(_ console: Console) async throws
}

extension ClusterTask {
  func work(_ console: Console) async throws {
    do {
      try await perform(console)
    } catch let error as CommandError<ClusterRefusal> {
      throw CommandFailure(error)
    } catch let error as EngineError {
      throw CommandFailure(error)
    } catch let error as QueryError {
      throw CommandFailure(error)
    } catch let error as InvalidValue {
      throw CommandFailure(.usage, error.description)
    } catch let error as ClusterRefusal {
      throw CommandFailure(error)
    }
  }
}

extension CommandFailure {
  /// What somebody at a terminal is told when a command is not accepted.
  init(_ error: CommandError<ClusterRefusal>) {
    switch error {
    case .refused(let refusal): self.init(refusal)
    case .overloaded: self.init(.temporary, error.description)
    case .tooLarge, .badIdentifier: self.init(.usage, error.description)
    case .unavailable(let cause, _): self.init(CommandFailure(cause).code, error.description)
    }
  }

  /// What somebody at a terminal is told when the cluster says no.
  init(_ refusal: ClusterRefusal) {
    let code: ExitCode = if case .invalid = refusal { .usage } else { .data }
    self.init(code, refusal.description, hint: Self.hint(for: refusal))
  }

  private static func hint(for refusal: ClusterRefusal) -> String? {
    switch refusal {
    case .noCluster: "`varve cluster init NAME` makes one"
    case .clusterExists: "`varve cluster status` shows it"
    case .unknownNode, .nodeNameTaken: "`varve cluster node list` shows the nodes"
    case .nodeDiffers: "`varve cluster node show` shows what it is, `varve cluster node update` changes it"
    case .nodeRemoved: "let it join without --id: it gets a new one"
    case .notDrained:
      "`varve cluster node drain` has its data go elsewhere; --force gives up what only it holds"
    case .unknownDisk, .diskExists, .diskNameTaken, .diskPathTaken, .diskRetired:
      "`varve cluster disk list --all` shows the disks"
    case .noPolicy: "`varve cluster policy get` shows which one holds there"
    case .rootPolicy: "`varve cluster policy set /` changes it"
    case .invalid, .full, .lastNode: nil
    }
  }

  /// What somebody at a terminal is told of a question without an answer.
  init(_ error: QueryError) {
    switch error {
    case .database(let error): self.init(EngineError.database(error))
    case .tooEarly: self.init(.temporary, error.description)
    case .foreignPosition: self.init(.usage, error.description)
    }
  }
}
