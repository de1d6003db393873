// The headers by which the engine knows its records. `ce_type` is CloudEvents' name for the type of an event; the
// others make the answers of commands as durable as their events.

import Bytes

/// The headers of a record that mean something to the engine.
enum EventHeader: String {
  /// The type of the event.
  case type = "ce_type"
  /// The id of the command that it came of.
  case command = "varve_command"
  /// The command's answer, on the last of its events.
  case reply = "varve_reply"

  /// The header of that name; nil when the engine has no use for it.
  init?(_ name: RawSpan) {
    // By length first: this runs for every header of every event.
    switch name.byteCount {
    case 7 where Self.isEqual(name, Self.typeBytes): self = .type
    case 11 where Self.isEqual(name, Self.replyBytes): self = .reply
    case 13 where Self.isEqual(name, Self.commandBytes): self = .command
    default: return nil
    }
  }

  private static let typeBytes = ByteBuffer(Self.type.rawValue)
  private static let replyBytes = ByteBuffer(Self.reply.rawValue)
  private static let commandBytes = ByteBuffer(Self.command.rawValue)

  private static func isEqual(_ name: RawSpan, _ bytes: ByteBuffer) -> Bool {
    name.withUnsafeBytes { left in bytes.withReadableBytes { $0.elementsEqual(left) } }
  }

  /// The type of the engine's own event: a command was answered, and nothing happened.
  static let answeredType = "varve.projections.CommandAnswered.v1"
}
