// What all loggers of one module share: its name, its level as an atomic that the pipeline can change at
// any time, and the way to the queue.

public import Synchronization

/// The shared part of the loggers of one module.
@usableFromInline
final class LogChannel: Sendable {
  let module: String
  let core: LogCore?
  /// The raw value of the least level that is written; `off` when none is.
  @usableFromInline let threshold: Atomic<UInt8>

  static let off: UInt8 = .max

  init(module: String, core: LogCore?, level: LogLevel?) {
    self.module = module
    self.core = core
    threshold = Atomic(level?.rawValue ?? Self.off)
  }

  func setLevel(_ level: LogLevel?) {
    threshold.store(level?.rawValue ?? Self.off, ordering: .relaxed)
  }
}
