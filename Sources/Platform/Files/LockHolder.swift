// Who holds a lock file: what is written into it, and how that is read back. The text is for the operator
// who finds a second start refused; the lock itself is the kernel's and does not depend on it.
//
//   pid=4711
//   host=storage-3
//   started=1732180000000       milliseconds since 1970

public import Bytes
import Glibc
public import Runtime

/// A process that holds, or held, a lock file.
public struct LockHolder: Hashable, Sendable {
  /// Its process id, on its own host.
  public let processID: Int32
  /// The host it runs on.
  public let host: String
  /// When it took the lock.
  public let started: Timestamp

  /// More than this is not the text of a lock file.
  public static let textBytesMaximum = 1024

  /// A holder from its parts.
  public init(processID: Int32, host: String, started: Timestamp) {
    self.processID = processID
    self.host = host
    self.started = started
  }

  /// This process, now.
  public static func current(time: any TimeSource) -> LockHolder {
    let host = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { name in
      name.initialize(repeating: 0)
      let start = name.baseAddress.flatMap { gethostname($0, name.count - 1) == 0 ? $0 : nil }
      return start.flatMap { String(validatingCString: $0) }
    }
    return LockHolder(processID: getpid(), host: host ?? "unknown", started: time.wall)
  }

  /// What the lock file holds.
  var text: ByteBuffer {
    // A host name cannot hold a line break, but the text must stay parseable whatever it holds.
    let short = String(decoding: host.utf8.prefix(255), as: UTF8.self)
    let oneLine = String(short.map { $0.isNewline ? "_" : $0 })
    return ByteBuffer("pid=\(processID)\nhost=\(oneLine)\nstarted=\(started.milliseconds)\n")
  }

  /// The holder that the text of a lock file names; nil when it is not such a text, for example because the
  /// holder is just writing it.
  public init?(parsing text: ByteBuffer) {
    guard text.count <= Self.textBytesMaximum, let lines = String(validating: text) else { return nil }
    var values: [Substring: Substring] = [:]
    for line in lines.split(separator: "\n") {
      guard let equals = line.firstIndex(of: "=") else { return nil }
      let key = line[..<equals]
      guard values.updateValue(line[line.index(after: equals)...], forKey: key) == nil else { return nil }
    }
    guard
      let processID = values["pid"].flatMap({ Int32($0) }), processID > 0,
      let host = values["host"], !host.isEmpty,
      let milliseconds = values["started"].flatMap({ Int64($0) })
    else { return nil }
    let (nanoseconds, overflow) = milliseconds.multipliedReportingOverflow(by: 1_000_000)
    guard !overflow else { return nil }
    self.init(processID: processID, host: String(host), started: Timestamp(nanoseconds: nanoseconds))
  }
}

extension LockHolder: CustomStringConvertible {
  /// For an error's text.
  public var description: String {
    "process \(processID) on \(host), which took it at \(started)"
  }
}
