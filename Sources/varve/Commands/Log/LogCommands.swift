// The tree of commands under `varve log`.

import CommandLine

/// `varve log`.
enum LogCommands {
  static let node = CommandNode.group(
    "log", "Read, write, check and mend the event log.",
    purpose: """
      A log has topics, a topic has partitions, and a partition is a sequence of records that are only ever \
      appended; each has an offset. Commands that read work beside a running node and see what is durable. \
      Commands that write need the log's lock, which a running node holds.
      """,
    [
      .group(
        "topic", "Make, change, show and delete topics.",
        [
          .command(TopicCreateCommand.self), .command(TopicAlterCommand.self),
          .command(TopicDeleteCommand.self), .command(TopicListCommand.self),
          .command(TopicDescribeCommand.self),
        ]),
      .command(AppendCommand.self), .command(CatCommand.self), .command(TailCommand.self),
      .command(StatCommand.self), .command(VerifyCommand.self), .command(RepairCommand.self),
      .command(DumpCommand.self), .command(ExportCommand.self), .command(ImportCommand.self),
      .group(
        "consumers", "Show, set and remove the positions of consumers.",
        [
          .command(ConsumerListCommand.self), .command(ConsumerCommitCommand.self),
          .command(ConsumerRemoveCommand.self),
        ]),
      .command(RetentionCommand.self), .command(CompactCommand.self),
    ])
}
