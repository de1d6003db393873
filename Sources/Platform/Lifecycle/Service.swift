// What a part of the process that runs on its own looks like to the node that runs it.

public import Runtime

/// A part of the process that is started, runs and is stopped.
///
/// The node calls `start` once; when it returns, the service is ready and the next one is started. Then it
/// calls `run` once, and `stop` at most once, from another task. All three run on the global executor:
/// a service with loops of its own hands its work to them.
public protocol Service: Sendable {
  /// What logs and health reports call it: lower-case words joined by dots or hyphens.
  var name: String { get }

  /// Gets ready: returns when the service does its work. It should return early, by throwing, when its task is
  /// cancelled, which happens when the node is stopped meanwhile.
  func start() async throws

  /// Does the work, or waits while others do it. Returning without having been asked to stop is a crash, as
  /// is throwing. Its task is cancelled when `stop` has returned.
  func run() async throws

  /// Takes no more work, finishes what it has and lets `run` return; what is not finished at `deadline` is
  /// abandoned, for the process ends then.
  func stop(deadline: MonotonicInstant) async
}

extension Service {
  /// Ready as it is.
  public func start() async throws {}

  /// Waits until it is cancelled: for services whose work is done by threads of their own.
  public func run() async throws {
    let (waiting, end) = AsyncStream.makeStream(of: Never.self)
    await withTaskCancellationHandler {
      for await _ in waiting {}
    } onCancel: {
      end.finish()
    }
  }

  /// Nothing to do: `run` ends by being cancelled.
  public func stop(deadline: MonotonicInstant) async {}
}
