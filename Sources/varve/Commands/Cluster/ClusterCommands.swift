// The tree of commands under `varve cluster`.

import CommandLine

/// `varve cluster`.
enum ClusterCommands {
  static let node = CommandNode.group(
    "cluster", "Show and change the cluster: its nodes, disks and storage policies.",
    purpose: """
      Every change is an event in the topic `cluster` of the log; what is shown are the tables made from those \
      events. Commands that show work beside a running node. Commands that change something need the data \
      directory's lock, which a running node holds. A NODE or a DISK is named by its name or its id.
      """,
    [
      .command(ClusterInitCommand.self), .command(ClusterStatusCommand.self),
      .group(
        "node", "Make nodes members, show them, change them, and let them go.",
        [
          .command(NodeJoinCommand.self), .command(NodeListCommand.self), .command(NodeShowCommand.self),
          .command(NodeUpdateCommand.self), .command(NodeDrainCommand.self),
          .command(NodeReactivateCommand.self), .command(NodeRemoveCommand.self),
        ]),
      .group(
        "disk", "Add disks to nodes, show them, change them, and retire them.",
        [
          .command(DiskAddCommand.self), .command(DiskListCommand.self), .command(DiskUpdateCommand.self),
          .command(DiskRetireCommand.self),
        ]),
      .group(
        "policy", "Say how files are cut and protected, by path.",
        [
          .command(PolicySetCommand.self), .command(PolicyGetCommand.self), .command(PolicyListCommand.self),
          .command(PolicyRemoveCommand.self),
        ]),
    ])
}
