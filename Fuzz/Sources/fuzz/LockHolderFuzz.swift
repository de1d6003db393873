import Bytes
import Files

/// The text of a lock file: whatever names a holder names the same one when it is written again.
let lockHolderFuzz = FuzzTarget(name: "lock-holder") { bytes in
  guard let holder = LockHolder(parsing: ByteBuffer(copying: bytes)) else { return }
  let files = SimulatedFiles()
  do {
    let lock = try FileLock(files, at: "/lock", as: holder)
    let text = try files.contents(of: "/lock", bytesMaximum: LockHolder.textBytesMaximum)
    guard let again = LockHolder(parsing: text) else { preconditionFailure("written, and not read back") }
    precondition(again.processID == holder.processID && again.started == holder.started)
    // A host name that does not fit one line of the file is cut and cleaned; any other comes back.
    let isUsual = holder.host.utf8.count <= 255 && !holder.host.contains(where: \.isNewline)
    precondition(!isUsual || again.host == holder.host)
    try lock.release()
  } catch {
    preconditionFailure("a disk without faults failed: \(error)")
  }
}
