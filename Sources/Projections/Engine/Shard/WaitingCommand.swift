// A command on its way through a shard, whatever its domain: what the mailbox deals in. A class that is not generic, so
// that whoever only hands it on handles a reference, and not a value whose size must be looked up.

import Bytes
import Runtime

/// A command that waits.
///
/// `@unchecked Sendable`: what is here never changes, and what a subclass adds is the shard's alone once the command is in
/// its mailbox.
class WaitingCommand: @unchecked Sendable {
  /// By which the caller may ask again.
  let id: ByteBuffer?
  /// What it is about.
  let key: ByteBuffer
  /// When it came.
  let since: MonotonicInstant

  init(id: ByteBuffer?, key: ByteBuffer, since: MonotonicInstant) {
    self.id = id
    self.key = key
    self.since = since
  }
}
