// What every line of a task says without being told. A task-local value: child tasks inherit it, detached
// ones do not. Reading it costs tens of nanoseconds and happens only for lines that are written.

/// What the lines logged under a task have in common.
public struct LogContext: Sendable {
  /// The request the task works for.
  public var requestID: RequestID?
  /// Fields for every line.
  public var fields: LogFields
  /// Names the request where `requestID` does not: for tasks that serve one request after another.
  public var serving: CurrentRequest?

  /// A context for one request.
  public init(requestID: RequestID? = nil, fields: LogFields = [:]) {
    self.requestID = requestID
    self.fields = fields
  }

  /// The context of the running task.
  @TaskLocal public static var current: LogContext?

  /// Runs `operation` so that every line logged under it carries the identifier that `request` has at that moment.
  public static func with<Result>(
    _ request: CurrentRequest, _ operation: () async -> Result
  ) async -> Result {
    var context = current ?? LogContext()
    context.serving = request
    return await $current.withValue(context) { await operation() }
  }

  /// Runs `operation` so that every line logged under it carries the request's identifier.
  public static func with<Result, Failure: Error>(
    requestID: RequestID, _ operation: () async throws(Failure) -> Result
  ) async throws(Failure) -> Result {
    var context = current ?? LogContext()
    context.requestID = requestID
    // `withValue` rethrows untyped; carrying the outcome out as a value keeps the error's type.
    let outcome: Swift.Result<Result, Failure> = await $current.withValue(context) {
      do throws(Failure) { return .success(try await operation()) } catch { return .failure(error) }
    }
    return try outcome.get()
  }
}
